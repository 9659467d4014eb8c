//! Images that can't be made: what is said, that nothing stays on the server, and that it works once the cause is gone.

use std::fs;

use super::{ALPINE, alpine};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;

/// The id in the import command that an error gives, which stands on a line of its own.
#[track_caller]
fn import_id(failed: &Outcome) -> String {
    let line = failed.line("terraform import ADDRESS ");
    let id = line.split_once("ADDRESS ").unwrap().1;
    let id = id.strip_prefix('\'').and_then(|id| id.split_once('\'')).map(|(id, _)| id);
    id.unwrap_or_else(|| panic!("no id in {line:?}")).to_owned()
}

#[test]
fn a_taken_alias() {
    let Some(lab) = Lab::start() else { return };
    let theirs = lab.images().unified("theirs");
    lab.by_hand("alpine", &theirs);
    let source = lab.images().unified("alpine").arguments();
    for (names, line) in [
        ("alias = \"alpine\"", "2: alias = \"alpine\""),
        ("alias = \"mine\"\n  aliases = [\"alpine\"]", "3: aliases = [\"alpine\"]"),
    ] {
        let run = lab.terraform(&alpine(&format!("{names}\n  {source}")));
        let failed = run.apply();
        failed
            .fails_with("The alias alpine is taken")
            .shows(line)
            .shows(&format!("It names image {}", theirs.fingerprint));
        assert_eq!(lab.api().images(), [lab.image("alpine")], "nothing is left");
        assert!(run.state(ALPINE).is_null());
    }
    lab.incus(["image", "alias", "rename", "alpine", "theirs"]);
    lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {source}"))).settles();
}

#[test]
fn a_taken_alias_can_be_imported_as_the_error_says() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("theirs"));
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {source}")));
    let failed = run.apply();
    failed.fails_with("The alias alpine is taken");
    run.import(ALPINE, &import_id(&failed)).succeeds();
    assert_eq!(run.state(ALPINE)["fingerprint"], lab.image("alpine")["fingerprint"]);
}

#[test]
fn a_taken_alias_in_an_update_changes_nothing() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("theirs", &lab.images().unified("theirs"));
    let source = lab.images().unified("alpine").arguments();
    let named = |names: &str| alpine(&format!("{names}\n  {source}"));
    let run = lab.terraform(&named("alias = \"alpine\""));
    run.settles();
    let before = lab.image("alpine");
    run.config(&named("alias = \"theirs\"\n  public = true")).apply().fails_with("The alias theirs is taken");
    assert_eq!(lab.image("alpine"), before);
    assert_eq!(run.state(ALPINE)["alias"], "alpine");
    run.config(&named("alias = \"alpine\"")).plan().is_empty();
}

#[test]
fn an_image_that_is_on_the_server_already() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("theirs", &image);
    let held = lab.image("theirs");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    let failed = run.apply();
    failed.fails_with("The image is already on the server");
    assert_eq!(lab.api().images(), [held], "it is as it was");
    assert!(run.state(ALPINE).is_null());
    run.import(ALPINE, &import_id(&failed)).succeeds();
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn a_file_that_is_no_image() {
    let Some(lab) = Lab::start() else { return };
    let file = lab.path("files/alpine.tar.gz");
    fs::write(&file, "this is no image\n".repeat(100)).unwrap();
    let run = lab.terraform(&alpine("alias = \"alpine\"\n  source = \"../files/alpine.tar.gz\""));
    let failed = run.apply();
    failed
        .fails_with("Unable to")
        .shows("source = \"../files/alpine.tar.gz\"")
        .shows("is no image that Incus can read");
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());
    lab.images().unified("alpine");
    run.settles();
}

#[test]
fn half_of_a_split_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  source = \"{}\"", image.source.display())));
    run.apply().fails_with("Unable to").shows("`rootfs`");
    lab.has_no_images();
    run.config(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments()))).settles();
}

#[test]
fn a_directory_instead_of_a_file() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&alpine("alias = \"alpine\"\n  source = \"../files\""));
    run.apply().fails_with("Unable to read ../files").shows("it is a directory");
}

#[test]
fn a_fingerprint_that_the_file_does_not_have() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let pinned = |fingerprint: &str| {
        alpine(&format!("alias = \"alpine\"\n  fingerprint = \"{fingerprint}\"\n  {}", image.arguments()))
    };
    let run = lab.terraform(&pinned(&"0".repeat(64)));
    let failed = run.apply();
    failed
        .fails_with("The content is not the pinned one")
        .shows(&format!("The source files hash to {}", image.fingerprint))
        .shows("3: fingerprint =");
    lab.has_no_images();
    run.config(&pinned(&image.fingerprint)).settles();
    lab.images().version(2).unified("alpine");
    run.plan().shows("The source files are not those of the image").is_empty();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn a_profile_that_is_not_there() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().split("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  profiles = [\"small\"]\n  {source}")));
    let failed = run.apply();
    failed.fails_with("Profile 'small' doesn't exist").shows("Create the profile first, or take it out of `profiles`.");
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());
    lab.incus(["profile", "create", "small"]);
    run.settles();
}
