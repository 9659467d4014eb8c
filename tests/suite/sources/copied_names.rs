//! `copy_aliases`: the names that an image has at its source.

use serde_json::{Value, json};

use super::{IMAGE, image};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

fn upstream(server: &SimplestreamsServer, arguments: &str) -> String {
    format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"upstream\"\n    address = \"{}\"\n    protocol = \"simplestreams\"\n  }}\n}}\n{}",
        server.url(),
        image(&format!("source = \"upstream:alpine/edge\"\n  {arguments}"))
    )
}

fn names(lab: &Lab) -> Vec<Value> {
    let images = lab.api().images();
    let mut names: Vec<_> = images.iter().flat_map(|image| image["aliases"].as_array().unwrap().clone()).collect();
    names.sort_by_key(|alias| alias["name"].to_string());
    names.into_iter().map(|alias| alias["name"].clone()).collect()
}

#[test]
fn they_come_and_go_with_the_argument() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let run = lab.terraform(&upstream(&server, "alias = \"mine\"\n  copy_aliases = true"));
    run.plan().shows("copied_aliases = (known after apply)");
    run.settles();
    assert_eq!(names(&lab), ["alpine/edge", "alpine/edge/amd64", "mine"]);
    assert_eq!(run.state(IMAGE)["copied_aliases"], json!(["alpine/edge", "alpine/edge/amd64"]));

    run.config(&upstream(&server, "alias = \"mine\"\n  aliases = [\"alpine/edge\"]\n  copy_aliases = true")).settles();
    assert_eq!(names(&lab), ["alpine/edge", "alpine/edge/amd64", "mine"]);
    assert_eq!(run.state(IMAGE)["copied_aliases"], json!(["alpine/edge/amd64"]));

    run.config(&upstream(&server, "alias = \"mine\"")).settles();
    assert_eq!(names(&lab), ["mine"]);
    assert_eq!(run.state(IMAGE)["copied_aliases"], json!([]));
    run.config(&upstream(&server, "alias = \"mine\"\n  copy_aliases = true")).settles();
    assert_eq!(names(&lab), ["alpine/edge", "alpine/edge/amd64", "mine"]);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn one_that_goes_missing_is_given_again() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let run = lab.terraform(&upstream(&server, "copy_aliases = true"));
    run.settles();
    lab.incus(["image", "alias", "delete", "alpine/edge"]);
    run.plan().updates(IMAGE).shows("alpine/edge");
    run.settles();
    assert_eq!(names(&lab), ["alpine/edge", "alpine/edge/amd64"]);
}

#[test]
fn they_move_with_newer_content() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let run = lab.terraform(&upstream(&server, "alias = \"mine\"\n  copy_aliases = true\n  refresh = true"));
    run.settles();
    let newer = lab.images().version(2).split("alpine");
    server.publish("alpine/edge", &newer);
    run.settles();
    assert_eq!(lab.image("alpine/edge")["fingerprint"], newer.fingerprint);
    assert_eq!(lab.image("mine")["fingerprint"], newer.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn one_of_them_that_is_taken_is_told_and_not_touched() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let theirs = lab.images().split("theirs");
    lab.by_hand("alpine/edge", &theirs);
    let run = lab.terraform(&upstream(&server, "alias = \"mine\"\n  copy_aliases = true"));
    run.apply().fails_with("The alias alpine/edge is taken").shows("copy_aliases = true");
    assert_eq!(names(&lab), ["alpine/edge"]);
    run.config(&upstream(&server, "alias = \"mine\"\n  copy_aliases = true\n  alias_conflict = \"take_over\""))
        .settles();
    assert_ne!(lab.image("alpine/edge")["fingerprint"], theirs.fingerprint);
}

#[test]
fn those_of_a_pinned_image_and_of_one_that_is_followed_come_too() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    server.publish("alpine/edge", &files);
    for how in [format!("fingerprint = \"{}\"", files.fingerprint), "auto_update = true".to_owned()] {
        let run = lab.terraform(&upstream(&server, &format!("{how}\n  copy_aliases = true")));
        run.settles();
        assert_eq!(names(&lab), ["alpine/edge", "alpine/edge/amd64"], "{how}");
        run.destroy().succeeds();
    }
}
