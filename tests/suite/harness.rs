//! The harness proves itself: what it makes is what real servers take, and nothing of it stays behind.

use std::path::Path;

use serde_json::json;

use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_daemon_begins_without_images_and_leaves_nothing_behind() {
    let Some(lab) = Lab::start() else { return };
    lab.has_no_images();
    let directory = lab.path("incus");
    let mounted = || std::fs::read_to_string("/proc/mounts").unwrap().contains(directory.to_str().unwrap());
    assert!(mounted(), "the daemon mounts file systems below its directory");
    drop(lab);
    assert!(!mounted(), "and they are gone with it");
    assert!(!directory.parent().unwrap().exists());
}

#[test]
fn every_form_of_image_is_taken_under_its_known_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    import(&lab, "unified", &lab.images().unified("alpine"));
    import(&lab, "split", &lab.images().split("alpine"));
    import(&lab, "machine", &lab.images().virtual_machine("alpine"));
    import(&lab, "newer", &lab.images().version(2).unified("alpine"));
    import(&lab, "foreign", &lab.images().architecture("aarch64").split("alpine"));
    assert_eq!(lab.image("unified")["type"], "container");
    assert_eq!(lab.image("machine")["type"], "virtual-machine");
    assert_eq!(lab.image("foreign")["architecture"], "aarch64");
    assert_eq!(lab.image("newer")["properties"]["description"], "Tiny alpine, version 2");
    assert_eq!(lab.api().images().len(), 5);
}

#[test]
fn images_are_the_same_every_time() {
    let Some(lab) = Lab::start() else { return };
    let images = lab.images();
    assert_eq!(images.unified("alpine").fingerprint, images.unified("alpine").fingerprint);
    assert_eq!(images.split("alpine").fingerprint, images.split("alpine").fingerprint);
    assert_ne!(images.split("alpine").fingerprint, images.virtual_machine("alpine").fingerprint);
}

#[test]
fn a_daemon_copies_over_http_and_sees_a_newer_version() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    upstream.publish("alpine/edge", &image);
    upstream.publish("alpine/edge", &lab.images().virtual_machine("alpine"));
    pull(&lab, upstream.url(), "first");
    assert_eq!(lab.image("first")["fingerprint"], image.fingerprint);

    let newer = lab.images().version(2).split("alpine");
    upstream.publish("alpine/edge", &newer);
    lab.forget_simplestreams();
    pull(&lab, upstream.url(), "second");
    assert_eq!(lab.image("second")["fingerprint"], newer.fingerprint);
    assert!(upstream.requests().iter().any(|path| path == "/streams/v1/images.json"), "{:?}", upstream.requests());
}

#[test]
fn a_daemon_copies_over_https_at_the_pace_of_the_server() {
    let upstream = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&upstream) else { return };
    let image = lab.images().split("alpine");
    upstream.publish("alpine/edge", &image);
    pull(&lab, &upstream.slow_url(20_000), "slow");
    assert_eq!(lab.image("slow")["fingerprint"], image.fingerprint);
    assert!(
        upstream.requests().iter().any(|path| path.starts_with("/slow/20000/images/")),
        "{:?}",
        upstream.requests()
    );
}

fn import(lab: &Lab, alias: &str, image: &ImageFiles) {
    let files = image.paths().into_iter().map(Path::as_os_str);
    let arguments = ["image", "import"].map(AsRef::as_ref).into_iter().chain(files);
    lab.incus(arguments.chain(["--alias", alias].map(AsRef::as_ref)));
    assert_eq!(lab.image(alias)["fingerprint"], image.fingerprint);
}

fn pull(lab: &Lab, server: &str, alias: &str) {
    let source = json!({"type": "image", "protocol": "simplestreams", "server": server, "alias": "alpine/edge"});
    lab.api().post("/1.0/images", &json!({"source": source, "aliases": [{"name": alias}]}));
}

#[test]
fn a_workspace_runs_the_real_command_line() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(r#"resource "terraform_data" "a" { input = "one" }"#);
    run.plan().creates("terraform_data.a").shows("input = \"one\"");
    run.apply().succeeds().shows("1 added").does_not_show("destroyed. Outputs");
    run.plan().is_empty();
    assert_eq!(run.state("terraform_data.a")["output"], "one");

    run.config(r#"resource "terraform_data" "a" { input = "two" }"#).plan().updates("terraform_data.a");
    run.config(r#"resource "terraform_data" "a" { triggers_replace = "x" }"#).plan().replaces("terraform_data.a");
    run.config("").plan().deletes("terraform_data.a");
    run.config("nonsense").apply().fails_with("Argument or block definition required");
    run.destroy().fails_with("nonsense");
    run.config("").destroy().succeeds();
    assert!(run.state("terraform_data.a").is_null());
}
