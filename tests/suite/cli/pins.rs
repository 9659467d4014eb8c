//! `fingerprint`: the content is exactly this, whatever its source has become and whatever others do.

use super::{ALPINE, alpine, upstream};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// A copy of this image of `upstream`, or of what the name stands for.
fn copy(server: &SimplestreamsServer, pin: Option<&ImageFiles>) -> String {
    let pin = pin.map_or(String::new(), |image| format!("fingerprint = \"{}\"", image.fingerprint));
    let arguments = format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  {pin}");
    format!("{}{}", upstream(server.url()), alpine(&arguments))
}

#[test]
fn a_file_with_the_pinned_content_is_taken() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let with = |pin: &str| alpine(&format!("alias = \"alpine\"\n  {}\n  {pin}", image.arguments()));
    let pin = format!("fingerprint = \"{}\"", image.fingerprint);
    let run = lab.terraform(&with(&pin));
    run.settles();
    let held = lab.image("alpine");
    assert_eq!(held["fingerprint"], image.fingerprint);
    for words in ["", &pin] {
        run.config(&with(words)).plan().is_empty();
    }
    assert_eq!(lab.image("alpine"), held);
}

#[test]
fn a_pin_that_is_taken_out_brings_nothing_newer_in() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let run = lab.terraform(&copy(&server, Some(&first)));
    run.settles();
    let held = lab.image("alpine");
    server.publish("alpine/edge", &lab.images().version(2).split("alpine"));
    run.config(&copy(&server, None)).plan().is_empty();
    assert_eq!(lab.image("alpine"), held);
}

#[test]
fn a_pinned_image_that_others_deleted_is_brought_back_exactly() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let run = lab.terraform(&copy(&server, Some(&first)));
    run.settles();
    server.publish("alpine/edge", &lab.images().version(2).split("alpine"));
    lab.forget_simplestreams();
    lab.incus(["image", "delete", "alpine"]);
    run.plan().creates(ALPINE).shows(&first.fingerprint);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], first.fingerprint);
}

#[test]
fn an_imported_image_makes_way_for_the_pinned_one() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("theirs"));
    let wanted = lab.images().split("alpine");
    server.publish("alpine/edge", &wanted);
    let run = lab.terraform(&copy(&server, Some(&wanted)));
    run.import(ALPINE, "alias=alpine").succeeds();
    run.plan().updates(ALPINE).shows(&wanted.fingerprint);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], wanted.fingerprint);
    assert_eq!(lab.api().images(), [lab.image("alpine")], "what was imported is ours, and goes");
}

#[test]
fn a_pin_without_a_source_can_not_bring_other_content() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let pinned = |fingerprint: &str| alpine(&format!("alias = \"alpine\"\n  fingerprint = \"{fingerprint}\""));
    let run = lab.terraform(&pinned(&image.fingerprint));
    run.settles();
    let held = lab.image("alpine");
    run.config(&pinned(&"0".repeat(64))).plan().fails_with("Unable to bring in other content without a source");
    run.config(&pinned(&image.fingerprint)).plan().is_empty();
    assert_eq!(lab.image("alpine"), held);
}
