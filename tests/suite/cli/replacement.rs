//! Replacements where the new image comes first: `create_before_destroy`.

use serde_json::json;

use super::{ALPINE, alpine, upstream};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_replacement_comes_first_where_it_is_wanted_so() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let image = lab.images().unified("alpine");
    let project = |name: &str| {
        let arguments = format!("alias = \"alpine\"\n  project = \"{name}\"\n  {}", image.arguments());
        alpine(&format!("{arguments}\n  lifecycle {{ create_before_destroy = true }}"))
    };
    let run = lab.terraform(&project("default"));
    run.settles();
    run.config(&project("web"));
    assert_eq!(run.plan().change(ALPINE)["actions"], json!(["create", "delete"]));
    run.settles();
    lab.has_no_images();
    assert!(lab.api().has(&format!("/1.0/images/{}?project=web", image.fingerprint)));
}

#[test]
fn a_replacement_comes_first_under_the_same_name_only_where_it_may_take_it_over() {
    let Some(lab) = Lab::start() else { return };
    let older = lab.images().unified("alpine");
    let named = |more: &str| {
        let arguments = format!("alias = \"alpine\"\n  {}\n  {more}", older.arguments());
        alpine(&format!("{arguments}\n  lifecycle {{ create_before_destroy = true }}"))
    };
    let replace = ["apply", "-replace=incus_image.alpine", "-input=false", "-no-color", "-auto-approve"];
    let run = lab.terraform(&named(""));
    run.settles();
    let held = lab.image("alpine");
    let newer = lab.images().version(2).unified("alpine");
    run.run(replace).fails_with("The alias alpine is taken");
    assert_eq!(lab.api().images(), [held]);
    assert_eq!(run.state(ALPINE)["fingerprint"], older.fingerprint);

    run.config(&named("alias_conflict = \"take_over\""))
        .run(replace)
        .succeeds()
        .shows("1 added, 0 changed, 1 destroyed");
    run.plan().is_empty();
    assert_eq!(lab.api().images(), [lab.image("alpine")]);
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
}

#[test]
fn a_replacement_with_the_same_content_keeps_the_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let arguments = "alias = \"alpine\"\n  alias_conflict = \"take_over\"\n  adopt_existing = true";
    let order = "lifecycle { create_before_destroy = true }";
    let run = lab.terraform(&alpine(&format!("{arguments}\n  {}\n  {order}", image.arguments())));
    run.settles();
    run.run(["apply", "-replace=incus_image.alpine", "-input=false", "-no-color", "-auto-approve"]).succeeds();
    run.plan().is_empty();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

/// A cached copy can't be adopted for good, so the replacement brings the same content in anew.
#[test]
fn a_replacement_of_a_cached_copy_is_not_destroyed_with_it() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    lab.caches(&server, "alpine");
    lab.incus(["image", "alias", "create", "alpine", &image.fingerprint]);
    let arguments = "alias = \"alpine\"\n  alias_conflict = \"take_over\"\n  source = \"upstream:alpine\"";
    let order = "lifecycle { create_before_destroy = true }";
    let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(&format!("{arguments}\n  {order}"))));
    run.import(ALPINE, "local:default/alias=alpine").succeeds();
    run.settles();
    assert_eq!(lab.image("alpine")["cached"], true);
    run.run(["apply", "-replace=incus_image.alpine", "-input=false", "-no-color", "-auto-approve"]).succeeds();
    run.plan().is_empty();
    assert_eq!(lab.image("alpine")["cached"], false);
    run.destroy().succeeds();
    lab.has_no_images();
}
