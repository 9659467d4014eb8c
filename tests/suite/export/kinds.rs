//! Every kind of image, to a file and to a directory.

use std::fs;

use serde_json::json;

use super::{EXPORT, export, names, same};
use crate::support::lab::Lab;

#[test]
fn a_unified_image_is_exactly_the_file_at_the_path() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"backup\""));
    run.plan().creates(EXPORT);
    run.settles();
    same(&run.path("backup"), &image.source);
    assert!(!names(&run.path("")).iter().any(|name| name.starts_with("backup.")), "nothing beside it");
    let state = run.state(EXPORT);
    let size = fs::metadata(&image.source).unwrap().len();
    assert_eq!(state["files"], json!([{"path": "backup", "size": size, "sha256": image.fingerprint}]));
    assert_eq!((&state["fingerprint"], &state["type"]), (&json!(image.fingerprint), &json!("container")));
    assert_eq!((&state["size"], &state["architecture"]), (&json!(size), &json!("x86_64")));
    assert_eq!((&state["remote"], &state["project"]), (&json!("local"), &json!("default")));
    assert_eq!(
        (&state["overwrite"], &state["keep_on_destroy"], &state["vm"]),
        (&json!(false), &json!(false), &json!(false))
    );
}

#[test]
fn a_split_image_is_the_file_at_the_path_and_its_root_beside_it() {
    let Some(lab) = Lab::start() else { return };
    for (image, vm) in [(lab.images().split("alpine"), false), (lab.images().virtual_machine("ubuntu"), true)] {
        lab.by_hand("base", &image);
        let run = lab.terraform(&export(&format!("alias = \"base\"\n  vm = {vm}\n  path = \"backup\"")));
        run.settles();
        same(&run.path("backup"), &image.source);
        same(&run.path("backup.root"), image.rootfs.as_ref().unwrap());
        let state = run.state(EXPORT);
        assert_eq!(state["files"][1]["path"], "backup.root");
        assert_eq!(state["type"], lab.image("base")["type"]);
        assert_eq!(state["size"], lab.image("base")["size"]);
        lab.delete_images();
    }
}

/// Each looks at what interrupted runs have left in the folder, and finds what the others are writing there.
#[test]
fn thirty_exports_into_one_folder_at_once() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("count = 30\n  alias = \"alpine\"\n  path = \"backup-${count.index}\""));
    let apply = ["apply", "-input=false", "-no-color", "-auto-approve", "-parallelism=30"];
    run.run(apply).succeeds().shows("30 added");
    run.plan().is_empty();
    for number in 0..30 {
        same(&run.path(&format!("backup-{number}")), &image.source);
        same(&run.path(&format!("backup-{number}.root")), image.rootfs.as_ref().unwrap());
    }
    run.destroy().succeeds();
    let is_of_an_export = |name: &String| name.starts_with("backup-") || name.starts_with(".terraform-provider-incus");
    assert!(!names(&run.path("")).iter().any(is_of_an_export));
}

#[test]
fn in_a_directory_the_files_are_called_as_the_incus_client_calls_them() {
    let Some(lab) = Lab::start() else { return };
    let images = [lab.images().unified("alpine"), lab.images().split("debian"), lab.images().virtual_machine("ubuntu")];
    for (number, image) in images.iter().enumerate() {
        lab.by_hand("base", image);
        let theirs = lab.path(&format!("theirs-{number}"));
        fs::create_dir(&theirs).unwrap();
        lab.incus(["image", "export", "base", theirs.to_str().unwrap()]);
        let ours = lab.path(&format!("ours-{number}"));
        fs::create_dir(&ours).unwrap();
        let run = lab.terraform(&export(&format!("alias = \"base\"\n  path = \"{}\"", ours.display())));
        run.settles();
        assert_eq!(names(&ours), names(&theirs));
        for name in names(&theirs) {
            same(&ours.join(&name), &theirs.join(&name));
        }
        run.destroy().succeeds();
        assert_eq!(names(&ours), [""; 0]);
        lab.delete_images();
    }
}

#[test]
fn a_fingerprint_means_precisely_one_image() {
    let Some(lab) = Lab::start() else { return };
    let (one, other) = (lab.images().unified("one"), lab.images().unified("other"));
    lab.by_hand("one", &one);
    lab.by_hand("other", &other);
    let pinned = |fingerprint: &str| export(&format!("fingerprint = \"{fingerprint}\"\n  path = \"~/backup\""));
    let run = lab.terraform(&pinned(&one.fingerprint));
    let planned = run.plan().creates(EXPORT).change(EXPORT);
    assert_eq!(planned["after"]["fingerprint"], one.fingerprint.as_str());
    run.settles();
    same(&lab.path("home/backup"), &one.source);
    run.config(&pinned(&other.fingerprint)).plan().updates(EXPORT);
    run.settles();
    same(&lab.path("home/backup"), &other.source);
}

#[test]
fn an_image_comes_from_the_project_and_remote_that_are_named() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let image = lab.images().unified("alpine");
    let path = image.source.to_str().unwrap();
    lab.incus(["image", "import", path, "--alias", "alpine", "--project", "web"]);
    let run =
        lab.terraform(&export("alias = \"alpine\"\n  remote = \"local\"\n  project = \"web\"\n  path = \"backup\""));
    run.settles();
    same(&run.path("backup"), &image.source);
    run.config(&export("alias = \"alpine\"\n  project = \"default\"\n  path = \"backup\""));
    run.plan().replaces(EXPORT).shows("There is none in project default");
}
