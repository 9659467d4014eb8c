//! `keep_on_destroy`: an image that is forgotten, not deleted, and that the plan says so.

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

const PLAN: [&str; 4] = ["plan", "-destroy", "-input=false", "-no-color"];

#[test]
fn an_image_with_a_source_is_kept_where_it_is_wanted_so() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}\n  keep_on_destroy = true", image.arguments())));
    run.settles();
    let held = lab.image("alpine");
    run.run(PLAN)
        .succeeds()
        .shows("The image will not be deleted")
        .shows(&format!("local:default/{} stays on the server", image.fingerprint))
        .shows("because `keep_on_destroy` is set.");
    run.destroy().succeeds().shows("The image will not be deleted");
    assert_eq!(lab.image("alpine"), held);
    assert!(run.state(ALPINE).is_null());
}

#[test]
fn it_is_recorded_without_a_write() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let with = |more: &str| alpine(&format!("alias = \"alpine\"\n  {source}\n  {more}"));
    let run = lab.terraform(&with(""));
    run.settles();
    let held = lab.image("alpine");
    run.config(&with("keep_on_destroy = true")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), held);
    run.config("").plan().deletes(ALPINE).shows("The image will not be deleted");
    run.config(&with("")).plan().updates(ALPINE);
    run.settles();
    run.run(PLAN).succeeds().does_not_show("The image will not be deleted");
    run.config("").settles();
    lab.has_no_images();
}

#[test]
fn other_content_takes_the_place_of_a_kept_image_all_the_same() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {source}\n  keep_on_destroy = true")));
    run.settles();
    let newer = lab.images().version(2).unified("alpine");
    run.settles();
    assert_eq!(lab.api().images(), [lab.image("alpine")]);
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
}
