//! Servers that can't be used: what is said, that nothing is lost, and that it works once the cause is gone.

use std::os::unix::net::UnixListener;

use super::{ALPINE, alpine, upstream};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::simplestreams::SimplestreamsServer;

fn socket(path: &str) -> String {
    format!(
        "provider \"incus\" {{\n  default_remote = \"mine\"\n  remote {{\n    name = \"mine\"\n    address = \"unix://{path}\"\n  }}\n}}\n"
    )
}

/// The server has nothing of the failed run.
#[track_caller]
fn nothing_came_of(failed: &Outcome, lab: &Lab) {
    lab.has_no_images();
    assert_eq!(lab.api().get("/1.0/images/aliases").as_array().unwrap().len(), 0, "{failed}");
}

#[test]
fn a_misspelt_remote() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let named = |remote: &str| alpine(&format!("alias = \"alpine\"\n  remote = \"{remote}\"\n  {source}"));
    let run = lab.terraform(&named("locall"));
    run.plan().fails_with("There is no remote \"locall\"; did you mean local? Known remotes: images, local");
    run.apply().fails_with("remote = \"locall\"");
    lab.has_no_images();
    run.config(&named("local")).settles();

    run.config(&named("locall")).plan().fails_with("did you mean local?");
    assert_eq!(run.state(ALPINE)["remote"], "local", "nothing is lost");
    run.config(&alpine("alias = \"alpine\"\n  source = \"imagess:alpine\"")).plan().fails_with("did you mean images?");
    run.config(&named("local")).plan().is_empty();
    let provider = "provider \"incus\" { default_remote = \"locl\" }\n";
    lab.terraform(&format!("{provider}{}", alpine(&source))).plan().fails_with("did you mean local?");
}

#[test]
fn a_remote_that_is_not_for_that() {
    let Some(lab) = Lab::start() else { return };
    let provider = upstream("http://127.0.0.1:1");
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&format!(
        "{provider}{}",
        alpine(&format!("alias = \"alpine\"\n  remote = \"upstream\"\n  {source}"))
    ));
    run.plan().fails_with("which can only be copied from. Name an Incus server, such as \"local\".");
    run.config(&alpine("alias = \"alpine\"\n  source = \"local:alpine\""))
        .plan()
        .fails_with("An image can't be copied onto itself");
}

#[test]
fn a_socket_that_does_not_exist() {
    let Some(lab) = Lab::start() else { return };
    let resource = alpine(&format!("alias = \"alpine\"\n  {}", lab.images().unified("alpine").arguments()));
    let nowhere = lab.path("nowhere/unix.socket");
    let nowhere = nowhere.to_str().unwrap();
    let run = lab.terraform(&format!("{}{resource}", socket(nowhere)));
    let failed = run.apply();
    failed.fails_with("Unable to reach Incus").shows(nowhere).shows("Is Incus installed and running here?");
    nothing_came_of(&failed, &lab);
    let real = lab.path("incus/unix.socket");
    run.config(&format!("{}{resource}", socket(real.to_str().unwrap()))).settles();

    run.config(&format!("{}{resource}", socket(nowhere))).plan().fails_with("Unable to reach Incus");
    run.destroy().fails_with("Unable to reach Incus");
    assert!(!run.state(ALPINE).is_null(), "nothing is lost");
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_socket_that_nobody_listens_on() {
    let Some(lab) = Lab::start() else { return };
    let resource = alpine(&format!("alias = \"alpine\"\n  {}", lab.images().unified("alpine").arguments()));
    let dead = lab.path("dead.socket");
    drop(UnixListener::bind(&dead).unwrap());
    let run = lab.terraform(&format!("{}{resource}", socket(dead.to_str().unwrap())));
    let failed = run.apply();
    failed
        .fails_with("Unable to reach Incus")
        .shows(dead.to_str().unwrap())
        .shows("\"systemctl start incus\" starts it.");
    nothing_came_of(&failed, &lab);
}

#[test]
fn a_socket_of_the_environment_that_does_not_exist() {
    let Some(lab) = Lab::start() else { return };
    let resource = alpine(&format!("alias = \"alpine\"\n  {}", lab.images().unified("alpine").arguments()));
    let run = lab.terraform(&resource).env("INCUS_SOCKET", "/nowhere/unix.socket");
    run.apply().fails_with("Unable to reach Incus").shows("/nowhere/unix.socket").shows("INCUS_SOCKET");
    lab.has_no_images();
    run.env("INCUS_SOCKET", lab.path("incus/unix.socket")).settles();
}

#[test]
fn an_image_server_that_is_down() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let from = |address: &str| {
        format!("{}{}", upstream(address), alpine("alias = \"alpine\"\n  source = \"upstream:alpine/edge\""))
    };
    let run = lab.terraform(&from("http://127.0.0.1:1"));
    let failed = run.apply();
    failed
        .fails_with("connection refused")
        .shows("http://127.0.0.1:1")
        .shows("The Incus server must be able to reach the image server.");
    nothing_came_of(&failed, &lab);
    assert!(run.state(ALPINE).is_null());
    run.config(&from(server.url())).settles();
    run.config(&from("http://127.0.0.1:1")).plan().is_empty();
}

#[test]
fn an_image_server_that_is_not_trusted() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let run = lab.terraform(&format!(
        "{}{}",
        upstream(server.url()),
        alpine("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"")
    ));
    let failed = run.apply();
    failed.fails_with("The Incus server does not trust the image server");
    nothing_came_of(&failed, &lab);
}

#[test]
fn a_name_that_the_image_server_does_not_have() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let named = |name: &str| {
        format!("{}{}", upstream(server.url()), alpine(&format!("alias = \"alpine\"\n  source = \"upstream:{name}\"")))
    };
    let run = lab.terraform(&named("alpin/edge"));
    run.plan().fails_with("It has no container image \"alpin/edge\". Did you mean alpine/edge?");
    let failed = run.apply();
    failed.fails_with("Unable to find the image on remote \"upstream\"").shows("source = \"upstream:alpin/edge\"");
    nothing_came_of(&failed, &lab);
    run.config(&named("alpine/edge")).settles();
}
