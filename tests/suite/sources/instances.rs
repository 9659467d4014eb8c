//! Images made of instances and snapshots.

use serde_json::json;

use super::{IMAGE, image};
use crate::support::lab::Lab;

#[test]
fn an_instance_becomes_an_image_and_another_one_when_a_trigger_changes() {
    let Some(lab) = Lab::start() else { return };
    lab.instance("web", "default");
    let published = |version: &str, more: &str| {
        image(&format!(
            "alias = \"web\"\n  source_instance = \"web\"\n  triggers = {{ version = \"{version}\" }}\n  {more}"
        ))
    };
    let run = lab.terraform(&published("1", "properties = { os = \"Mine\" }\n  profiles = []\n  public = true"));
    run.plan().creates(IMAGE).shows("fingerprint = (known after apply)");
    run.settles();
    let first = lab.image("web");
    assert_eq!((&first["type"], &first["public"]), (&json!("container"), &json!(true)));
    assert_eq!(first["properties"], json!({"os": "Mine"}));
    assert_eq!(first["profiles"], json!([]), "publishing knows no profiles");
    assert_eq!(run.state(IMAGE)["source_instance"], "web");

    run.config(&published("1", "compression = \"none\"\n  expires_at = \"2099-01-01T00:00:00Z\"")).settles();
    assert_eq!(lab.image("web")["fingerprint"], first["fingerprint"], "compression counts for the next time");
    run.config(&published("2", "compression = \"none\"\n  expires_at = \"2099-01-01T00:00:00Z\""));
    run.plan().updates(IMAGE).shows("(known after apply)");
    run.settles();
    let second = lab.image("web");
    assert_ne!(second["fingerprint"], first["fingerprint"]);
    assert_eq!(second["expires_at"], "2099-01-01T00:00:00Z");
    assert!(second["size"].as_u64() > first["size"].as_u64(), "it is not compressed");
    assert_eq!(lab.api().images().len(), 2, "the instance's own image and this one");

    run.destroy().succeeds();
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_snapshot_becomes_an_image() {
    let Some(lab) = Lab::start() else { return };
    lab.instance("web", "default");
    lab.incus(["snapshot", "create", "web", "before"]);
    let run = lab.terraform(&image("alias = \"web\"\n  source_instance = \"web/before\""));
    run.settles();
    let first = lab.image("web")["fingerprint"].clone();
    run.config(&image("alias = \"web\"\n  source_instance = \"web/before\"\n  triggers = { added = \"1\" }")).settles();
    assert_eq!(lab.image("web")["fingerprint"], first, "triggers that come to an image are only recorded");
    run.config(&image("alias = \"web\"\n  source_instance = \"web\"")).plan().updates(IMAGE);
    run.settles();
    assert_ne!(lab.image("web")["fingerprint"], first);
}

#[test]
fn an_instance_of_another_project_is_published_into_this_one() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "build", "-c", "features.images=true", "-c", "features.profiles=false"]);
    lab.instance("web", "build");
    let images_of_build = || lab.api().get("/1.0/images?project=build").as_array().unwrap().len();
    let before = images_of_build();
    let run = lab.terraform(&image(
        "alias = \"web\"\n  source_instance = \"web\"\n  source_project = \"build\"\n  properties = { os = \"Mine\" }",
    ));
    run.settles();
    assert_eq!(lab.image("web")["properties"], json!({"os": "Mine"}));
    assert_eq!(lab.api().images().len(), 1);
    assert_eq!(images_of_build(), before, "nothing is left where it was made");
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn an_instance_of_a_project_without_images_of_its_own_is_published() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "build", "-c", "features.images=false", "-c", "features.profiles=false"]);
    lab.instance("web", "build");
    let run = lab.terraform(&image("alias = \"web\"\n  source_instance = \"web\"\n  source_project = \"build\""));
    run.settles();
    assert_eq!(lab.image("web")["type"], "container");
    run.destroy().succeeds();
    assert_eq!(lab.api().images().len(), 1, "the instance's own image");
}

#[test]
fn what_can_not_be_published_leaves_nothing() {
    let Some(lab) = Lab::start() else { return };
    lab.instance("web", "default");
    let images = lab.api().images().len();
    let published = |more: &str| image(&format!("alias = \"web\"\n  {more}"));

    let run = lab.terraform(&published("source_instance = \"wb\""));
    run.plan().creates(IMAGE).shows("The instance is not there").shows("There is none of that name in project default");
    run.apply().fails_with("Instance not found");
    run.config(&published("source_instance = \"web\"\n  compression = \"shrink\""))
        .apply()
        .fails_with("Unable to publish web");
    run.config(&published("source_instance = \"web\"\n  architecture = \"aarch64\""));
    run.apply().fails_with("The image is for another architecture");
    let pin = "ab".repeat(32);
    run.config(&published(&format!("source_instance = \"web\"\n  fingerprint = \"{pin}\"")));
    run.apply().fails_with("The content is not the pinned one");
    assert_eq!(lab.api().images().len(), images);
    run.config(&published("source_instance = \"web\"")).settles();
}

#[test]
fn a_published_image_can_be_pinned_afterwards() {
    let Some(lab) = Lab::start() else { return };
    lab.instance("web", "default");
    let run = lab.terraform(&image("alias = \"web\"\n  source_instance = \"web\""));
    run.settles();
    let fingerprint = lab.image("web")["fingerprint"].clone();
    run.config(&image(&format!("alias = \"web\"\n  source_instance = \"web\"\n  fingerprint = {fingerprint}")))
        .settles();
    assert_eq!(lab.image("web")["fingerprint"], fingerprint);
}

#[test]
fn a_source_for_an_imported_image_is_recorded_and_not_published() {
    let Some(lab) = Lab::start() else { return };
    lab.instance("web", "default");
    lab.incus(["publish", "web", "--alias", "web"]);
    let fingerprint = lab.image("web")["fingerprint"].clone();
    let run = lab.terraform(&image(
        "alias = \"web\"\n  source_instance = \"web\"\n  triggers = { version = \"1\" }\n  compression = \"none\"",
    ));
    run.import(IMAGE, "alias=web").succeeds();
    run.plan().updates(IMAGE);
    run.settles();
    assert_eq!(lab.image("web")["fingerprint"], fingerprint);
}
