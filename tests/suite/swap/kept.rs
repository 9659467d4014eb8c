//! What the new image takes over from the old one, what it brings itself, and what becomes of names that others gave.

use std::fs;

use serde_json::json;

use super::{ALPINE, alpine, in_service, upstream, version};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn configured_settings_go_to_the_new_image() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    lab.incus(["profile", "create", "small"]);
    let settings = "properties = { os = \"Mine\" }
  public = true
  profiles = [\"small\"]
  expires_at = \"2099-12-31T23:59:59Z\"";
    run.config(&alpine(&version(&lab, 1), settings)).settles();
    for alias in ["alpine", "alpine%2Fedge"] {
        lab.api().patch(&format!("/1.0/images/aliases/{alias}"), &json!({"description": "What we run"}));
    }
    let new = version(&lab, 2);
    run.settles();

    let held = lab.image("alpine");
    assert_eq!(held["fingerprint"], new.fingerprint);
    assert_eq!(held["properties"], json!({"os": "Mine"}));
    assert_eq!(held["public"], true);
    assert_eq!(held["profiles"], json!(["small"]));
    assert_eq!(held["expires_at"], "2099-12-31T23:59:59Z");
    for alias in held["aliases"].as_array().unwrap() {
        assert_eq!(alias["description"], "What we run");
    }
    assert_eq!(lab.image("alpine/edge"), held);
    assert_eq!(lab.api().images(), [held], "the old image is gone");
}

#[test]
fn unset_properties_are_the_new_images_own() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    lab.edit("alpine", |image| image["properties"]["note"] = json!("of the old one"));
    version(&lab, 2);
    run.settles();
    let properties = lab.image("alpine")["properties"].clone();
    assert_eq!(properties["description"], "Tiny alpine, version 2");
    assert_eq!(properties.get("note"), None);
    assert_eq!(run.state(ALPINE)["properties"], properties);
}

#[test]
fn a_swap_can_go_back_and_forth() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    let first = lab.image("alpine");
    for number in [2, 1, 2, 1] {
        let image = version(&lab, number);
        run.settles();
        assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
        assert_eq!(lab.api().images().len(), 1);
    }
    assert_eq!(lab.image("alpine")["properties"], first["properties"]);
}

#[test]
fn the_same_content_by_another_path_is_not_sent() {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run) = in_service(&lab);
    let mut image = version(&lab, 1);
    let held = lab.image("alpine");
    let elsewhere = lab.path("files/elsewhere.tar.gz");
    fs::copy(&image.source, &elsewhere).unwrap();
    image.source = elsewhere;
    run.config(&alpine(&image, "")).settles();
    assert_eq!(proxy.take_writes(), Vec::<String>::new());
    assert_eq!(lab.image("alpine"), held);
}

#[test]
fn the_same_content_under_another_name_of_the_server_changes_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    let copy = |name: &str| {
        let more = "public = true\n  properties = { os = \"Mine\" }";
        upstream(server.url(), &format!("source = \"upstream:{name}\"\n  {more}"))
    };
    let run = lab.terraform(&copy("alpine"));
    run.settles();
    lab.api().patch("/1.0/images/aliases/alpine", &json!({"description": "What we run"}));
    run.plan();
    let held = lab.image("alpine");
    run.config(&copy("alpine/amd64")).settles();
    assert_eq!(lab.image("alpine"), held);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn names_of_others_stay_on_the_old_image_which_is_then_forgotten() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    let old = version(&lab, 1);
    lab.incus(["image", "alias", "create", "theirs", &old.fingerprint]);
    run.plan().is_empty();
    let new = version(&lab, 2);
    let applied = run.settles();
    applied.shows("The old image was not deleted").shows("theirs").shows("It is no longer under management");
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    assert_eq!(lab.image("alpine/edge")["fingerprint"], new.fingerprint);
    let theirs = lab.image("theirs");
    assert_eq!(theirs["fingerprint"], old.fingerprint);
    assert_eq!(theirs["aliases"], json!([{"name": "theirs", "description": ""}]));

    run.destroy().succeeds();
    assert_eq!(lab.api().images(), [theirs], "nobody touches it any more");
}

#[test]
fn names_may_change_with_the_content() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    let arguments = version(&lab, 2).arguments();
    let config = format!(
        "resource \"incus_image\" \"alpine\" {{\n  alias = \"edge\"\n  aliases = [\"alpine\"]\n  {arguments}\n}}\n"
    );
    run.config(&config).settles();
    let held = lab.image("edge");
    assert_eq!(lab.image("alpine"), held);
    assert!(!lab.api().has("/1.0/images/aliases/alpine%2Fedge"), "the name that nobody wants is gone");
    assert_eq!(lab.api().images(), [held]);
}
