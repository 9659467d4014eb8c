//! Files that are there already, brought under management.

use std::fs;

use super::{EXPORT, export, same};
use crate::support::lab::Lab;

#[test]
fn files_are_imported_by_their_path_and_nothing_is_written() {
    let Some(lab) = Lab::start() else { return };
    for image in [lab.images().unified("one"), lab.images().split("two")] {
        lab.by_hand("alpine", &image);
        let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
        let places = ["backup", "backup.root"];
        for (place, file) in places.iter().zip(image.paths()) {
            fs::copy(file, run.path(place)).unwrap();
        }
        let written = fs::metadata(run.path("backup")).unwrap().modified().unwrap();
        run.import(EXPORT, "backup").succeeds();
        assert_eq!(run.state(EXPORT)["fingerprint"], image.fingerprint);
        run.plan().updates(EXPORT);
        run.settles();
        assert_eq!(fs::metadata(run.path("backup")).unwrap().modified().unwrap(), written);
        assert_eq!(run.state(EXPORT)["files"].as_array().unwrap().len(), image.paths().len());
        run.destroy().succeeds();
        assert!(!run.path("backup").exists());
        lab.delete_images();
    }
}

#[test]
fn files_of_a_pinned_image_are_not_said_to_change() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export(&format!("fingerprint = \"{}\"\n  path = \"backup\"", image.fingerprint)));
    for (place, file) in ["backup", "backup.root"].iter().zip(image.paths()) {
        fs::copy(file, run.path(place)).unwrap();
    }
    run.import(EXPORT, "backup").succeeds();
    let planned = run.plan().updates(EXPORT).change(EXPORT);
    assert_eq!(
        (&planned["after"]["files"], &planned["after"]["size"]),
        (&planned["before"]["files"], &planned["before"]["size"])
    );
    run.settles();
    assert_eq!(run.state(EXPORT)["type"], "container");
    run.write("backup", "other").settles();
    same(&run.path("backup"), &image.source);
}

#[test]
fn other_content_makes_way_for_the_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.write("backup", "an older one");
    run.import(EXPORT, "backup").succeeds();
    run.settles();
    same(&run.path("backup"), &image.source);
}

#[test]
fn a_directory_and_a_file_that_is_not_there_are_refused() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.import(EXPORT, "nowhere").fails_with("There is no file nowhere.");
    run.import(EXPORT, ".").fails_with("is a directory, and does not tell which of its files are meant");
}
