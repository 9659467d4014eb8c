//! Images of image servers that come through the machine that Terraform runs on.

use serde_json::json;

use super::{IMAGE, image};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// A relayed copy with these arguments, of the image server at this address.
fn relayed(address: &str, arguments: &str) -> String {
    let server = format!("name = \"upstream\"\n    address = \"{address}\"\n    protocol = \"simplestreams\"");
    let provider = format!("provider \"incus\" {{\n  remote {{\n    {server}\n  }}\n}}\n");
    provider + &image(&format!("alias = \"mine\"\n  source = \"upstream:alpine\"\n  mode = \"relay\"\n  {arguments}"))
}

#[test]
fn the_request_that_carries_an_image_is_in_the_log() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("alpine"));
    let log = lab.path("debug.log");
    let run = lab.terraform(&relayed(server.url(), "")).env("TF_LOG_PROVIDER", "debug").env("TF_LOG_PATH", &log);
    run.apply().succeeds();
    let logged = std::fs::read_to_string(&log).unwrap();
    let carries = |line: &&str| line.contains("POST") && line.contains("/1.0/images ") && line.contains("202");
    assert_eq!(logged.lines().filter(carries).count(), 1, "{logged}");
}

#[test]
fn an_image_that_only_the_provider_can_fetch_comes_as_it_is() {
    // The daemon does not trust this server, so that it can't have fetched the image itself.
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start() else { return };
    let (container, vm) = (lab.images().split("alpine"), lab.images().virtual_machine("alpine-vm"));
    server.publish("alpine", &container);
    server.publish("alpine", &vm);
    for (files, is_vm, image_type) in [(container, false, "container"), (vm, true, "virtual-machine")] {
        let config = relayed(server.url(), &format!("vm = {is_vm}"));
        let run = lab.terraform(&config).env("SSL_CERT_FILE", server.certificate().unwrap());
        run.plan().creates(IMAGE);
        run.settles();
        let held = lab.image("mine");
        assert_eq!((&held["fingerprint"], &held["type"]), (&json!(files.fingerprint), &json!(image_type)));
        let properties = &held["properties"];
        assert_eq!((&properties["os"], &properties["architecture"]), (&json!("Tiny"), &json!("amd64")));
        assert!(properties["serial"].is_string() && properties["type"].is_string(), "the index's own: {properties}");
        assert!(!is_unfinished(&held));
        run.destroy().succeeds();
        lab.has_no_images();
    }
}

#[test]
fn a_relayed_copy_has_the_properties_that_a_pulled_one_has() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&relayed(server.url(), "copy_aliases = true"));
    run.settles();
    let relay = lab.image("mine");
    run.destroy().succeeds();
    run.config(&relayed(server.url(), "copy_aliases = true").replace("relay", "pull")).settles();
    let pull = lab.image("mine");
    for field in ["properties", "type", "architecture", "fingerprint", "size", "public"] {
        assert_eq!(relay[field], pull[field], "{field}");
    }
    assert_eq!(relay["aliases"].as_array().map(Vec::len), pull["aliases"].as_array().map(Vec::len));
}

#[test]
fn a_newer_version_is_relayed_too_and_a_spoilt_one_is_not() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let old = lab.images().split("alpine");
    server.publish("alpine", &old);
    let run = lab.terraform(&relayed(server.url(), "refresh = true"));
    run.settles();
    let new = lab.images().version(2).split("alpine");
    server.publish("alpine", &new);
    server.spoil(new.rootfs.as_ref().unwrap());
    run.apply().fails_with("is another file than the server lists");
    assert_eq!(lab.image("mine")["fingerprint"], old.fingerprint);
    assert_eq!(lab.api().images().len(), 1, "nothing is left");
    server.spoil(new.rootfs.as_ref().unwrap());
    run.settles();
    assert_eq!(lab.image("mine")["fingerprint"], new.fingerprint);
}
