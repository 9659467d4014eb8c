//! Files that are there and are not the export's: they are never touched.

use std::fs;

use super::{EXPORT, export, names, same};
use crate::support::lab::Lab;

#[test]
fn a_file_in_the_way_stays_unless_it_may_be_overwritten() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.write("backup", "theirs");
    run.apply().fails_with("A file is in the way").shows("backup was not written by this export.");
    assert_eq!(fs::read_to_string(run.path("backup")).unwrap(), "theirs");
    run.config(&export("alias = \"alpine\"\n  path = \"backup\"\n  overwrite = true")).settles();
    same(&run.path("backup"), &image.source);
}

#[test]
fn a_root_half_in_the_way_stays_and_so_does_the_place_of_the_other_half() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"all/backup\""));
    fs::create_dir(run.path("all")).unwrap();
    run.write("all/backup.root", "theirs");
    run.apply().fails_with("backup.root was not written by this export.");
    assert_eq!(names(&run.path("all")), ["backup.root"], "nothing is left");
    assert_eq!(fs::read_to_string(run.path("all/backup.root")).unwrap(), "theirs");
}

#[test]
fn links_directories_and_devices_in_the_way_are_left_alone() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.write("theirs", "theirs");
    std::os::unix::fs::symlink("theirs", run.path("backup")).unwrap();
    run.apply().fails_with("A file is in the way");
    fs::remove_file(run.path("backup")).unwrap();
    fs::create_dir(run.path("backup.root")).unwrap();
    run.config(&export("alias = \"alpine\"\n  path = \"backup\"\n  overwrite = true"));
    run.apply().fails_with("A directory is in the way");
    fs::remove_dir(run.path("backup.root")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(run.path("backup.root")).unwrap();
    run.apply().fails_with("A device is in the way");
    assert!(run.path("backup.root").exists() && !run.path("backup").exists(), "{socket:?} stays");
    assert_eq!(fs::read_to_string(run.path("theirs")).unwrap(), "theirs");
}

#[test]
fn in_a_directory_only_the_export_s_own_names_count() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"all\""));
    fs::create_dir(run.path("all")).unwrap();
    run.write("all/notes.txt", "theirs");
    run.settles();
    let name = format!("{}.tar.gz", image.fingerprint);
    assert_eq!(names(&run.path("all")), [name.as_str(), "notes.txt"]);
    run.destroy().succeeds();
    assert_eq!(names(&run.path("all")), ["notes.txt"]);
    run.write(&format!("all/{name}"), "theirs");
    run.apply().fails_with(&format!("all/{name} was not written by this export."));
    assert!(run.state(EXPORT).is_null());
}
