//! The action `incus_image_export` from a command line that knows actions.

use std::fs;

use super::{names, same};
use crate::support::lab::Lab;
use crate::support::published::configuration;

#[test]
fn the_example_exports_on_demand_and_before_newer_content() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    if !run.knows_query_and_actions() {
        return;
    }
    let (old, new) = (lab.images().unified("old"), lab.images().version(2).unified("new"));
    let web = lab.images().split("web");
    lab.by_hand("web", &web);
    let backups = run.path("backups");
    fs::create_dir(&backups).unwrap();
    let example = configuration("actions/incus_image_export/action.tf");
    run.config(&example.replace("/var/backups/images", backups.to_str().unwrap()));
    fs::copy(&old.source, run.path("base.tar.gz")).unwrap();
    run.settles();
    assert_eq!(names(&backups), [""; 0], "nothing is exported when an image is made");

    fs::copy(&new.source, run.path("base.tar.gz")).unwrap();
    run.settles().shows("Exporting image").shows(&format!("sha256 {}", old.fingerprint));
    let kept = names(&backups);
    assert_eq!(kept.len(), 1, "{kept:?}");
    same(&backups.join(&kept[0]), &old.source);
    assert_eq!(lab.image("base")["fingerprint"], new.fingerprint);

    // Once more, over what is there.
    for _ in 0..2 {
        let invoke = "-invoke=action.incus_image_export.web";
        run.run(["apply", "-no-color", "-auto-approve", invoke]).succeeds().shows("Exported web.tar (");
        same(&run.path("web.tar"), &web.source);
        same(&run.path("web.tar.root"), web.rootfs.as_ref().unwrap());
    }
    run.plan().is_empty();
}

#[test]
fn what_can_be_told_early_is_told_early() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    if !run.knows_query_and_actions() {
        return;
    }
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let action = |arguments: &str| {
        format!("action \"incus_image_export\" \"backup\" {{\n  config {{\n    {arguments}\n  }}\n}}\n")
    };
    run.config(&action("path = \"a\""))
        .validate()
        .fails_with("`alias` or `fingerprint` must say which image is meant.");
    run.config(&action("alias = \"alpine\"\n    path = \"nowhere/backup\""));
    let invoke = "-invoke=action.incus_image_export.backup";
    run.run(["plan", "-no-color", invoke]).succeeds().shows("must be there before images are exported to it.");
    run.run(["apply", "-no-color", "-auto-approve", invoke]).fails_with("Unable to write to nowhere");
}
