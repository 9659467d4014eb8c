//! `extra_properties`: over the image's own properties, which come back when the extra ones go.

use serde_json::{Value, json};

use super::{ALPINE, alpine};
use crate::support::lab::Lab;
use crate::support::proxy::{Fault, Proxy};

/// The properties that a made image brings along, in this version, with these over them.
fn own(version: u64, over: &[(&str, &str)]) -> Value {
    let mut own = json!({
        "architecture": "amd64",
        "description": format!("Tiny alpine, version {version}"),
        "os": "Tiny",
        "release": "alpine",
        "variant": "default",
    });
    for (key, value) in over {
        own[*key] = json!(value);
    }
    own
}

/// Makes the image, and then its configuration with more arguments.
fn configuration(lab: &Lab) -> impl Fn(&str) -> String {
    let source = lab.images().unified("alpine").arguments();
    move |more| alpine(&format!("alias = \"alpine\"\n  {source}\n  {more}"))
}

#[test]
fn they_are_there_from_the_beginning() {
    let Some(lab) = Lab::start() else { return };
    let with = configuration(&lab);
    let run = lab.terraform(&with("extra_properties = { os = \"Mine\", stage = \"test\" }"));
    run.settles();
    let held = own(1, &[("os", "Mine"), ("stage", "test")]);
    assert_eq!(lab.image("alpine")["properties"], held);
    assert_eq!(run.state(ALPINE)["properties"], held);
    assert_eq!(run.state(ALPINE)["extra_properties"], json!({"os": "Mine", "stage": "test"}));

    run.config(&with("")).plan().updates(ALPINE).shows("-> \"Tiny\"").shows("- \"stage\"");
    run.settles();
    assert_eq!(lab.image("alpine")["properties"], own(1, &[]));
}

#[test]
fn they_come_and_go_in_place() {
    let Some(lab) = Lab::start() else { return };
    let with = configuration(&lab);
    let run = lab.terraform(&with(""));
    run.settles();
    let before = lab.image("alpine");
    for (extra, over) in [
        ("{ os = \"Mine\", stage = \"test\" }", &[("os", "Mine"), ("stage", "test")][..]),
        ("{ os = \"Other\", stage = \"test\" }", &[("os", "Other"), ("stage", "test")]),
        ("{ os = \"Other\" }", &[("os", "Other")]),
        ("{ stage = \"live\" }", &[("stage", "live")]),
        ("{}", &[]),
        ("{ os = \"Mine\" }", &[("os", "Mine")]),
        ("null", &[]),
    ] {
        let plan = run.config(&with(&format!("extra_properties = {extra}"))).plan();
        plan.updates(ALPINE);
        assert_eq!(plan.change(ALPINE)["after"]["properties"], own(1, over), "{extra}: all of it is known in the plan");
        run.settles();
        assert_eq!(lab.image("alpine")["properties"], own(1, over), "{extra}");
    }
    assert_eq!(lab.image("alpine"), before);
}

#[test]
fn what_others_do_to_them_is_repaired_and_the_rest_left_alone() {
    let Some(lab) = Lab::start() else { return };
    let with = configuration(&lab);
    let run = lab.terraform(&with("extra_properties = { os = \"Mine\" }"));
    run.settles();

    lab.edit("alpine", |image| image["properties"]["os"] = json!("Theirs"));
    run.plan().updates(ALPINE).shows("\"Theirs\" -> \"Mine\"");
    run.settles();
    assert_eq!(lab.image("alpine")["properties"], own(1, &[("os", "Mine")]));

    lab.edit("alpine", |image| drop(image["properties"].as_object_mut().unwrap().remove("os")));
    run.plan().updates(ALPINE).shows("+ \"os\"");
    run.settles();
    assert_eq!(lab.image("alpine")["properties"], own(1, &[("os", "Mine")]));

    lab.edit("alpine", |image| image["properties"]["release"] = json!("theirs"));
    run.plan().is_empty();
    run.config(&with("")).settles();
    assert_eq!(
        lab.image("alpine")["properties"],
        own(1, &[("release", "theirs")]),
        "the image's own is not what others wrote over ours"
    );
}

#[test]
fn over_an_imported_image() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    lab.edit("alpine", |image| {
        image["properties"]["os"] = json!("Edited");
        image["expires_at"] = json!("2099-01-01T00:00:00Z");
    });
    let before = lab.image("alpine");
    let run = lab.terraform(&alpine("alias = \"alpine\"\n  extra_properties = { os = \"Mine\", stage = \"test\" }"));
    run.import(ALPINE, "alias=alpine").succeeds();
    run.plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["properties"], own(1, &[("os", "Mine"), ("stage", "test")]));
    run.config(&alpine("alias = \"alpine\"")).settles();
    assert_eq!(lab.image("alpine"), before);
}

#[test]
fn they_go_over_to_other_content() {
    let Some(lab) = Lab::start() else { return };
    let with = configuration(&lab);
    let run = lab.terraform(&with("extra_properties = { description = \"Mine\", stage = \"test\" }"));
    run.settles();
    lab.images().version(2).unified("alpine");
    run.plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["properties"], own(2, &[("description", "Mine"), ("stage", "test")]));
    run.config(&with("")).settles();
    assert_eq!(lab.image("alpine")["properties"], own(2, &[]), "the new image's own");
}

#[test]
fn properties_and_extra_ones_take_turns() {
    let Some(lab) = Lab::start() else { return };
    let with = configuration(&lab);
    let run = lab.terraform(&with("extra_properties = { os = \"Mine\" }"));
    run.settles();
    run.config(&with("properties = { os = \"Exactly\" }")).settles();
    assert_eq!(lab.image("alpine")["properties"], json!({"os": "Exactly"}));
    run.config(&with("extra_properties = { stage = \"test\" }")).settles();
    assert_eq!(lab.image("alpine")["properties"], json!({"os": "Exactly", "stage": "test"}));
    run.config(&with("")).settles();
    assert_eq!(lab.image("alpine")["properties"], json!({"os": "Exactly"}));
}

#[test]
fn both_at_once_are_refused() {
    let Some(lab) = Lab::start() else { return };
    let both = "alias = \"a\"\n  properties = {}\n  extra_properties = {}";
    let run = lab.terraform(&alpine(both));
    run.validate()
        .fails_with("`extra_properties` adds to the image's own. Take out one of the two.")
        .shows("4:   extra_properties");
    run.config(&alpine("alias = \"a\"\n  extra_properties = { os = \"\" }"))
        .validate()
        .fails_with("Incus can't store an empty property.")
        .shows("3:   extra_properties");
}

#[test]
fn what_they_cover_comes_back_also_after_an_apply_that_failed_half_way() {
    let Some(lab) = Lab::start() else { return };
    let with = configuration(&lab);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &with(""));
    run.settles();
    run.config(&with("extra_properties = { os = \"Mine\" }\n  aliases = [\"more\"]"));
    proxy.on("POST", "/1.0/images/aliases").fails(Fault::Refused);
    run.apply().fails_with("The proxy refuses");
    assert_eq!(lab.image("alpine")["properties"], own(1, &[("os", "Mine")]));
    run.settles();
    run.config(&with("")).settles();
    assert_eq!(lab.image("alpine")["properties"], own(1, &[]));
}
