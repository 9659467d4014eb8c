//! Images from files: each form, and each way to say where the files are.

use std::fs;
use std::path::Path;

use super::{ALPINE, alpine};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

#[test]
fn a_split_container_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    is_uploaded(&lab, &image, "container", "alpine.squashfs");
}

#[test]
fn a_unified_container_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    is_uploaded(&lab, &image, "container", "alpine.tar.gz");
}

#[test]
fn a_virtual_machine_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().virtual_machine("alpine");
    is_uploaded(&lab, &image, "virtual-machine", "alpine.qcow2");
}

/// Applies the image: the server has it, the state says what the server says, and nothing stays after the end.
fn is_uploaded(lab: &Lab, image: &ImageFiles, image_type: &str, filename: &str) {
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    let plan = run.plan();
    plan.creates(ALPINE);
    assert_eq!(plan.change(ALPINE)["after"]["fingerprint"], image.fingerprint, "a file's fingerprint is planned");
    run.settles();

    let held = lab.image("alpine");
    assert_eq!(held["fingerprint"], image.fingerprint);
    assert_eq!(held["type"], image_type);
    assert_eq!(held["filename"], filename);
    assert_eq!(held["properties"]["description"], "Tiny alpine, version 1");
    assert_eq!(held["public"], false);
    assert_eq!(held["profiles"], serde_json::json!(["default"]));
    let state = run.state(ALPINE);
    for same in
        ["fingerprint", "type", "size", "filename", "architecture", "properties", "public", "profiles", "cached"]
    {
        assert_eq!(state[same], held[same], "{same}");
    }
    assert_eq!(state["size"], image.paths().iter().map(|path| path.metadata().unwrap().len()).sum::<u64>());
    assert_eq!(state["expires_at"], "never");
    assert_eq!(state["id"], format!("local:default/{}", image.fingerprint));
    assert!(state["update_source"].is_null());

    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn the_root_half_is_found_beside_the_metadata() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let exported = lab.path("files/exported");
    fs::copy(&image.source, &exported).unwrap();
    fs::copy(image.rootfs.unwrap(), lab.path("files/exported.root")).unwrap();
    let run = lab.terraform(&from(&exported));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
    assert_eq!(lab.image("alpine")["filename"], "exported.root");
}

#[test]
fn a_path_is_relative_to_the_working_directory_or_the_home_directory() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let rootfs = image.rootfs.unwrap();
    fs::copy(&image.source, lab.path("home/alpine.tar.xz")).unwrap();
    fs::copy(&rootfs, lab.path("home/alpine.squashfs")).unwrap();
    let at = |directory: &str| {
        alpine(&format!(
            "alias = \"alpine\"\n  source = \"{directory}/alpine.tar.xz\"\n  rootfs = \"{directory}/alpine.squashfs\""
        ))
    };

    let run = lab.terraform(&at("../files"));
    run.settles();
    let before = lab.image("alpine");
    assert_eq!(before["fingerprint"], image.fingerprint);

    run.config(&at("~")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["uploaded_at"], before["uploaded_at"], "the same content is not sent again");
    run.destroy().succeeds();
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn an_image_without_a_name_is_one_too() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&image.arguments()));
    run.settles();
    let held = lab.api().images();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["fingerprint"], image.fingerprint);
    assert_eq!(held[0]["aliases"], serde_json::json!([]));
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn the_architecture_of_a_file_is_checked_and_spelled_as_configured() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().architecture("aarch64").unified("alpine");
    let spelled = |architecture: &str| {
        alpine(&format!("alias = \"alpine\"\n  architecture = \"{architecture}\"\n  {}", image.arguments()))
    };
    let run = lab.terraform(&spelled("arm64"));
    run.settles();
    assert_eq!(run.state(ALPINE)["architecture"], "arm64");
    assert_eq!(lab.image("alpine")["architecture"], "aarch64");
    run.config(&spelled("aarch64")).plan().is_empty();
    run.config(&spelled("x86_64")).plan().shows("The image's architecture is arm64").updates(ALPINE);
    run.apply().fails_with("The image's architecture is aarch64, not x86_64.");
    assert_eq!(run.state(ALPINE)["architecture"], "arm64", "as it was");

    let elsewhere = lab.terraform(&spelled("x86_64"));
    run.config(&spelled("arm64")).destroy().succeeds();
    elsewhere.apply().fails_with("The image's architecture is aarch64, not x86_64.");
    lab.has_no_images();
    assert!(elsewhere.state(ALPINE).is_null());
    elsewhere.config(&spelled("aarch64")).settles();
}

fn from(source: &Path) -> String {
    alpine(&format!("alias = \"alpine\"\n  source = \"{}\"", source.display()))
}
