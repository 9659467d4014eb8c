//! How much a look-up asks for.

use serde_json::{Value as Json, json};

use crate::support::core::Core;
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;

#[test]
fn a_thousand_images_are_one_request() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let original = lab.image("alpine");
    let image = |number: usize| {
        let mut image = original.clone();
        image["fingerprint"] = format!("{number:064x}").into();
        image["aliases"][0]["name"] = format!("alpine-{number}").into();
        image
    };
    let thousand: Vec<Json> = (0..1000).map(image).collect();
    let proxy = Proxy::start(&lab);
    for (lookup, address) in [
        ("data \"incus_images\" \"found\" { name_regex = \"^alpine-7..$\" }", "data.incus_images.found"),
        ("data \"incus_image\" \"found\" { alias = \"alpine-777\" }", "data.incus_image.found"),
    ] {
        proxy.on("GET", "/1.0/images").answers(&json!(thousand));
        let run = proxy.terraform(&lab, lookup);
        run.apply().succeeds();
        assert_eq!(proxy.take_requests(), ["GET /1.0/images"]);
        let found = run.state(address);
        match found["fingerprints"].as_array() {
            Some(all) => assert_eq!((all.len(), &all[0]), (100, &json!(format!("{:064x}", 700)))),
            None => assert_eq!(found["fingerprint"], json!(format!("{:064x}", 777))),
        }
    }
}

/// After a write of ours, what was listed before is old.
#[test]
fn a_look_up_sees_what_was_made_before_it() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let listed = || core.read_data("incus_images", &json!({}))["fingerprints"].clone();
    assert_eq!(listed(), json!([]));
    let files = lab.images().unified("alpine");
    core.resource("incus_image").apply(&json!({"alias": "alpine", "source": files.source}));
    assert_eq!(listed(), json!([files.fingerprint]));
}

#[test]
fn an_image_that_is_not_found_is_one_request_too() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, "data \"incus_image\" \"found\" { alias = \"alpien\" }");
    run.plan().fails_with("Most like it are: alpine");
    assert_eq!(proxy.take_requests(), ["GET /1.0/images"]);
}
