//! Where an image lives and what it is called, as far as nothing in the configuration says so.

use serde_json::json;

use super::image::of_file;
use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;

#[test]
fn an_image_lives_in_its_project_and_moves_by_replacement() {
    let Some(lab) = Lab::start() else { return };
    for project in ["one", "two"] {
        let features = json!({"features.images": "true"});
        lab.api().post("/1.0/projects", &json!({"name": project, "config": features}));
    }
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&files, json!({"project": "one"})));
    assert_eq!(image.value("id"), format!("local:one/{}", files.fingerprint));
    assert!(lab.api().has("/1.0/images/aliases/alpine?project=one"));
    lab.has_no_images();

    let elsewhere = of_file(&files, json!({"project": "two"}));
    image.plan(&elsewhere).replaces_for("project").shows("fingerprint", files.fingerprint.as_str());
    image.apply(&elsewhere);
    assert!(!lab.api().has("/1.0/images/aliases/alpine?project=one"));
    assert!(lab.api().has("/1.0/images/aliases/alpine?project=two"));
    image.plan(&of_file(&files, json!({"project": UNKNOWN}))).replaces_for("project").shows("id", UNKNOWN);

    let mut same = core.resource("incus_image");
    same.import("local:two/alias=alpine");
    assert_eq!(same.value("project"), "two");
    same.plan(&json!({"alias": "alpine", "project": "two"})).is_noop();
    image.destroy();
    assert!(!lab.api().has("/1.0/images/aliases/alpine?project=two"));
}

#[test]
fn the_state_wins_over_a_default_that_changes() {
    let Some(lab) = Lab::start() else { return };
    lab.api().post("/1.0/projects", &json!({"name": "one", "config": {"features.images": "true"}}));
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let config = of_file(&files, json!({}));
    let mut image = core.resource("incus_image");
    image.apply(&config);
    let elsewhere = json!({"name": "elsewhere", "address": "unix:///nonexistent"});
    core.configure(&json!({"project": "one", "default_remote": "elsewhere", "remote": [elsewhere]}));
    image.plan(&config).is_noop();
    assert_eq!((image.value("remote"), image.value("project")), (json!("local"), json!("default")));

    core.configure(&json!({"project": "one"}));
    let mut another = core.resource("incus_image");
    another.apply(&config);
    assert_eq!(another.value("project"), "one");
    another.destroy();
    image.destroy();
    lab.has_no_images();
}

#[test]
fn an_image_needs_no_name() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let nameless = json!({"source": files.source});
    let mut image = core.resource("incus_image");
    image.apply(&nameless);
    assert_eq!(lab.api().images()[0]["aliases"], json!([]));
    // A name is given and, since the provider may set it too, kept.
    image.apply(&json!({"source": files.source, "alias": "alpine"}));
    image.apply(&nameless);
    assert_eq!(image.value("alias"), "alpine");
    image.destroy();
    lab.has_no_images();
}

#[test]
fn a_name_keeps_its_description_when_it_is_changed() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&files, json!({"aliases": ["edge"]})));
    lab.api().patch("/1.0/images/aliases/alpine", &json!({"description": "stable"}));
    lab.api().patch("/1.0/images/aliases/edge", &json!({"description": "moving"}));

    image.apply(&of_file(&files, json!({"alias": "edge", "aliases": ["alpine"]})));
    image.apply(&of_file(&files, json!({"alias": "edge", "aliases": []})));
    image.apply(&of_file(&files, json!({"alias": "latest", "aliases": []})));
    let all = json!([{"name": "latest", "description": "moving"}]);
    assert_eq!(image.value("all_aliases"), all);
    assert_eq!(lab.image("latest")["aliases"], all);
    image.destroy();
}

#[test]
fn the_root_half_is_found_beside_the_metadata() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().split("alpine");
    let beside = format!("{}.root", files.source.display());
    std::fs::copy(files.rootfs.as_ref().unwrap(), &beside).unwrap();
    let config = json!({"alias": "alpine", "source": files.source});
    let mut image = core.resource("incus_image");
    image.plan(&config).shows("fingerprint", files.fingerprint.as_str());
    image.apply(&config);
    assert_eq!(lab.image("alpine")["fingerprint"], files.fingerprint);
    // The same content, said explicitly.
    image.apply(&of_file(&files, json!({})));
    image.apply(&config).destroy();
    lab.has_no_images();
}

#[test]
fn the_same_content_twice_is_an_error_that_offers_a_name() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let (mut first, mut second) = (core.resource("incus_image"), core.resource("incus_image"));
    first.apply(&of_file(&files, json!({})));
    let failed = second.apply_failing(&of_file(&files, json!({"alias": "second"})));
    failed.during("ApplyResourceChange").says("`aliases`");
    assert!(!second.exists());
    first.plan(&of_file(&files, json!({}))).is_noop();
    first.destroy();
    lab.has_no_images();
}
