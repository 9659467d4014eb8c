//! `alias_descriptions`: what is said about a name, and that nothing else says it away.

use serde_json::json;

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

fn description(lab: &Lab, alias: &str) -> String {
    let entry = lab.api().get(&format!("/1.0/images/aliases/{alias}"));
    entry["description"].as_str().expect("a description").to_owned()
}

fn describe_by_hand(lab: &Lab, alias: &str, description: &str) {
    lab.api().patch(&format!("/1.0/images/aliases/{alias}"), &json!({"description": description}));
}

#[test]
fn they_are_set_changed_and_taken_away() {
    let Some(lab) = Lab::start() else { return };
    let names = "alias = \"alpine\"\n  aliases = [\"more\"]";
    let with = |more: &str| alpine(&format!("{names}\n  {}\n  {more}", lab.images().unified("alpine").arguments()));
    let run = lab.terraform(&with("alias_descriptions = { alpine = \"the good one\", more = \"also good\" }"));
    run.settles();
    assert_eq!([description(&lab, "alpine"), description(&lab, "more")], ["the good one", "also good"]);
    let shown = json!([
        {"name": "alpine", "description": "the good one"},
        {"name": "more", "description": "also good"},
    ]);
    assert_eq!(run.state(ALPINE)["all_aliases"], shown);
    for (described, expected) in [
        ("{ alpine = \"the better one\", more = \"also good\" }", ["the better one", "also good"]),
        ("{ alpine = \"the better one\" }", ["the better one", ""]),
        ("{ alpine = \"\", more = \"again\" }", ["", "again"]),
        ("null", ["", ""]),
    ] {
        run.config(&with(&format!("alias_descriptions = {described}"))).plan().updates(ALPINE);
        run.settles();
        assert_eq!([description(&lab, "alpine"), description(&lab, "more")], expected, "{described}");
    }
}

#[test]
fn they_outlive_a_swap() {
    let Some(lab) = Lab::start() else { return };
    let names = "alias = \"alpine\"\n  aliases = [\"more\", \"unlisted\"]";
    let described = "alias_descriptions = { alpine = \"the good one\", more = \"also good\" }";
    let run =
        lab.terraform(&alpine(&format!("{names}\n  {described}\n  {}", lab.images().unified("alpine").arguments())));
    run.settles();
    describe_by_hand(&lab, "unlisted", "said by others");
    run.plan().is_empty();
    let newer = lab.images().version(2).unified("alpine");
    run.settles();
    for (alias, said) in [("alpine", "the good one"), ("more", "also good"), ("unlisted", "said by others")] {
        assert_eq!(description(&lab, alias), said);
        assert_eq!(lab.image(alias)["fingerprint"], newer.fingerprint);
    }
}

#[test]
fn other_words_come_with_other_content() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let with = |names: &str, described: &str| {
        alpine(&format!(
            "alias = \"alpine\"\n  aliases = [{names}]\n  alias_descriptions = {{ {described} }}\n  {source}"
        ))
    };
    let run = lab.terraform(&with("\"old\"", "alpine = \"first\", old = \"goes\""));
    run.settles();
    lab.images().version(2).unified("alpine");
    run.config(&with("\"new\"", "alpine = \"second\", new = \"comes\"")).settles();
    assert_eq!([description(&lab, "alpine"), description(&lab, "new")], ["second", "comes"]);
    assert!(!lab.api().has("/1.0/images/aliases/old"));
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn a_renamed_name_is_described_as_configured() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let named = |alias: &str, described: &str| {
        alpine(&format!("alias = \"{alias}\"\n  alias_descriptions = {{ {alias} = \"{described}\" }}\n  {source}"))
    };
    let run = lab.terraform(&named("old", "the good one"));
    run.settles();
    run.config(&named("new", "the good one")).settles();
    assert_eq!(lab.image("new")["aliases"], json!([{"name": "new", "description": "the good one"}]));
    run.config(&named("newer", "the better one")).settles();
    assert_eq!(lab.image("newer")["aliases"], json!([{"name": "newer", "description": "the better one"}]));
}

#[test]
fn what_others_say_about_a_described_name_is_repaired() {
    let Some(lab) = Lab::start() else { return };
    let names = "alias = \"alpine\"\n  aliases = [\"more\"]";
    let described = "alias_descriptions = { alpine = \"the good one\" }";
    let run =
        lab.terraform(&alpine(&format!("{names}\n  {described}\n  {}", lab.images().unified("alpine").arguments())));
    run.settles();
    describe_by_hand(&lab, "more", "said by others");
    run.plan().is_empty();
    describe_by_hand(&lab, "alpine", "the bad one");
    run.plan().updates(ALPINE).shows("\"the bad one\" -> \"the good one\"");
    run.settles();
    assert_eq!([description(&lab, "alpine"), description(&lab, "more")], ["the good one", "said by others"]);
}

#[test]
fn a_name_that_others_gave_keeps_its_words() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let with = |described: &str| {
        alpine(&format!("alias = \"alpine\"\n  alias_descriptions = {{ {described} }}\n  {}", image.arguments()))
    };
    let run = lab.terraform(&with("alpine = \"ours\""));
    run.settles();
    lab.incus(["image", "alias", "create", "theirs", &image.fingerprint, "--description", "their words"]);
    run.plan().is_empty();
    run.config(&with("")).settles();
    assert_eq!([description(&lab, "alpine"), description(&lab, "theirs")], ["", "their words"]);
}

#[test]
fn only_managed_names_can_be_described() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    for (described, reason) in [
        ("{ theirs = \"x\" }", "\"theirs\" is neither `alias` nor in `aliases`: only managed names can be described."),
        ("{ alpine = null }", "A description can't be null. Take the name out, or give an empty text."),
    ] {
        run.config(&alpine(&format!("alias = \"alpine\"\n  alias_descriptions = {described}")))
            .validate()
            .fails_with(reason)
            .shows("3:   alias_descriptions");
    }
}
