//! The life of an `incus_image`, every answer on the way held against core's rules.

use serde_json::{Value as Json, json};

use crate::support::core::{Core, UNKNOWN};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

#[test]
fn an_image_lives_from_create_to_destroy() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let with = |more: Json| of_file(&files, more);
    let mut image = core.resource("incus_image");

    let plan = image.plan(&with(json!({})));
    plan.is_create().shows("fingerprint", files.fingerprint.as_str()).shows("size", UNKNOWN);
    lab.has_no_images();
    image.apply(&with(json!({})));
    assert_eq!(image.value("fingerprint"), files.fingerprint);
    assert_eq!(image.value("properties"), lab.image("alpine")["properties"]);

    let settings = json!({
        "aliases": ["edge", "latest"], "public": true, "properties": {"os": "Tiny", "owner": "me"},
        "expires_at": "2031-01-31T01:00:00.0+01:00", "profiles": [],
    });
    image.plan(&with(settings.clone())).is_update().shows("id", image_id(&files)).shows("type", "container");
    image.apply(&with(settings.clone()));
    let there = lab.image("latest");
    assert_eq!((&there["properties"], &there["public"]), (&settings["properties"], &json!(true)));
    assert_eq!(image.value("expires_at"), "2031-01-31T01:00:00.0+01:00");
    // What is computed too stays when it is taken out of the configuration; what is not reverts.
    image.apply(&with(json!({})));
    assert_eq!(image.value("properties"), settings["properties"]);
    assert_eq!(image.value("aliases"), Json::Null);
    assert_eq!(lab.image("alpine")["aliases"].as_array().unwrap().len(), 1);

    image.destroy();
    lab.has_no_images();
    core.shutdown();
}

#[test]
fn everything_at_once_is_settled_at_once() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    for files in [lab.images().unified("one"), lab.images().split("two"), lab.images().virtual_machine("three")] {
        let everything = json!({
            "aliases": ["more"], "remote": "local", "project": "default", "fingerprint": files.fingerprint,
            "properties": {}, "public": true, "profiles": ["default"], "expires_at": "never", "auto_update": false,
            "architecture": "x86_64",
        });
        let mut image = core.resource("incus_image");
        image.apply(&of_file(&files, everything)).destroy();
        lab.has_no_images();
    }
}

#[test]
fn other_content_takes_the_place_of_the_image() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let old = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&old, json!({})));

    let new = lab.images().version(2).unified("other");
    let config = of_file(&new, json!({}));
    image.plan(&config).is_update().shows("fingerprint", new.fingerprint.as_str());
    image.apply(&config);
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    assert_eq!(lab.api().images().len(), 1);

    // The same file with other content, and the same content in another file.
    let rewritten = lab.images().version(3).unified("other");
    image.plan(&config).is_update().shows("fingerprint", rewritten.fingerprint.as_str());
    image.apply(&config);
    let copy = lab.path("files/copy.tar.gz");
    std::fs::copy(&rewritten.source, &copy).unwrap();
    let moved = ImageFiles { source: copy, ..rewritten };
    image.plan(&of_file(&moved, json!({}))).is_update();
    image.apply(&of_file(&moved, json!({})));
}

#[test]
fn an_unchanged_source_that_is_gone_is_unchanged_content() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&files, json!({})));
    std::fs::remove_file(&files.source).unwrap();
    image.plan(&of_file(&files, json!({}))).is_noop();
    image.apply(&of_file(&files, json!({"public": true})));
    assert_eq!(lab.image("alpine")["public"], true);
}

#[test]
fn drift_is_seen_and_repaired() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let config = of_file(&files, json!({"properties": {"os": "Tiny"}, "aliases": ["edge"]}));
    let mut image = core.resource("incus_image");
    image.apply(&config);

    let path = format!("/1.0/images/{}", files.fingerprint);
    lab.api().patch(&path, &json!({"properties": {"os": "Other", "owner": "them"}}));
    lab.api().delete("/1.0/images/aliases/edge");
    image.refresh();
    assert_eq!(image.value("properties"), json!({"os": "Other", "owner": "them"}));
    image.plan(&config).is_update();
    image.apply(&config);
    assert_eq!(lab.image("edge")["properties"], json!({"os": "Tiny"}));

    // A name that others give is theirs.
    lab.api().post("/1.0/images/aliases", &json!({"name": "theirs", "target": files.fingerprint}));
    image.plan(&config).is_noop();

    lab.api().delete(&path);
    image.plan(&config).is_create();
    image.apply(&config);
    lab.api().delete(&path);
    image.destroy();
}

