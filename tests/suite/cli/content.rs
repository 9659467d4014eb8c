//! What becomes of an image when the file that it came from changes, moves or goes.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

#[test]
fn other_content_in_the_file_is_another_image() {
    let Some(lab) = Lab::start() else { return };
    let first = lab.images().split("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", first.arguments())));
    run.settles();

    let second = lab.images().version(2).split("alpine");
    let plan = run.plan();
    plan.updates(ALPINE);
    let change = plan.change(ALPINE);
    assert_eq!(change["before"]["fingerprint"], first.fingerprint);
    assert_eq!(change["after"]["fingerprint"], second.fingerprint, "the plan shows the new fingerprint");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_file_that_was_only_touched_changes_nothing() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    let later = SystemTime::now() + Duration::from_secs(3600);
    File::options().write(true).open(&image.source).unwrap().set_modified(later).unwrap();
    run.plan().is_empty();
}

#[test]
fn a_file_that_moved_is_not_sent_again() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    let before = lab.image("alpine");

    fs::rename(&image.source, lab.path("files/elsewhere.tar.gz")).unwrap();
    run.config(&alpine("alias = \"alpine\"\n  source = \"../files/elsewhere.tar.gz\"")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), before);
}

#[test]
fn an_image_outlives_its_file() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let settings = |more: &str| alpine(&format!("alias = \"alpine\"\n  {}{more}", image.arguments()));
    let run = lab.terraform(&settings(""));
    run.settles();
    fs::remove_file(&image.source).unwrap();
    run.plan().is_empty();
    run.config(&settings("\n  public = true")).settles();
    assert_eq!(lab.image("alpine")["public"], true);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn a_missing_file_is_a_warning_in_the_plan_and_an_error_in_the_apply() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&alpine("alias = \"alpine\"\n  source = \"../files/alpine.tar.gz\""));
    run.plan().creates(ALPINE).shows("The file ../files/alpine.tar.gz is not there");
    run.apply()
        .fails_with("Unable to read ../files/alpine.tar.gz")
        .shows("Check the path; it is relative to the working directory.");
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());

    lab.images().unified("alpine");
    run.settles();
}

#[test]
fn a_file_may_be_made_by_the_same_run() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let made = "resource \"terraform_data\" \"file\" {
  provisioner \"local-exec\" { command = \"cp ../files/alpine.tar.gz made.tar.gz\" }
}\n";
    let arguments = "alias = \"alpine\"\n  source = \"made.tar.gz\"\n  depends_on = [terraform_data.file]";
    let run = lab.terraform(&format!("{made}{}", alpine(arguments)));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn a_source_known_only_in_the_apply_is_taken_then() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let path = "resource \"terraform_data\" \"path\" { input = \"../files/alpine.tar.gz\" }\n";
    let run = lab.terraform(&format!("{path}{}", alpine("alias = \"alpine\"\n  source = terraform_data.path.output")));
    run.plan().creates(ALPINE).shows("fingerprint = (known after apply)");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}
