//! What exports are for: the examples in `examples/guides`, night after night.

use std::fs;

use super::{names, same};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::published::configuration;
use crate::support::terraform::Workspace;

/// Two images, and a workspace whose backups go to a directory beside the configuration.
fn workspace(lab: &Lab) -> (ImageFiles, ImageFiles, Workspace) {
    let (web, database) = (lab.images().unified("web"), lab.images().split("database"));
    lab.by_hand("web", &web);
    lab.by_hand("database", &database);
    let run = lab.terraform("").env("TF_VAR_directory", "backups");
    fs::create_dir(run.path("backups")).unwrap();
    (web, database, run)
}

/// The configuration of a guide in a certain night.
fn at_night(guide: &str, date: &str) -> String {
    let text = configuration(&format!("guides/{guide}/main.tf"));
    let today = r#"formatdate("YYYY-MM-DD", plantimestamp())"#;
    assert!(text.contains(today), "{text}");
    text.replace(today, &format!("\"{date}\""))
}

/// Every night left its files, all of them what the images are.
#[track_caller]
fn are_kept(run: &Workspace, nights: &[&str], web: &ImageFiles, database: &ImageFiles) {
    let kept = |name: &str| run.path(&format!("backups/{name}"));
    for night in nights {
        same(&kept(&format!("web-{night}")), &web.source);
        same(&kept(&format!("database-{night}")), &database.source);
        same(&kept(&format!("database-{night}.root")), database.rootfs.as_ref().unwrap());
    }
    assert_eq!(names(&run.path("backups")).len(), 3 * nights.len());
}

#[test]
fn each_night_leaves_its_files_by_the_resource() {
    let Some(lab) = Lab::start() else { return };
    let (web, database, run) = workspace(&lab);
    run.config(&configuration("guides/nightly-backup-resource/main.tf")).plan().shows("2 to add");
    for (number, night) in ["2030-01-01", "2030-01-02"].iter().enumerate() {
        run.config(&at_night("nightly-backup-resource", night)).settles();
        are_kept(&run, &["2030-01-01", "2030-01-02"][..=number], &web, &database);
    }
}

#[test]
fn each_night_leaves_its_files_by_the_action() {
    let Some(lab) = Lab::start() else { return };
    let (web, database, run) = workspace(&lab);
    if !run.knows_query_and_actions() {
        return;
    }
    let invoke = "-invoke=action.incus_image_export.nightly";
    run.config(&configuration("guides/nightly-backup/main.tf"));
    run.run(["plan", "-no-color", invoke]).succeeds().does_not_show("Warning: A file");
    for (number, night) in ["2030-01-01", "2030-01-02"].iter().enumerate() {
        run.config(&at_night("nightly-backup", night));
        run.run(["apply", "-no-color", "-auto-approve", invoke]).succeeds();
        are_kept(&run, &["2030-01-01", "2030-01-02"][..=number], &web, &database);
    }
}
