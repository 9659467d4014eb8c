//! The data source `incus_images` without a filter.

use serde_json::Value;

use super::TOLD;
use crate::support::lab::Lab;

const ALL: &str = "data.incus_images.all";

#[test]
fn every_image_is_listed_the_newest_first() {
    let Some(lab) = Lab::start() else { return };
    // Uploaded in another order than that of their age.
    let age = |version: u64| lab.images().version(version).unified("alpine");
    for version in [2, 4, 1, 3] {
        lab.by_hand(&format!("alpine-{version}"), &age(version));
    }
    lab.incus(["image", "alias", "create", "current", &age(4).fingerprint]);
    lab.by_hand("machine", &lab.images().version(5).virtual_machine("machine"));
    let run = lab.terraform("data \"incus_images\" \"all\" {}");
    run.settles();

    let mut held = lab.api().images();
    held.sort_by_key(|image| std::cmp::Reverse(image["created_at"].to_string()));
    let listed = run.state(ALL);
    assert_eq!(listed["images"].as_array().unwrap().len(), held.len());
    for (image, held) in listed["images"].as_array().unwrap().iter().zip(&held) {
        for same in TOLD {
            assert_eq!(image[same], held[same], "{same} of {image:#}");
        }
        assert_eq!(image["architecture"], held["architecture"]);
        assert_eq!(image["expires_at"], "never");
        assert!(image["last_used_at"].is_null() && image["update_source"].is_null(), "{image:#}");
    }
    let fingerprints: Vec<_> = held.iter().map(|image| image["fingerprint"].clone()).collect();
    assert_eq!(listed["fingerprints"], Value::from(fingerprints));
    assert_eq!(listed["remote"], "local");
    assert_eq!(listed["project"], "default");
    for _ in 0..3 {
        run.plan().is_empty();
        run.apply().succeeds();
        assert_eq!(run.state(ALL), listed, "the same order every time");
    }
}

#[test]
fn a_project_without_images_gives_an_empty_list() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform("data \"incus_images\" \"all\" { project = \"web\" }");
    run.settles();
    assert_eq!(run.state(ALL)["images"], Value::from(Vec::<Value>::new()));
    assert_eq!(run.state(ALL)["fingerprints"], Value::from(Vec::<Value>::new()));
}

#[test]
fn what_can_not_be_listed_is_an_error() {
    let Some(lab) = Lab::start() else { return };
    let list = |arguments: &str| format!("data \"incus_images\" \"all\" {{\n  {arguments}\n}}");
    let run = lab.terraform(&list("remote = \"locale\""));
    run.plan().fails_with("did you mean local?");
    run.config(&list("project = \"web\"")).plan().fails_with("Create the project first, or name another one.");
    run.config(&list("")).settles();
}