#[test]
fn an_image_made_by_hand_is_imported() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    lab.incus(["image", "import", files.source.to_str().unwrap(), "--alias", "alpine", "--public"]);
    let core = Core::start(&lab);
    for id in [
        image_id(&files),
        files.fingerprint.clone(),
        files.fingerprint[..12].to_owned(),
        "alias=alpine".to_owned(),
        "local:default/alias=alpine".to_owned(),
    ] {
        let mut image = core.resource("incus_image");
        image.import(&id);
        assert_eq!(image.value("alias"), "alpine", "{id}");
        image.plan(&json!({"alias": "alpine"})).is_noop();
        image.plan(&json!({"fingerprint": files.fingerprint})).is_noop();
    }
    let mut image = core.resource("incus_image");
    image.import("alias=alpine");
    // A source that says where it once came from is recorded, and nothing moves.
    let uploaded = lab.image("alpine")["uploaded_at"].clone();
    image.plan(&of_file(&files, json!({}))).is_update();
    image.apply(&of_file(&files, json!({"public": true})));
    assert_eq!(lab.image("alpine")["uploaded_at"], uploaded);
    image.destroy();
    lab.has_no_images();
}

#[test]
fn what_does_not_exist_is_not_imported() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let mut image = core.resource("incus_image");
    for id in ["alias=missing", &"0".repeat(64), "nowhere:alias=alpine", "", "nonsense"] {
        image.import_failing(id).during("ImportResourceState");
        assert!(!image.exists(), "{id}");
    }
}

#[test]
fn an_error_says_where_and_loses_nothing() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let config = of_file(&files, json!({}));
    let mut image = core.resource("incus_image");
    for (argument, value) in [
        ("fingerprint", json!("ABC")),
        ("expires_at", json!("tomorrow")),
        ("project", json!("a project")),
        ("properties", json!({"os": ""})),
    ] {
        let failed = image.plan_failing(&of_file(&files, json!({argument: value})));
        failed.during("ValidateResourceTypeConfig").at(if argument == "properties" {
            "properties[\"os\"]"
        } else {
            argument
        });
    }
    image.plan_failing(&json!({"aliases": []})).during("ValidateResourceTypeConfig");
    image.plan_failing(&of_file(&files, json!({"fingerprint": "0".repeat(64)}))).at("fingerprint");
    image.plan_failing(&of_file(&files, json!({"remote": "lokal"}))).at("remote").says("lokal");

    let missing = ImageFiles { source: lab.path("files/missing.tar.gz"), ..files.clone() };
    image.plan(&of_file(&missing, json!({}))).is_create().says("missing.tar.gz");
    let failed = image.apply_failing(&of_file(&missing, json!({})));
    failed.during("ApplyResourceChange").says("missing.tar.gz").at("source");
    assert!(!image.exists());
    lab.has_no_images();

    // What shows only once the image is there takes it away again.
    let failed = image.apply_failing(&of_file(&files, json!({"architecture": "aarch64"})));
    failed.during("ApplyResourceChange").at("architecture");
    assert!(!image.exists());
    lab.has_no_images();

    image.apply(&config);
    let mut second = core.resource("incus_image");
    let other = lab.images().version(2).unified("other");
    second.apply_failing(&of_file(&other, json!({}))).during("ApplyResourceChange").says("alpine");
    assert!(!second.exists());
    assert_eq!(lab.api().images().len(), 1, "the image of a taken name is taken away again");

    // A failed update keeps the state: the wanted name belongs to another image.
    let config_of_other = of_file(&other, json!({"alias": "other"}));
    second.apply(&config_of_other);
    let failed = second.apply_failing(&of_file(&other, json!({"alias": "other", "aliases": ["alpine"]})));
    failed.during("ApplyResourceChange").says("alpine");
    assert_eq!(second.value("alias"), "other");
    assert_eq!(lab.image("alpine")["fingerprint"], files.fingerprint);
    second.apply(&config_of_other).destroy();
    image.destroy();
    lab.has_no_images();
}

#[test]
fn a_server_that_cannot_be_reached_loses_nothing() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let config = of_file(&lab.images().unified("alpine"), json!({}));
    let mut image = core.resource("incus_image");
    image.apply(&config);
    core.configure(&json!({"remote": [{"name": "local", "address": "unix:///nonexistent"}]}));
    image.refresh_failing().during("ReadResource").says("/nonexistent");
    image.plan_failing(&config).during("ReadResource");
    image.destroy_failing().during("ReadResource");
    assert!(image.exists());
    let mut another = core.resource("incus_image");
    another.apply_failing(&config).says("/nonexistent");
    assert!(!another.exists());
    core.configure(&json!({}));
    image.plan(&config).is_noop();
    image.destroy();
    lab.has_no_images();
}

/// The configuration of an image from files that is called `alpine` unless `more` says otherwise.
#[allow(clippy::needless_pass_by_value)] // So that a literal can stand in its place.
pub(super) fn of_file(files: &ImageFiles, more: Json) -> Json {
    let mut config = json!({"alias": "alpine", "source": files.source, "rootfs": files.rootfs});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn image_id(files: &ImageFiles) -> String {
    format!("local:default/{}", files.fingerprint)
}
