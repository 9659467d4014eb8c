//! What others do to the files.

use std::fs;
use std::time::SystemTime;

use serde_json::json;

use super::{EXPORT, export, same};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;
use crate::support::terraform::Workspace;

/// The split image that is exported, and the workspace with the export.
fn exported(lab: &Lab) -> (ImageFiles, Workspace) {
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    (image, run)
}

#[track_caller]
fn is_repaired(run: &Workspace, image: &ImageFiles) {
    run.settles();
    same(&run.path("backup"), &image.source);
    same(&run.path("backup.root"), image.rootfs.as_ref().unwrap());
}

#[test]
fn a_changed_file_is_written_again() {
    let Some(lab) = Lab::start() else { return };
    let (image, run) = exported(&lab);
    run.write("backup", "other");
    let planned = run.plan().updates(EXPORT).change(EXPORT);
    for (what, is) in [("fingerprint", json!(image.fingerprint)), ("type", json!("container"))] {
        assert_eq!(planned["after"][what], is, "what can't change is known");
    }
    is_repaired(&run, &image);
}

#[test]
fn a_file_is_repaired_from_the_very_image_also_where_that_has_lost_its_name() {
    let Some(lab) = Lab::start() else { return };
    let (image, run) = exported(&lab);
    lab.incus(["image", "alias", "delete", "alpine"]);
    run.write("backup", "other");
    run.apply().succeeds().shows("No image with alias alpine");
    same(&run.path("backup"), &image.source);
    lab.incus(["image", "alias", "create", "alpine", &image.fingerprint]);
    // A repair does not tie the export to the architecture that its image has.
    let foreign = lab.images().architecture("aarch64").unified("arm");
    lab.by_hand("arm", &foreign);
    lab.api().patch("/1.0/images/aliases/alpine", &json!({"target": foreign.fingerprint}));
    run.settles();
    assert_eq!(run.state(EXPORT)["architecture"], "aarch64");
}

#[test]
fn a_file_of_the_same_size_with_other_content_is_written_again() {
    let Some(lab) = Lab::start() else { return };
    let (image, run) = exported(&lab);
    let mut content = fs::read(run.path("backup.root")).unwrap();
    content[100] ^= 1;
    fs::write(run.path("backup.root"), content).unwrap();
    let change = run.plan().updates(EXPORT).change(EXPORT);
    assert_eq!(change["before"]["files"][0]["sha256"], run.state(EXPORT)["files"][0]["sha256"]);
    assert_ne!(change["before"]["files"][1]["sha256"], run.state(EXPORT)["files"][1]["sha256"], "the refreshed truth");
    is_repaired(&run, &image);
}

#[test]
fn a_missing_half_is_written_again() {
    let Some(lab) = Lab::start() else { return };
    let (image, run) = exported(&lab);
    for name in ["backup", "backup.root"] {
        fs::remove_file(run.path(name)).unwrap();
        run.plan().updates(EXPORT);
        is_repaired(&run, &image);
    }
}

#[test]
fn an_export_of_which_no_file_is_left_is_gone() {
    let Some(lab) = Lab::start() else { return };
    let (image, run) = exported(&lab);
    for name in ["backup", "backup.root"] {
        fs::remove_file(run.path(name)).unwrap();
    }
    run.plan().creates(EXPORT);
    is_repaired(&run, &image);
}

#[test]
fn a_file_that_was_only_touched_or_copied_back_is_the_same() {
    let Some(lab) = Lab::start() else { return };
    let (image, run) = exported(&lab);
    let file = fs::File::options().write(true).open(run.path("backup")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    fs::remove_file(run.path("backup.root")).unwrap();
    fs::copy(image.rootfs.as_ref().unwrap(), run.path("backup.root")).unwrap();
    run.plan().is_empty();
    // What has come to be known again need not be read again.
    run.run(["apply", "-refresh-only", "-auto-approve", "-no-color"]).succeeds();
    run.plan().is_empty();
}

#[test]
fn a_repair_asks_for_the_content_once_and_an_empty_plan_not_at_all() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &export("alias = \"alpine\"\n  path = \"backup\""));
    let exports = |proxy: &Proxy| proxy.take_requests().iter().filter(|request| request.ends_with("/export")).count();
    run.apply().succeeds();
    assert_eq!(exports(&proxy), 1);
    run.plan().is_empty();
    assert_eq!(exports(&proxy), 0);
    run.write("backup", "other").settles();
    assert_eq!(exports(&proxy), 1);
}

#[test]
fn a_pinned_export_is_refreshed_without_a_server() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let proxy = Proxy::start(&lab);
    let config = export(&format!("fingerprint = \"{}\"\n  path = \"backup\"", image.fingerprint));
    let run = proxy.terraform(&lab, &config);
    run.settles();
    proxy.take_requests();
    lab.delete_images();
    run.plan().is_empty();
    assert_eq!(proxy.take_requests(), [""; 0]);
}
