//! Copies of images of a simplestreams server: how the server is declared, and which of its images is taken.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::{ALPINE, alpine, upstream};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;
use crate::support::proxy::{Proxy, Request};
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn an_image_is_copied_over_http() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    is_copied(&lab, &server);
}

#[test]
fn an_image_is_copied_over_https() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    is_copied(&lab, &server);
}

fn is_copied(lab: &Lab, server: &SimplestreamsServer) {
    let image = lab.images().split("alpine");
    server.publish("alpine/edge", &image);
    let copy = alpine("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"");
    let run = lab.terraform(&format!("{}{copy}", upstream(server.url())));
    run.plan().creates(ALPINE).shows("fingerprint = (known after apply)");
    run.settles();

    let held = lab.image("alpine");
    assert_eq!(held["fingerprint"], image.fingerprint);
    assert_eq!(held["type"], "container");
    assert_eq!(held["auto_update"], false);
    assert!(!is_unfinished(&held), "no trace of how it came");
    let state = run.state(ALPINE);
    assert!(state["update_source"].is_null(), "exactly this image was copied, which is not a name to follow");
    assert_eq!(state["properties"], held["properties"]);
    assert_eq!(state["fingerprint"], held["fingerprint"]);

    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn a_damaged_download_leaves_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine/edge", &image);
    server.spoil(image.rootfs.as_ref().unwrap());
    let copy = alpine("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"");
    let run = lab.terraform(&format!("{}{copy}", upstream(server.url())));
    run.apply().fails_with("Unable to copy").shows("Hash mismatch");
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());
    server.spoil(image.rootfs.as_ref().unwrap());
    run.settles();
}

#[test]
fn a_remote_of_the_client_configuration_will_do() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine/edge", &image);
    lab.client_config(&format!(
        "remotes: {{mirror: {{addr: \"{}\", protocol: simplestreams, public: true}}}}",
        server.url()
    ));
    lab.terraform(&alpine("alias = \"alpine\"\n  source = \"mirror:alpine/edge\"")).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn type_and_architecture_choose_among_the_images_of_a_name() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let container = lab.images().split("alpine");
    let machine = lab.images().virtual_machine("alpine");
    let foreign = lab.images().architecture("aarch64").split("foreign");
    server.publish("alpine/edge", &container);
    server.publish("alpine/edge", &machine);
    server.publish("foreign/edge", &foreign);
    let copy = |name: &str, more: &str| {
        format!(
            "{}{}",
            upstream(server.url()),
            alpine(&format!("alias = \"alpine\"\n  source = \"upstream:{name}\"\n  {more}"))
        )
    };

    let run = lab.terraform(&copy("alpine/edge", "vm = true"));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], machine.fingerprint);
    assert_eq!(lab.image("alpine")["type"], "virtual-machine");
    run.config(&copy("alpine/edge", "vm = false")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], container.fingerprint);

    run.config(&copy("foreign/edge", "architecture = \"arm64\"")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], foreign.fingerprint);
    assert_eq!(lab.image("alpine")["architecture"], "aarch64");
    assert_eq!(run.state(ALPINE)["architecture"], "arm64");
    run.config(&copy("foreign/edge", "architecture = \"aarch64\"")).plan().is_empty();
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_fingerprint_pins_exactly_one_image() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let pinned = |fingerprint: &str| {
        let arguments =
            format!("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  fingerprint = \"{fingerprint}\"");
        format!("{}{}", upstream(server.url()), alpine(&arguments))
    };
    let run = lab.terraform(&pinned(&first.fingerprint));
    let plan = run.plan();
    assert_eq!(plan.change(ALPINE)["after"]["id"], format!("local:default/{}", first.fingerprint));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], first.fingerprint);
    assert!(run.state(ALPINE)["update_source"].is_null());

    let second = lab.images().version(2).split("alpine");
    server.publish("alpine/edge", &second);
    lab.forget_simplestreams();
    run.plan().is_empty();
    run.config(&pinned(&second.fingerprint)).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);
}

