//! The examples in `examples/from-ansible`, each run as it stands.

use std::fs;

use serde_json::json;

use crate::support::lab::Lab;
use crate::support::published::configuration;
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

/// A workspace with an example.
fn example(lab: &Lab, name: &str) -> Workspace {
    lab.terraform(&configuration(&format!("from-ansible/{name}/main.tf")))
}

/// A lab whose client has the remote `images` with `alpine/edge`, and the fingerprint of that.
fn with_images(lab: &Lab) -> (SimplestreamsServer, String) {
    let server = SimplestreamsServer::start();
    let image = lab.images().split("upstream");
    server.publish("alpine/edge", &image);
    lab.client_config(&format!("remotes: {{images: {}}}", image_server(&server)));
    (server, image.fingerprint)
}

fn image_server(server: &SimplestreamsServer) -> String {
    format!("{{addr: \"{}\", protocol: simplestreams, public: true}}", server.url())
}

#[test]
fn copy() {
    let Some(lab) = Lab::start() else { return };
    let (_server, fingerprint) = with_images(&lab);
    let run = example(&lab, "copy");
    run.settles();
    assert_eq!(lab.image("my-alpine")["fingerprint"], fingerprint);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn properties() {
    let Some(lab) = Lab::start() else { return };
    let (_server, fingerprint) = with_images(&lab);
    example(&lab, "properties").settles();
    let held = lab.image("my-alpine");
    assert_eq!(held["fingerprint"], fingerprint);
    let expected = json!({"os": "Alpine", "release": "edge", "description": "Alpine Edge image"});
    assert_eq!(held["properties"], expected);
}

#[test]
fn auto_update() {
    let Some(lab) = Lab::start() else { return };
    let (server, _) = with_images(&lab);
    let run = example(&lab, "auto-update");
    run.settles();
    let newer = lab.images().version(2).split("upstream");
    server.publish("alpine/edge", &newer);
    lab.forget_simplestreams();
    let fingerprint = run.state("incus_image.alpine")["fingerprint"].as_str().unwrap().to_owned();
    lab.api().post(&format!("/1.0/images/{fingerprint}/refresh"), &json!({}));
    for name in ["my-alpine", "alpine-edge", "alpine-latest"] {
        assert_eq!(lab.image(name)["fingerprint"], newer.fingerprint);
    }
    run.plan().is_empty();
}

#[test]
fn file() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("image");
    let run = example(&lab, "file");
    fs::copy(&image.source, run.path("image.tar.gz")).unwrap();
    run.settles();
    let held = lab.image("custom-image");
    assert_eq!(held["fingerprint"], image.fingerprint);
    assert_eq!(held["properties"], json!({"os": "Debian", "requirements.secureboot": "false"}));
}

#[test]
fn existing() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("my-alpine", &lab.images().split("alpine"));
    let run = example(&lab, "existing");
    run.settles();
    assert_eq!(lab.image("my-alpine")["properties"], json!({"os": "Alpine", "release": "latest"}));
    run.destroy().succeeds();
    assert_eq!(lab.image("my-alpine")["properties"]["os"], "Alpine", "it was there before, and stays");
}

#[test]
fn requirements() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("my-vm-image", &lab.images().virtual_machine("vm"));
    example(&lab, "requirements").settles();
    let expected = json!({"requirements.secureboot": "false", "requirements.nesting": "true"});
    assert_eq!(lab.image("my-vm-image")["properties"], expected);
}

#[test]
fn remote() {
    let (Some(lab), Some(production)) = (Lab::start(), Lab::start()) else { return };
    let (server, fingerprint) = with_images(&lab);
    let socket = production.path("incus/unix.socket");
    lab.client_config(&format!(
        "remotes: {{images: {}, production: {{addr: \"unix://{}\"}}}}",
        image_server(&server),
        socket.display()
    ));
    example(&lab, "remote").settles();
    let held = production.image("my-alpine");
    assert_eq!((&held["fingerprint"], &held["public"]), (&json!(fingerprint), &json!(true)));
    lab.has_no_images();
}

#[test]
fn export() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("my-alpine", &image);
    let run = example(&lab, "export");
    run.settles();
    let exported = run.path("my-alpine-backup.tar.gz");
    assert_eq!(fs::read(&exported).unwrap(), fs::read(&image.source).unwrap());
    run.destroy().succeeds();
    assert!(!exported.exists());
}

#[test]
fn delete() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("my-alpine", &lab.images().split("alpine"));
    let run = example(&lab, "delete");
    run.settles();
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn info() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("my-alpine", &image);
    lab.by_hand("other", &lab.images().split("other"));
    let run = example(&lab, "info");
    run.apply().succeeds();
    let outputs = run.outputs();
    assert_eq!(outputs["fingerprint"], image.fingerprint);
    assert_eq!(outputs["properties"]["os"], "Tiny");
}

#[test]
fn list() {
    let (Some(lab), Some(remote)) = (Lab::start(), Lab::start()) else { return };
    remote.by_hand("one", &remote.images().split("one"));
    remote.by_hand("two", &remote.images().split("two"));
    let socket = remote.path("incus/unix.socket");
    lab.client_config(&format!("remotes: {{my-remote: {{addr: \"unix://{}\"}}}}", socket.display()));
    let run = example(&lab, "list");
    run.apply().succeeds();
    assert_eq!(run.outputs()["images"].as_array().unwrap().len(), 2);
}
