//! The names of an image: changed in place, one by one, and never those of others.

use serde_json::{Value, json};

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

#[test]
fn a_renamed_alias_keeps_its_description_and_the_image() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"old\"\n  {source}")));
    run.settles();
    lab.api().patch("/1.0/images/aliases/old", &json!({"description": "the good one"}));
    run.plan().is_empty();
    let before = lab.image("old");

    run.config(&alpine(&format!("alias = \"new\"\n  {source}"))).plan().updates(ALPINE);
    run.settles();
    let after = lab.image("new");
    assert_eq!(after["aliases"], json!([{"name": "new", "description": "the good one"}]));
    assert_eq!(after["uploaded_at"], before["uploaded_at"]);
    assert_eq!(run.state(ALPINE)["all_aliases"], after["aliases"]);
}

#[test]
fn names_come_and_go_without_touching_the_rest() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let named = |names: &str| alpine(&format!("{names}\n  {source}"));
    let run = lab.terraform(&named("alias = \"alpine\""));
    run.settles();
    let before = lab.image("alpine");

    run.config(&named("alias = \"alpine\"\n  aliases = [\"bb\", \"a/b:c\"]")).settles();
    assert_eq!(names(&lab), ["a/b:c", "alpine", "bb"]);
    run.config(&named("alias = \"alpine\"\n  aliases = [\"bb\", \"dd\", \"ee\"]")).settles();
    assert_eq!(names(&lab), ["alpine", "bb", "dd", "ee"]);
    run.config(&named("alias = \"alpine\"\n  aliases = []")).settles();
    assert_eq!(names(&lab), ["alpine"]);
    run.config(&named("alias = \"alpine\"\n  aliases = [\"bb\"]")).settles();
    run.config(&named("alias = \"alpine\"")).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine"), before);
}

#[test]
fn a_name_that_moves_between_alias_and_aliases_stays_as_it_is() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"aa\"\n  aliases = [\"bb\"]\n  {source}")));
    run.settles();
    for name in ["aa", "bb"] {
        lab.api().patch(&format!("/1.0/images/aliases/{name}"), &json!({"description": format!("about {name}")}));
    }
    let before = lab.image("aa");
    run.config(&alpine(&format!("alias = \"bb\"\n  aliases = [\"aa\"]\n  {source}"))).plan().updates(ALPINE);
    run.settles();
    assert_eq!(sorted(&lab.image("aa")), sorted(&before));
}

#[test]
fn a_name_that_is_configured_twice_is_one() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let named = |alias: &str, more: &str| alpine(&format!("alias = \"{alias}\"\n  aliases = [{more}]\n  {source}"));
    let run = lab.terraform(&named("aa", "\"aa\", \"bb\""));
    run.settles();
    let before = lab.image("aa");
    assert_eq!(names(&lab), ["aa", "bb"]);
    for (alias, more) in [("aa", "\"bb\""), ("aa", "\"bb\", \"aa\""), ("bb", "\"bb\", \"aa\"")] {
        run.config(&named(alias, more)).settles();
        assert_eq!(lab.image("aa"), before);
    }
    run.config(&named("bb", "\"bb\"")).settles();
    assert_eq!(names(&lab), ["bb"]);
}

#[test]
fn a_name_given_by_others_is_shown_and_left_alone() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let named = |names: &str| alpine(&format!("{names}\n  {}", image.arguments()));
    let run = lab.terraform(&named("alias = \"alpine\"\n  aliases = [\"more\"]"));
    run.settles();
    lab.incus(["image", "alias", "create", "theirs", &image.fingerprint]);
    run.plan().is_empty();
    run.config(&named("alias = \"mine\"")).settles();
    assert_eq!(names(&lab), ["mine", "theirs"]);
    let shown = run.state(ALPINE)["all_aliases"].as_array().unwrap().clone();
    assert!(shown.iter().any(|alias| alias["name"] == "theirs"), "{shown:?}");
}

#[test]
fn a_name_that_is_no_longer_configured_stays() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {source}")));
    run.settles();
    run.config(&alpine(&source)).plan().is_empty();
    assert_eq!(names(&lab), ["alpine"]);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn a_further_name_that_others_took_away_comes_back() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  aliases = [\"bb\", \"cc\"]\n  {source}")));
    run.settles();
    let before = lab.image("alpine");
    lab.incus(["image", "alias", "delete", "bb"]);
    run.plan().updates(ALPINE).shows("+ \"bb\"");
    run.settles();
    assert_eq!(sorted(&lab.image("alpine")), sorted(&before));

    lab.incus(["image", "alias", "delete", "bb"]);
    let theirs = lab.images().unified("theirs");
    lab.by_hand("bb", &theirs);
    run.apply().fails_with("The alias bb is taken").shows(&format!("It names image {}", theirs.fingerprint));
    assert_eq!(lab.image("bb")["fingerprint"], theirs.fingerprint);
    lab.incus(["image", "delete", "bb"]);
    run.settles();
    assert_eq!(sorted(&lab.image("alpine")), sorted(&before));
}

/// The names of the only image.
fn names(lab: &Lab) -> Vec<String> {
    let images = lab.api().images();
    assert_eq!(images.len(), 1);
    let aliases = images[0]["aliases"].as_array().unwrap().iter();
    let mut names: Vec<_> = aliases.map(|alias| alias["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The aliases of an image, in an order of their own: the server's is that of their creation.
fn sorted(image: &Value) -> Vec<String> {
    let mut aliases: Vec<_> = image["aliases"].as_array().unwrap().iter().map(Value::to_string).collect();
    aliases.sort();
    aliases
}
