//! `vm` and `architecture`: which of the images of one name is meant.

use super::{ALPINE, alpine, upstream};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// A copy of the image of the name `alpine/edge` that these arguments select.
fn copy(server: &SimplestreamsServer, selection: &str) -> String {
    let arguments = format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  {selection}");
    format!("{}{}", upstream(server.url()), alpine(&arguments))
}

#[track_caller]
fn is_the_only_one(lab: &Lab, image: &ImageFiles) {
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
    assert_eq!(lab.api().images(), [lab.image("alpine")]);
}

#[test]
fn a_virtual_machine_that_is_no_longer_asked_for_makes_way_for_the_container() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (container, machine) = (lab.images().split("alpine"), lab.images().virtual_machine("alpine"));
    server.publish("alpine/edge", &container);
    server.publish("alpine/edge", &machine);
    let run = lab.terraform(&copy(&server, "vm = true"));
    run.settles();
    is_the_only_one(&lab, &machine);
    run.config(&copy(&server, "")).plan().updates(ALPINE).shows("true -> false");
    run.settles();
    is_the_only_one(&lab, &container);
    assert_eq!(lab.image("alpine")["type"], "container");
}

#[test]
fn another_architecture_of_the_same_name_is_another_image() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let here = lab.images().split("alpine");
    let foreign = lab.images().architecture("aarch64").split("foreign");
    server.publish("alpine/edge", &here);
    server.publish("alpine/edge", &foreign);
    let run = lab.terraform(&copy(&server, "architecture = \"arm64\""));
    run.settles();
    is_the_only_one(&lab, &foreign);
    run.config(&copy(&server, "")).plan().is_empty();
    is_the_only_one(&lab, &foreign);
    run.config(&copy(&server, "architecture = \"x86_64\"")).plan().updates(ALPINE);
    run.settles();
    is_the_only_one(&lab, &here);
    assert_eq!(lab.image("alpine")["architecture"], "x86_64");
}
