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

    let names = ["one", "two", "three"];
    let fingerprints = names.map(|name| {
        let files = lab.images().unified(name);
        lab.incus(["image", "import", files.source.to_str().unwrap(), "--alias", name]);
        files.fingerprint
    });
    let found = core.read_data("incus_images", &json!({}));
    let mut listed: Vec<_> = found["fingerprints"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for (image, fingerprint) in found["images"].as_array().unwrap().iter().zip(&listed) {
        assert_eq!(image["fingerprint"], *fingerprint, "both lists have one order");
    }
    let when = |image: &serde_json::Value| image["uploaded_at"].as_str().unwrap().to_owned();
    assert!(found["images"].as_array().unwrap().is_sorted_by_key(|image| std::cmp::Reverse(when(image))));
    listed.sort_unstable();
    let mut expected = fingerprints.clone();
    expected.sort_unstable();
    assert_eq!(listed, expected);
    assert_eq!(core.read_data("incus_images", &json!({})), found);
    assert_eq!(
        core.read_data("incus_images", &json!({"remote": "local", "project": "default"}))["images"],
        found["images"]
    );
}

#[test]
fn a_list_that_cannot_be_had_is_an_error() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    core.validate_data("incus_images", &json!({"remote": UNKNOWN, "project": UNKNOWN}));
    core.read_data_failing("incus_images", &json!({"remote": "lokal"})).says("lokal");
    core.read_data_failing("incus_images", &json!({"project": "missing"})).says("missing");
}
