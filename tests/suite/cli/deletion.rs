//! Taking images away.

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

#[test]
fn an_image_that_is_gone_already_is_no_obstacle() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", lab.images().unified("alpine").arguments())));
    run.settles();
    lab.incus(["image", "delete", "alpine"]);
    run.destroy().succeeds();

    run.settles();
    lab.incus(["image", "delete", "alpine"]);
    run.run(["destroy", "-refresh=false", "-input=false", "-no-color", "-auto-approve"]).succeeds();
    assert!(run.state(ALPINE).is_null());
}

#[test]
fn an_image_that_others_named_stays_with_a_warning() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  aliases = [\"more\"]\n  {}", image.arguments())));
    run.settles();
    lab.incus(["image", "alias", "create", "theirs", &image.fingerprint]);
    run.destroy()
        .succeeds()
        .shows("The image was not deleted")
        .shows("names that this resource does not manage: theirs.");
    let held = lab.api().images();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["aliases"].as_array().unwrap().len(), 1, "our names are gone");
    assert_eq!(held[0]["aliases"][0]["name"], "theirs");
    assert!(run.state(ALPINE).is_null());
}

#[test]
fn a_resource_taken_out_of_the_configuration_takes_its_image_along() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", lab.images().unified("alpine").arguments())));
    run.settles();
    run.config("").plan().deletes(ALPINE);
    run.settles();
    lab.has_no_images();
}

#[test]
fn a_removed_block_forgets_the_image_and_leaves_it() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    run.config(&format!("removed {{\n  from = {ALPINE}\n  lifecycle {{ destroy = false }}\n}}\n")).apply().succeeds();
    assert!(run.state(ALPINE).is_null());
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn an_architecture_that_does_not_fit_is_no_obstacle() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let with = |more: &str| alpine(&format!("alias = \"alpine\"\n  {}\n  {more}", files.arguments()));
    let run = lab.terraform(&with(""));
    run.settles();
    let held = lab.image("alpine");
    run.config(&with("architecture = \"arm64\"\n  public = true"));
    run.plan().updates(ALPINE).shows("Warning: The image is for another architecture").shows("is x86_64, not arm64");
    run.apply().fails_with("Error: The image is for another architecture").shows("Correct `architecture`");
    assert_eq!(lab.image("alpine"), held);
    run.destroy().succeeds();
    lab.has_no_images();
}
