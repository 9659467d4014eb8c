//! The data source `incus_images`, read as core reads it.

use serde_json::json;

use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;

#[test]
fn the_images_of_a_server_are_listed_newest_first_every_time() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let none = core.read_data("incus_images", &json!({}));
    assert_eq!((&none["images"], &none["fingerprints"]), (&json!([]), &json!([])));

    // Uploaded in another order than made; two of the same age are sorted by fingerprint.
    let images = lab.images();
    let made = |version, name| {
        let files = images.clone().version(version).unified(name);
        lab.incus(["image", "import", files.source.to_str().unwrap(), "--alias", name]);
        files.fingerprint
    };
    let (middle, newest, oldest, as_old) = (made(2, "two"), made(3, "three"), made(1, "one"), made(1, "also-one"));
    let (first, second) = if oldest < as_old { (oldest, as_old) } else { (as_old, oldest) };
    let found = core.read_data("incus_images", &json!({}));
    assert_eq!(found["fingerprints"], json!([newest, middle, first, second]));
    let listed: Vec<_> = found["images"].as_array().unwrap().iter().map(|image| image["fingerprint"].clone()).collect();
    assert_eq!(json!(listed), found["fingerprints"]);
    assert_eq!(found["images"][0]["aliases"], json!([{"name": "three", "description": ""}]));
    assert_eq!(found["images"][0]["properties"], lab.image("three")["properties"]);

    assert_eq!(core.read_data("incus_images", &json!({})), found, "the same every time");
    let place = json!({"remote": "local", "project": "default"});
    assert_eq!(core.read_data("incus_images", &place)["images"], found["images"]);
}

#[test]
fn a_list_that_cannot_be_had_is_an_error() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    core.validate_data("incus_images", &json!({"remote": UNKNOWN, "project": UNKNOWN}));
    core.read_data_failing("incus_images", &json!({"remote": "lokal"})).says("lokal");
    core.read_data_failing("incus_images", &json!({"project": "missing"})).says("Project not found");
}
