//! A server that follows the source of an image puts a newer one in its place, under another fingerprint.

use serde_json::json;

use super::{ALPINE, alpine, upstream};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn the_resource_follows_the_image() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let arguments = "alias = \"alpine\"
  source = \"upstream:alpine/edge\"
  auto_update = true
  properties = { os = \"Mine\" }
  expires_at = \"2099-01-01T00:00:00Z\"";
    let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(arguments)));
    run.settles();

    let second = lab.images().version(2).split("alpine");
    server.publish("alpine/edge", &second);
    lab.forget_simplestreams();
    lab.api().post(&format!("/1.0/images/{}/refresh", first.fingerprint), &json!({}));
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);
    assert_ne!(lab.image("alpine")["properties"], json!({"os": "Mine"}), "the server loses them");

    let plan = run.plan();
    plan.updates(ALPINE).shows("\"os\"");
    let change = plan.change(ALPINE);
    assert_eq!(change["before"]["fingerprint"], second.fingerprint);
    assert_eq!(change["after"]["fingerprint"], second.fingerprint);
    run.settles();
    let held = lab.image("alpine");
    assert_eq!(held["properties"], json!({"os": "Mine"}));
    assert_eq!(held["expires_at"], "2099-01-01T00:00:00Z");
    assert_eq!(run.state(ALPINE)["fingerprint"], second.fingerprint);
    assert_eq!(lab.api().images().len(), 1);

    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn the_newer_image_is_the_one_that_is_destroyed() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let arguments = "alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  auto_update = true";
    let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(arguments)));
    run.settles();
    server.publish("alpine/edge", &lab.images().version(2).split("alpine"));
    lab.forget_simplestreams();
    lab.api().post(&format!("/1.0/images/{}/refresh", first.fingerprint), &json!({}));
    run.run(["destroy", "-refresh=false", "-input=false", "-no-color", "-auto-approve"]).succeeds();
    lab.has_no_images();
}

#[test]
fn auto_update_is_switched_in_place() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let with = |more: &str| {
        let arguments = format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  {more}");
        format!("{}{}", upstream(server.url()), alpine(&arguments))
    };
    let run = lab.terraform(&with(""));
    run.settles();
    let before = lab.image("alpine");
    assert_eq!(before["auto_update"], false);
    run.config(&with("auto_update = true")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["auto_update"], true);
    run.config(&with("")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), before);
}

#[test]
fn what_others_did_to_auto_update_is_undone() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    for configured in [true, false] {
        let arguments =
            format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  auto_update = {configured}");
        let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(&arguments)));
        run.settles();
        let held = lab.image("alpine");
        assert_eq!(held["auto_update"], configured);
        lab.edit("alpine", |image| image["auto_update"] = json!(!configured));
        run.plan().updates(ALPINE).shows("auto_update");
        run.settles();
        assert_eq!(lab.image("alpine"), held);
        run.destroy().succeeds();
    }
}

#[test]
fn newer_content_is_looked_after_from_the_beginning_until_it_is_not() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let published = |version: u64| {
        let image = lab.images().version(version).split("alpine");
        server.publish("alpine/edge", &image);
        image.fingerprint
    };
    let copy = |refresh: &str| {
        let arguments = format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  {refresh}");
        format!("{}{}", upstream(server.url()), alpine(&arguments))
    };
    let first = published(1);
    let run = lab.terraform(&copy("refresh = true"));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], first);
    let second = published(2);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second);

    run.config(&copy("")).plan().updates(ALPINE).shows("true -> false");
    run.settles();
    published(3);
    run.plan().is_empty();
    assert_eq!(lab.image("alpine")["fingerprint"], second);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn another_source_is_settled_without_another_look_at_it() {
    let (server, mirror) = (SimplestreamsServer::start(), SimplestreamsServer::start());
    let Some(lab) = Lab::start() else { return };
    let (first, other) = (lab.images().split("alpine"), lab.images().version(2).split("other"));
    server.publish("alpine/edge", &first);
    server.publish("other", &other);
    mirror.publish("alpine/edge", &first);
    let remotes = upstream(server.url()).replace(
        "  remote {",
        &format!("  remote {{\n    name = \"mirror\"\n    address = \"{}\"\n    protocol = \"simplestreams\"\n  }}\n  remote {{", mirror.url()),
    );
    let copy = |source: &str| {
        format!("{remotes}{}", alpine(&format!("alias = \"alpine\"\n  source = \"{source}\"\n  refresh = true")))
    };
    let run = lab.terraform(&copy("upstream:alpine/edge"));
    let unread = || {
        let plan = ["plan", "-refresh=false", "-detailed-exitcode", "-input=false", "-no-color"];
        run.run(plan).succeeds().shows("No changes");
    };
    run.settles();
    // The content is there already, while the name has got newer content.
    server.publish("alpine/edge", &lab.images().version(3).split("newer"));
    run.config(&copy("mirror:alpine/edge")).apply().succeeds();
    assert_eq!(lab.image("alpine")["fingerprint"], first.fingerprint);
    unread();
    run.config(&copy("upstream:other")).apply().succeeds();
    assert_eq!(lab.image("alpine")["fingerprint"], other.fingerprint);
    unread();
}

#[test]
fn newer_content_is_swapped_in_where_it_is_looked_after() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let copy = |refresh: &str| {
        format!(
            "{}{}",
            upstream(server.url()),
            alpine(&format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  {refresh}"))
        )
    };
    let run = lab.terraform(&copy(""));
    run.settles();
    let second = lab.images().version(2).split("alpine");
    server.publish("alpine/edge", &second);
    run.plan().is_empty();

    run.config(&copy("refresh = true")).apply().succeeds();
    assert_eq!(lab.image("alpine")["fingerprint"], first.fingerprint, "the switch itself brings nothing in");
    // The daemon still trusts its own, older copy of the index.
    run.plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);

    // And then also the copies that it made to get around that, one for each version.
    for version in 3..=5 {
        let newer = lab.images().version(version).split("alpine");
        server.publish("alpine/edge", &newer);
        run.settles();
        assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
    }
    let (held, newest) = (lab.image("alpine"), lab.images().version(6).split("alpine"));
    server.publish("alpine/edge", &newest);
    run.apply().succeeds().shows("Warning: Unable to copy").shows("The image keeps the content that it has until then");
    assert_eq!(lab.image("alpine"), held);
    lab.forget_simplestreams();
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], newest.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}
