//! An alias that stands for another image by now.

use std::fs;

use serde_json::json;

use super::{EXPORT, export, names, same};
use crate::support::lab::Lab;

#[test]
fn other_content_behind_the_alias_is_exported_in_place() {
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().unified("alpine"), lab.images().version(2).split("alpine"));
    lab.by_hand("alpine", &old);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    lab.incus(["image", "alias", "delete", "alpine"]);
    lab.by_hand("alpine", &new);
    run.plan().updates(EXPORT);
    run.settles();
    same(&run.path("backup"), &new.source);
    same(&run.path("backup.root"), new.rootfs.as_ref().unwrap());
    assert_eq!(run.state(EXPORT)["fingerprint"], new.fingerprint);

    lab.incus(["image", "alias", "delete", "alpine"]);
    lab.incus(["image", "alias", "create", "alpine", &old.fingerprint]);
    lab.images().unified("alpine");
    run.settles();
    assert!(!run.path("backup.root").exists(), "the half that no longer belongs to it goes");
    assert_eq!(run.state(EXPORT)["files"].as_array().unwrap().len(), 1);
}

#[test]
fn an_image_for_another_architecture_counts_unless_one_is_configured() {
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().unified("alpine"), lab.images().architecture("aarch64").unified("arm"));
    lab.by_hand("alpine", &old);
    lab.by_hand("arm", &new);
    let call = |image: &str| lab.api().patch("/1.0/images/aliases/alpine", &json!({"target": image}));
    let run = lab.terraform(&export("alias = \"alpine\"\n  architecture = \"amd64\"\n  path = \"backup\""));
    run.settles();
    call(&new.fingerprint);
    run.plan().shows("The image is another one than asked for").is_empty();
    call(&old.fingerprint);
    run.destroy().succeeds();
    run.config(&export("alias = \"alpine\"\n  path = \"backup\"")).settles();
    run.config(&export("alias = \"alpine\"\n  architecture = \"arm64\"\n  path = \"backup\""))
        .apply()
        .fails_with("another one");
    run.config(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.run(["plan", "-no-color"]).succeeds().does_not_show("another one than asked for");
    call(&new.fingerprint);
    run.plan().updates(EXPORT);
    run.settles();
    assert_eq!(
        (&run.state(EXPORT)["fingerprint"], &run.state(EXPORT)["architecture"]),
        (&json!(new.fingerprint), &json!("aarch64"))
    );
}

#[test]
fn in_a_directory_the_old_files_go_when_the_new_ones_are_there() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().split("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"all\""));
    fs::create_dir(run.path("all")).unwrap();
    run.settles();
    lab.incus(["image", "alias", "delete", "alpine"]);
    let new = lab.images().version(2).unified("alpine");
    lab.by_hand("alpine", &new);
    run.settles();
    assert_eq!(names(&run.path("all")), [format!("{}.tar.gz", new.fingerprint)]);
}

#[test]
fn an_alias_that_is_gone_is_a_warning_and_the_files_stay() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    lab.delete_images();
    run.plan().shows("No image with alias alpine").is_empty();
    same(&run.path("backup"), &image.source);
}

#[test]
fn another_name_of_the_same_image_is_recorded() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.settles();
    let written = fs::metadata(run.path("backup")).unwrap().modified().unwrap();
    let fingerprint = lab.image("alpine")["fingerprint"].as_str().unwrap().to_owned();
    lab.incus(["image", "alias", "create", "other", &fingerprint]);
    for selection in ["alias = \"other\"".to_owned(), format!("fingerprint = \"{fingerprint}\"")] {
        run.config(&export(&format!("{selection}\n  path = \"backup\""))).plan().updates(EXPORT);
        run.settles();
    }
    assert_eq!(fs::metadata(run.path("backup")).unwrap().modified().unwrap(), written, "nothing was written");
}
