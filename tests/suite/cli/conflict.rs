//! `alias_conflict`: a wanted name that belongs to another image. That image itself always stays.

use serde_json::{Value, json};

use super::{ALPINE, alpine};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::running::until;

const TAKE_OVER: &str = "alias_conflict = \"take_over\"";

/// An image of others, under this name and with words of theirs about it.
fn theirs(lab: &Lab, alias: &str) -> ImageFiles {
    let image = lab.images().unified("theirs");
    lab.by_hand(alias, &image);
    lab.api().patch(&format!("/1.0/images/aliases/{alias}"), &json!({"description": "their words"}));
    image
}

fn aliases(lab: &Lab, image: &ImageFiles) -> Value {
    lab.api().get(&format!("/1.0/images/{}", image.fingerprint))["aliases"].clone()
}

#[test]
fn it_is_an_error_unless_it_may_be_taken_over() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "alpine");
    let ours = lab.images().unified("alpine");
    let with = |more: &str| alpine(&format!("alias = \"alpine\"\n  {}\n  {more}", ours.arguments()));
    let held = lab.api().images();
    let run = lab.terraform(&with(""));
    for error in ["", "alias_conflict = \"error\""] {
        run.config(&with(error))
            .apply()
            .fails_with("The alias alpine is taken")
            .shows(&format!("It names image {}", theirs.fingerprint))
            .shows("set alias_conflict = \"take_over\"");
        assert_eq!(lab.api().images(), held);
    }

    run.config(&with(TAKE_OVER)).settles();
    assert_eq!(aliases(&lab, &ours), json!([{"name": "alpine", "description": "their words"}]));
    assert_eq!(aliases(&lab, &theirs), json!([]), "their image only loses the name");
    run.config(&with("")).settles();
    run.destroy().succeeds();
    assert_eq!(lab.api().images().len(), 1);
    assert_eq!(aliases(&lab, &theirs), json!([]));
}

#[test]
fn an_update_takes_a_name_over() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "taken");
    let ours = lab.images().unified("alpine");
    let named = |names: &str| alpine(&format!("{names}\n  {}\n  {TAKE_OVER}", ours.arguments()));
    let run = lab.terraform(&named("alias = \"alpine\""));
    run.settles();
    run.config(&named("alias = \"alpine\"\n  aliases = [\"taken\"]")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("taken"), lab.image("alpine"));
    assert_eq!(aliases(&lab, &theirs), json!([]));
}

#[test]
fn a_new_primary_name_is_taken_over() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "taken");
    let ours = lab.images().unified("alpine");
    let named = |alias: &str| alpine(&format!("alias = \"{alias}\"\n  {}\n  {TAKE_OVER}", ours.arguments()));
    let run = lab.terraform(&named("alpine"));
    run.settles();
    run.config(&named("taken")).settles();
    assert_eq!(lab.image("taken")["fingerprint"], ours.fingerprint);
    assert_eq!(lab.image("taken")["aliases"].as_array().unwrap().len(), 1, "the old name is gone");
    assert_eq!(aliases(&lab, &theirs), json!([]));
}

#[test]
fn a_swap_takes_a_name_over() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "taken");
    let source = lab.images().unified("alpine").arguments();
    let named =
        |names: &str, more: &str| alpine(&format!("alias = \"alpine\"\n  aliases = [{names}]\n  {source}\n  {more}"));
    let run = lab.terraform(&named("", ""));
    run.settles();
    let held = lab.api().images();
    let newer = lab.images().version(2).unified("alpine");
    run.config(&named("\"taken\"", "")).apply().fails_with("The alias taken is taken");
    assert_eq!(lab.api().images(), held);
    run.config(&named("\"taken\"", TAKE_OVER)).settles();
    assert_eq!(lab.image("taken"), lab.image("alpine"));
    assert_eq!(lab.image("taken")["fingerprint"], newer.fingerprint);
    assert_eq!(aliases(&lab, &theirs), json!([]));
    assert_eq!(lab.api().images().len(), 2, "ours and theirs");
}

#[test]
fn a_name_that_was_taken_over_may_be_described() {
    let Some(lab) = Lab::start() else { return };
    theirs(&lab, "alpine");
    let described = "alias_descriptions = { alpine = \"our words\" }";
    let arguments = lab.images().unified("alpine").arguments();
    lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {arguments}\n  {described}\n  {TAKE_OVER}"))).settles();
    assert_eq!(lab.image("alpine")["aliases"], json!([{"name": "alpine", "description": "our words"}]));
}

#[test]
fn a_create_that_is_stopped_later_gives_the_name_back() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "a-taken-one");
    let held = lab.api().images();
    let run = lab.terraform(&many(&lab.images().unified("alpine")));
    let apply = run.start_apply();
    until("the name is taken over", || aliases(&lab, &theirs) == json!([]));
    apply.interrupt();
    apply.ends().fails_with("Stopped").shows("The image was not finished, and was removed again.");
    assert_eq!(lab.api().images(), held);
    assert!(run.state(ALPINE).is_null());
    run.settles();
    assert_eq!(lab.image("a-taken-one"), lab.image("alpine"));
}

#[test]
fn a_swap_that_is_stopped_before_the_primary_name_gives_all_names_back() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "a-taken-one");
    let older = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", older.arguments())));
    run.settles();
    let held = lab.api().images();
    let newer = lab.images().version(2).unified("alpine");
    let run = run.config(&many(&newer));
    let apply = run.start_apply();
    until("the name is taken over", || aliases(&lab, &theirs) == json!([]));
    apply.interrupt();
    let stopped = apply.ends();
    stopped.fails_with("Stopped").shows("The old content stays in service, and what was begun was undone.");
    assert_eq!(lab.api().images(), held);
    assert_eq!(run.state(ALPINE)["fingerprint"], older.fingerprint);
    run.settles();
    assert_eq!(lab.image("a-taken-one")["fingerprint"], newer.fingerprint);
    assert_eq!(lab.api().images().len(), 2, "ours and theirs");
}

#[test]
fn a_change_of_names_that_is_stopped_gives_all_names_back() {
    let Some(lab) = Lab::start() else { return };
    let theirs = theirs(&lab, "a-taken-one");
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    let held = lab.api().images();
    let apply = run.config(&many(&image)).start_apply();
    until("the name is taken over", || aliases(&lab, &theirs) == json!([]));
    apply.interrupt();
    let stopped = apply.ends();
    stopped.fails_with("Stopped").shows("The image stays, without the names that it was being given.");
    stopped.does_not_show("removed again");
    assert_eq!(lab.api().images(), held);
    run.settles();
    assert_eq!(lab.image("a-taken-one"), lab.image("alpine"));
}

/// So many names that there is time to stop between the first and the primary one, which comes last.
fn many(image: &ImageFiles) -> String {
    let more = "aliases = concat([\"a-taken-one\"], [for number in range(150) : \"alpine-${number}\"])";
    alpine(&format!("alias = \"alpine\"\n  {more}\n  {}\n  {TAKE_OVER}", image.arguments()))
}
