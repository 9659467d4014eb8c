//! Exports from image servers, which need no Incus server and no credentials.

use std::fs;

use serde_json::json;

use super::{EXPORT, export, names, same};
use crate::support::http_proxy::HttpProxy;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// An export from the image server at this address.
fn from(address: &str, arguments: &str) -> String {
    let server = format!("name = \"images\"\n    address = \"{address}\"\n    protocol = \"simplestreams\"");
    let provider = format!("provider \"incus\" {{\n  remote {{\n    {server}\n  }}\n}}\n");
    provider + &export(&format!("remote = \"images\"\n  {arguments}"))
}

#[test]
fn an_image_of_an_image_server_becomes_files() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    let (container, vm) = (lab.images().split("alpine"), lab.images().virtual_machine("alpine-vm"));
    server.publish("alpine", &container);
    server.publish("alpine", &vm);
    for (image, is_vm) in [(container, false), (vm, true)] {
        let arguments = format!("alias = \"alpine\"\n  vm = {is_vm}\n  path = \"backup\"");
        // The server is asked by the provider itself: no daemon has a part in it.
        let run = lab.terraform(&from(server.url(), &arguments)).env("INCUS_SOCKET", "/nowhere");
        run.plan().creates(EXPORT);
        run.settles();
        same(&run.path("backup"), &image.source);
        same(&run.path("backup.root"), image.rootfs.as_ref().unwrap());
        let state = run.state(EXPORT);
        let image_type = if is_vm { "virtual-machine" } else { "container" };
        assert_eq!((&state["fingerprint"], &state["type"]), (&json!(image.fingerprint), &json!(image_type)));
        assert_eq!((&state["project"], &state["architecture"]), (&json!(null), &json!("x86_64")));
        run.destroy().succeeds();
        assert!(!run.path("backup").exists() && !run.path("backup.root").exists());
    }
}

#[test]
fn in_a_directory_its_files_are_called_as_the_incus_client_calls_them() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    lab.incus(["remote", "add", "mirror", server.url(), "--protocol", "simplestreams"]);
    let (theirs, ours) = (lab.path("theirs"), lab.path("ours"));
    fs::create_dir(&theirs).unwrap();
    fs::create_dir(&ours).unwrap();
    lab.incus(["image", "export", "mirror:alpine", theirs.to_str().unwrap()]);
    // Known to the provider from the client's own configuration.
    let run =
        lab.terraform(&export(&format!("alias = \"alpine\"\n  remote = \"mirror\"\n  path = \"{}\"", ours.display())));
    run.settles();
    assert_eq!(names(&ours), names(&theirs));
    for name in names(&theirs) {
        same(&ours.join(&name), &theirs.join(&name));
    }
}

#[test]
fn a_newer_version_is_exported_in_place_and_an_architecture_chosen() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().split("alpine"), lab.images().version(2).split("alpine"));
    let foreign = lab.images().architecture("aarch64").split("alpine");
    server.publish("alpine", &lab.images().split("alpine"));
    let config = |more: &str| from(server.url(), &format!("alias = \"alpine\"\n  path = \"backup\"\n  {more}"));
    let run = lab.terraform(&config(""));
    run.settles();
    assert_eq!(run.state(EXPORT)["fingerprint"], old.fingerprint);
    server.publish("alpine", &lab.images().version(2).split("alpine"));
    run.plan().updates(EXPORT);
    run.settles();
    assert_eq!(run.state(EXPORT)["fingerprint"], new.fingerprint);

    server.publish("alpine", &lab.images().architecture("aarch64").split("alpine"));
    run.plan().is_empty();
    run.config(&config("architecture = \"arm64\"")).plan().updates(EXPORT);
    run.settles();
    assert_eq!(run.state(EXPORT)["fingerprint"], foreign.fingerprint);
    assert_eq!(run.state(EXPORT)["architecture"], "arm64");
}

#[test]
fn a_misspelt_name_fails_in_the_plan_with_the_nearest_names() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&from(server.url(), "alias = \"alpin\"\n  path = \"backup\""));
    run.plan().fails_with("Did you mean alpine?");
    run.config(&from(server.url(), "alias = \"alpine\"\n  project = \"web\"\n  path = \"backup\""));
    run.plan().fails_with("The remote \"images\" is an image server, which has no projects. Take it out.");
}

#[test]
fn a_file_that_is_not_the_listed_one_is_not_kept() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    server.spoil(image.rootfs.as_ref().unwrap());
    let run = lab.terraform(&from(server.url(), "alias = \"alpine\"\n  path = \"all/backup\""));
    fs::create_dir(run.path("all")).unwrap();
    run.apply().fails_with("is another file than the server lists");
    assert_eq!(names(&run.path("all")), [""; 0], "nothing is left");
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    let proxy = HttpProxy::start(&server);
    // Nobody but the proxy knows this host.
    let config = from("http://images.invalid", "alias = \"alpine\"\n  path = \"backup\"");
    let run = lab.terraform(&config).env("http_proxy", proxy.url());
    run.settles();
    same(&run.path("backup"), &image.source);
    assert!(proxy.asked_for("http://images.invalid/streams/v1/index.json"));
    let run = lab.terraform(&config).env("http_proxy", proxy.url()).env("no_proxy", "images.invalid");
    run.apply().fails_with("Unable to reach the image server http://images.invalid");
    // No proxy leads to this machine.
    let run = lab
        .terraform(&from(server.url(), "alias = \"alpine\"\n  path = \"here\""))
        .env("http_proxy", "http://127.0.0.1:9");
    run.settles();
}
