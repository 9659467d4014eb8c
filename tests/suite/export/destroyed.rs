//! The end of an export.

use std::fs;

use serde_json::Value as Json;

use super::{EXPORT, export, names};
use crate::support::lab::Lab;

#[test]
fn the_files_go_with_the_resource() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"all/backup\""));
    fs::create_dir(run.path("all")).unwrap();
    run.settles();
    assert_eq!(names(&run.path("all")), ["backup", "backup.root"]);
    run.destroy().succeeds();
    assert_eq!(names(&run.path("all")), [""; 0]);
    assert_eq!(lab.api().images().len(), 1, "the image stays");
}

#[test]
fn they_stay_where_that_is_wanted() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    let kept = export("alias = \"alpine\"\n  path = \"backup\"\n  keep_on_destroy = true");
    run.config(&kept).plan().updates(EXPORT);
    run.settles();
    run.destroy().succeeds().shows("The files will not be removed");
    assert!(run.path("backup").exists());
}

#[test]
fn a_file_that_is_another_one_by_now_is_left_with_a_warning() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    run.write("backup", "theirs");
    run.destroy().succeeds().shows("backup was not removed");
    assert_eq!(fs::read_to_string(run.path("backup")).unwrap(), "theirs");
    assert!(!run.path("backup.root").exists());
}

#[test]
fn a_tainted_export_makes_way_and_a_file_that_is_another_one_by_now_stays() {
    let Some(lab) = Lab::start() else { return };
    for image in [lab.images().unified("one"), lab.images().split("two")] {
        lab.by_hand("alpine", &image);
        let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
        run.settles();
        run.run(["taint", EXPORT]).succeeds();
        run.plan().replaces(EXPORT);
        run.settles();
        run.run(["taint", EXPORT]).succeeds();
        run.write("backup", "theirs");
        run.apply().fails_with("A file is in the way").shows("backup was not removed");
        assert_eq!(fs::read_to_string(run.path("backup")).unwrap(), "theirs");
        lab.delete_images();
    }
}

#[test]
fn notes_that_were_lost_are_made_anew() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    let mut state: Json = serde_json::from_str(&fs::read_to_string(run.path("terraform.tfstate")).unwrap()).unwrap();
    let lost = state["resources"][0]["instances"][0].as_object_mut().unwrap().remove("private");
    assert!(lost.is_some(), "there were notes");
    run.write("terraform.tfstate", &state.to_string());
    run.settles();
    run.write("backup", "theirs");
    run.run(["apply", "-refresh-only", "-auto-approve", "-no-color"]).succeeds();
    run.destroy().succeeds().shows("backup was not removed");
    assert_eq!(fs::read_to_string(run.path("backup")).unwrap(), "theirs");
}

#[test]
fn files_that_are_gone_already_are_no_failure() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"all/backup\""));
    fs::create_dir(run.path("all")).unwrap();
    run.settles();
    fs::remove_dir_all(run.path("all")).unwrap();
    run.run(["destroy", "-refresh=false", "-auto-approve", "-no-color"]).succeeds();
}

#[test]
fn another_path_is_another_export_and_the_old_files_go() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"one\""));
    run.settles();
    run.config(&export("alias = \"alpine\"\n  path = \"two\"")).plan().replaces(EXPORT);
    run.settles();
    assert!(run.path("two").exists(), "the new file");
    assert!(!run.path("one").exists(), "the old file");
}

#[test]
fn a_plan_that_may_lose_the_files_says_so() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let at = |path: &str, more: &str| export(&format!("alias = \"alpine\"\n  path = \"{path}\"\n  {more}"));
    let run = lab.terraform(&at("one", ""));
    run.settles();
    run.config(&at("two", "")).run(["plan", "-no-color"]).succeeds().does_not_show("may be lost");
    let told = "They go before others are written, which may fail: Unable to write to nowhere.";
    run.config(&at("nowhere/two", "")).plan().replaces(EXPORT).shows("The files of one may be lost").shows(told);
    lab.incus(["image", "alias", "delete", "alpine"]);
    run.config(&at("two", "")).plan().replaces(EXPORT).shows("which may fail: No image with alias alpine.");
    run.config(&at("one", "keep_on_destroy = true")).settles();
    run.config(&at("two", "keep_on_destroy = true")).run(["plan", "-no-color"]).succeeds().does_not_show("may be lost");
    let first = "lifecycle {\n    create_before_destroy = true\n  }";
    run.config(&at("one", "")).settles();
    run.config(&at("two", first)).apply().fails_with("No image with alias alpine");
    assert!(run.path("one").exists(), "what the warning suggests helps");
}

#[test]
fn another_path_leaves_the_old_file_where_it_is_another_one_by_now() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"one\""));
    run.settles();
    run.write("one", "theirs");
    run.config(&export("alias = \"alpine\"\n  path = \"two\"")).apply().succeeds().shows("one was not removed");
    assert_eq!(fs::read_to_string(run.path("one")).unwrap(), "theirs");
    run.settles();
}

#[test]
fn a_replacement_that_comes_first_keeps_the_files_that_both_have() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let image = lab.images().unified("alpine");
    let path = image.source.to_str().unwrap();
    for project in ["default", "web"] {
        lab.incus(["image", "import", path, "--alias", "alpine", "--project", project]);
    }
    let config = |project: &str| {
        let first = "overwrite = true\n  lifecycle {\n    create_before_destroy = true\n  }";
        export(&format!("alias = \"alpine\"\n  project = \"{project}\"\n  path = \"backup\"\n  {first}"))
    };
    let run = lab.terraform(&config("default"));
    run.settles();
    run.config(&config("web")).settles();
    assert!(run.path("backup").exists());
}
