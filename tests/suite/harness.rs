//! The harness proves itself: what it makes is what real servers take, and nothing of it stays behind.

use std::path::Path;
use std::time::{Duration, Instant};

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
fn the_api_changes_what_the_server_holds() {
    let Some(lab) = Lab::start() else { return };
    let image = format!("/1.0/images/{}", lab.images().unified("alpine").fingerprint);
    import(&lab, "alpine", &lab.images().unified("alpine"));
    lab.api().put(&image, &json!({"properties": {"os": "Tiny"}, "public": true}));
    assert_eq!(lab.image("alpine")["properties"], json!({"os": "Tiny"}));
    assert_eq!(lab.image("alpine")["public"], true);
    assert!(lab.api().has(&image));
    lab.api().delete(&image);
    assert!(!lab.api().has(&image));
    lab.has_no_images();
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
fn daemon_and_client_reach_an_https_server() {
    let upstream = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&upstream) else { return };
    let image = lab.images().split("alpine");
    upstream.publish("alpine/edge", &image);
    pull(&lab, upstream.url(), "first");
    assert_eq!(lab.image("first")["fingerprint"], image.fingerprint);

    let address = upstream.url();
    lab.client_config(&format!(
        "remotes: {{upstream: {{addr: \"{address}\", protocol: simplestreams, public: true}}}}"
    ));
    let listed = lab.incus(["image", "list", "upstream:", "--format", "csv", "--columns", "F"]);
    assert_eq!(listed.trim(), image.fingerprint);
}

#[test]
fn a_slow_server_takes_its_time() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    upstream.publish("alpine/edge", &image);
    let bytes = image.paths().iter().map(|path| path.metadata().unwrap().len()).sum::<u64>();
    let start = Instant::now();
    // One second for both files together.
    pull(&lab, &upstream.slow_url(u32::try_from(bytes).unwrap()), "slow");
    assert!(start.elapsed() > Duration::from_millis(500), "{:?}", start.elapsed());
    assert_eq!(lab.image("slow")["fingerprint"], image.fingerprint);
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
    run.validate().succeeds();
    run.plan().creates("terraform_data.a").shows("input = \"one\"");
    run.apply().succeeds().shows("1 added").does_not_show("1 changed");
    run.plan().is_empty();
    assert_eq!(run.state("terraform_data.a")["output"], "one");

    run.config(r#"resource "terraform_data" "a" { input = "two" }"#).plan().updates("terraform_data.a");
    run.config(r#"resource "terraform_data" "a" { triggers_replace = "x" }"#).plan().replaces("terraform_data.a");
    run.config("").plan().deletes("terraform_data.a");
    run.run(["state", "rm", "terraform_data.a"]).succeeds();
    run.config(r#"resource "terraform_data" "a" {}"#).import("terraform_data.a", "by-hand").succeeds();
    assert_eq!(run.state("terraform_data.a")["id"], "by-hand");
    run.destroy().succeeds();

    run.config("nonsense").plan().fails_with("Argument or block definition required");
    run.apply().fails_with("Argument or block definition required");
    assert!(run.config("").state("terraform_data.a").is_null());
}