#[test]
fn a_newer_version_is_nobodys_concern_without_auto_update() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    server.publish("alpine/edge", &first);
    let arguments = "alias = \"alpine\"\n  source = \"upstream:alpine/edge\"";
    let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(arguments)));
    run.settles();
    server.publish("alpine/edge", &lab.images().version(2).split("alpine"));
    lab.forget_simplestreams();
    run.plan().is_empty();
    assert_eq!(lab.image("alpine")["fingerprint"], first.fingerprint);
}

#[test]
fn what_a_copy_is_to_have_it_has() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    lab.incus(["profile", "create", "small"]);
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let arguments = "alias = \"alpine\"
  aliases = [\"alpine/edge\", \"tiny\"]
  source = \"upstream:alpine/edge\"
  auto_update = true
  public = true
  profiles = [\"small\"]
  properties = { os = \"Mine\" }
  expires_at = \"2099-12-31T23:59:59Z\"";
    let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(arguments)));
    run.settles();
    let held = lab.image("alpine");
    assert_eq!(held["auto_update"], true);
    let source = json!({"server": server.url(), "protocol": "simplestreams", "alias": "alpine/edge"});
    assert_eq!(run.state(ALPINE)["update_source"], source);
    assert_eq!(held["public"], true);
    assert_eq!(held["profiles"], json!(["small"]));
    assert_eq!(held["properties"], json!({"os": "Mine"}));
    assert_eq!(held["expires_at"], "2099-12-31T23:59:59Z");
    assert_eq!(lab.image("alpine/edge"), held);
    assert_eq!(lab.image("tiny"), held);
}

/// What is seen of an index while another pull writes it.
#[test]
fn an_index_that_the_server_is_writing_is_read_again() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &one_of_two(&lab, &server));
    run.settles();
    let index = lab.simplestreams_index();
    let whole = fs::read(&index).expect("an index");
    truncate(&index);
    proxy.on("GET", "/1.0/operations/").after(move |_: &Request| fs::write(&index, whole).expect("an index"));
    proxy.take_requests();
    run.config(&copied(&server, "alpine/edge", "auto_update = true")).settles();
    assert!(!proxy.disarm());
    let copies = proxy.take_writes().into_iter().filter(|request| request == "POST /1.0/images").count();
    assert_eq!(copies, 2);
    assert_eq!(run.state(ALPINE)["update_source"]["server"], server.url());
}

/// As a server leaves it that died meanwhile.
#[test]
fn an_index_that_stays_half_written_is_got_around() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&one_of_two(&lab, &server));
    run.settles();
    truncate(&lab.simplestreams_index());
    run.config(&copied(&server, "alpine/edge", "")).settles();
}

/// Publishes two images, and copies the first one.
fn one_of_two(lab: &Lab, server: &SimplestreamsServer) -> String {
    server.publish("alpine", &lab.images().split("alpine"));
    server.publish("alpine/edge", &lab.images().split("edge"));
    copied(server, "alpine", "")
}

fn copied(server: &SimplestreamsServer, name: &str, more: &str) -> String {
    format!(
        "{}{}",
        upstream(server.url()),
        alpine(&format!("alias = \"alpine\"\n  source = \"upstream:{name}\"\n  {more}"))
    )
}

fn truncate(index: &Path) {
    let file = fs::OpenOptions::new().write(true).open(index).expect("an index");
    file.set_len(100).expect("less of it");
}

#[test]
fn an_image_server_pushes_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let arguments = "alias = \"alpine\"\n  source = \"upstream:alpine/edge\"\n  mode = \"push\"";
    let run = lab.terraform(&format!("{}{}", upstream(server.url()), alpine(arguments)));
    run.plan().fails_with("The image can't be pushed").shows("which sends nothing by itself");
    lab.has_no_images();
}
