//! What fails, and what is said then.

use super::export;
use crate::support::lab::Lab;

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_asked() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    for (arguments, why) in [
        ("path = \"a\"", "`alias` or `fingerprint` must say which image is meant."),
        ("path = \"a\"\n  alias = \"b\"\n  fingerprint = \"c\"", "Take out one of the two."),
        ("path = \"a\"\n  fingerprint = \"0123\"", "a fingerprint has 64 digits, this one has 4."),
        ("path = \"a\"\n  alias = \"\"", "An alias has at least one letter."),
        ("path = \"\"\n  alias = \"a\"", "A path is a file or a directory; this one is empty."),
        ("path = \"a\"\n  alias = \"a\"\n  project = \"a b\"", "project"),
        ("path = \"a\"\n  alias = \"a\"\n  timeouts {\n    create = \"5\"\n  }", "\"5\" is no duration."),
        ("path = \"a\"\n  alias = \"a\"\n  files = []", "`files` can't be set"),
    ] {
        run.config(&export(arguments)).validate().fails_with(why);
    }
}

#[test]
fn an_image_that_is_not_there_is_a_warning_and_then_an_error() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpin\"\n  path = \"backup\""));
    run.plan().shows("No image with alias alpin").shows("It must be there when the configuration is applied.");
    run.apply().fails_with("Most like it are: alpine");
    run.config(&export("alias = \"alpine\"\n  vm = true\n  path = \"backup\""));
    run.apply().fails_with("the only one of that name. Correct `vm`, or take it out.");
    run.config(&export("alias = \"alpine\"\n  architecture = \"arm64\"\n  path = \"backup\""));
    run.apply().fails_with("the only one of that name. Correct `architecture`, or take it out.");
    let fingerprint = "0123456789ab".repeat(6).split_off(8);
    run.config(&export(&format!("fingerprint = \"{fingerprint}\"\n  path = \"backup\"")));
    run.apply().fails_with(&format!("No image with fingerprint {fingerprint}"));
}

#[test]
fn a_directory_that_is_not_there_is_not_made() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"nowhere/backup\""));
    run.apply().fails_with("The directory nowhere must be there before images are exported to it.");
    assert!(!run.path("nowhere").exists());
    // A file can't be called so.
    run.config(&export("alias = \"alpine\"\n  path = \"nowhere/\""));
    run.apply().fails_with("The directory nowhere/ must be there before images are exported to it.");
    std::fs::create_dir(run.path("nowhere")).unwrap();
    run.settles();
    std::fs::remove_dir_all(run.path("nowhere")).unwrap();
    run.apply().fails_with("The directory nowhere/ must be there before images are exported to it.");
}
