//! `source` and `rootfs` of an image that is there: one half exchanged, changed in its file, or no longer configured.

use std::fs;

use serde_json::json;

use super::{ALPINE, alpine};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

fn from(image: &ImageFiles) -> String {
    alpine(&format!("alias = \"alpine\"\n  {}", image.arguments()))
}

#[test]
fn another_file_is_another_image() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&from(&lab.images().split("alpine")));
    run.settles();
    let other = lab.images().unified("other");
    run.config(&from(&other)).plan().updates(ALPINE).shows(&other.fingerprint);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], other.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn another_root_half_is_another_image() {
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    let run = lab.terraform(&from(&first));
    run.settles();
    let mixed = first.with_rootfs(&lab.images().split("other"));
    let plan = run.config(&from(&mixed)).plan();
    plan.updates(ALPINE);
    assert_eq!(plan.change(ALPINE)["after"]["fingerprint"], mixed.fingerprint);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], mixed.fingerprint);
    assert_eq!(lab.image("alpine")["filename"], "other.squashfs");
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn other_content_in_the_root_half_is_another_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let run = lab.terraform(&from(&image));
    run.settles();
    let other = lab.images().version(2).split("other");
    fs::copy(other.rootfs.as_ref().unwrap(), image.rootfs.as_ref().unwrap()).unwrap();
    let mixed = image.with_rootfs(&other);
    run.plan().updates(ALPINE).shows(&mixed.fingerprint);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], mixed.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_root_half_that_is_found_anyway_may_be_left_out() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let (source, rootfs) = (lab.path("files/exported"), lab.path("files/exported.root"));
    fs::copy(&image.source, &source).unwrap();
    fs::copy(image.rootfs.as_ref().unwrap(), &rootfs).unwrap();
    let exported = ImageFiles { source, rootfs: Some(rootfs), ..image.clone() };
    let run = lab.terraform(&from(&exported));
    run.settles();
    let held = lab.image("alpine");
    run.config(&from(&ImageFiles { rootfs: None, ..exported })).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), held, "it is the same image");
}

#[test]
fn a_root_half_that_is_missed_leaves_the_image_in_service() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let run = lab.terraform(&from(&image));
    run.settles();
    let held = lab.api().images();
    run.config(&from(&ImageFiles { rootfs: None, ..image.clone() }))
        .apply()
        .fails_with("This is the metadata half of a split image: give the other half as `rootfs`.");
    assert_eq!(lab.api().images(), held);
    run.config(&from(&image)).plan().is_empty();
}

#[test]
fn a_source_that_is_taken_out_leaves_the_image_and_nobody_deletes_it() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&from(&lab.images().split("alpine")));
    run.settles();
    let held = lab.image("alpine");
    run.config(&alpine("alias = \"alpine\"")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), held);
    assert_eq!((&run.state(ALPINE)["source"], &run.state(ALPINE)["rootfs"]), (&json!(null), &json!(null)));
    run.destroy().succeeds().shows("The image will not be deleted");
    assert_eq!(lab.image("alpine"), held);
}
