//! What Terraform itself offers every resource: the `lifecycle` block, `for_each`, `depends_on`.

use std::fmt::Write;

use serde_json::json;

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

#[test]
fn prevent_destroy_does_not_stand_in_the_way_of_other_content() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run =
        lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {source}\n  lifecycle {{ prevent_destroy = true }}")));
    run.settles();
    run.destroy().fails_with("Instance cannot be destroyed");
    let newer = lab.images().version(2).unified("alpine");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn what_is_ignored_stays_as_others_made_it() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let with = |arguments: &str| {
        let ignored = "lifecycle { ignore_changes = [properties, public, aliases, source] }";
        alpine(&format!("alias = \"alpine\"\n  {arguments}\n  {ignored}"))
    };
    let settings = "properties = { os = \"Mine\" }\n  aliases = [\"more\"]";
    let run = lab.terraform(&with(&format!("{}\n  {settings}", image.arguments())));
    run.settles();
    lab.edit("alpine", |image| {
        image["properties"]["os"] = json!("Theirs");
        image["public"] = json!(true);
    });
    lab.incus(["image", "alias", "delete", "more"]);
    let held = lab.image("alpine");
    run.plan().is_empty();
    let other = lab.images().unified("other");
    run.config(&with(&format!("{}\n  {settings}\n  expires_at = \"2099-01-01T00:00:00Z\"", other.arguments())))
        .settles();
    let mut expected = held;
    expected["expires_at"] = json!("2099-01-01T00:00:00Z");
    assert_eq!(lab.image("alpine"), expected);
}

/// Core gives the prior fingerprint as if it were configured.
#[test]
fn other_content_is_ignored_with_the_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let with = |more: &str| {
        let ignored = "lifecycle { ignore_changes = [fingerprint] }";
        alpine(&format!("alias = \"alpine\"\n  {}\n  {more}\n  {ignored}", image.arguments()))
    };
    let run = lab.terraform(&with(""));
    run.settles();
    lab.images().version(2).unified("alpine");
    run.plan().is_empty();
    run.config(&with("public = true")).settles();
    let held = lab.image("alpine");
    assert_eq!((&held["fingerprint"], &held["public"]), (&json!(image.fingerprint), &json!(true)));
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn where_all_is_ignored_nothing_changes() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let with = |more: &str| {
        alpine(&format!("alias = \"alpine\"\n  {source}\n  {more}\n  lifecycle {{ ignore_changes = all }}"))
    };
    let run = lab.terraform(&with("extra_properties = { os = \"Mine\" }"));
    run.settles();
    let held = lab.image("alpine");
    run.config(&with("public = true\n  extra_properties = {}")).plan().is_empty();
    lab.images().version(2).unified("alpine");
    run.plan().is_empty();
    assert_eq!(lab.image("alpine"), held);
}

#[test]
fn a_change_elsewhere_replaces_the_image() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let with = |input: &str| {
        let trigger = format!("resource \"terraform_data\" \"trigger\" {{ input = \"{input}\" }}\n");
        let lifecycle = "lifecycle { replace_triggered_by = [terraform_data.trigger] }";
        format!("{trigger}{}", alpine(&format!("alias = \"alpine\"\n  {source}\n  {lifecycle}")))
    };
    let run = lab.terraform(&with("one"));
    run.settles();
    let before = lab.image("alpine");
    run.config(&with("two")).plan().replaces(ALPINE);
    run.settles();
    let after = lab.image("alpine");
    assert_eq!(after["fingerprint"], before["fingerprint"]);
    assert_ne!(after["uploaded_at"], before["uploaded_at"]);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn one_image_waits_for_another() {
    let Some(lab) = Lab::start() else { return };
    let resource = |name: &str, more: &str| {
        let source = lab.images().unified(name).arguments();
        format!("resource \"incus_image\" \"{name}\" {{\n  alias = \"{name}\"\n  {source}\n  {more}\n}}\n")
    };
    lab.by_hand("second", &lab.images().unified("theirs"));
    let config = format!("{}{}", resource("first", "depends_on = [incus_image.second]"), resource("second", ""));
    let run = lab.terraform(&config);
    run.apply().fails_with("The alias second is taken");
    assert_eq!(lab.api().images(), [lab.image("second")], "the first one has waited");
    lab.incus(["image", "delete", "second"]);
    run.settles();
    assert_eq!(lab.api().images(), [lab.image("second"), lab.image("first")]);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn a_hundred_images() {
    let Some(lab) = Lab::start() else { return };
    let mut sources = String::new();
    for number in 0..100 {
        let image = lab.images().unified(&format!("tiny-{number}"));
        writeln!(sources, "    tiny-{number} = \"{}\"", image.source.display()).unwrap();
    }
    let all = "for_each = local.sources\n  alias = each.key\n  source = each.value";
    let run = lab.terraform(&format!("locals {{\n  sources = {{\n{sources}  }}\n}}\n{}", alpine(all)));
    run.settles().shows("100 added");
    let held = lab.api().images();
    assert_eq!(held.len(), 100);
    for image in held {
        assert_eq!(image["properties"]["release"], image["aliases"][0]["name"]);
        assert_eq!(image["aliases"].as_array().unwrap().len(), 1);
    }

    let newer: Vec<_> = (0..100).map(|number| lab.images().version(2).unified(&format!("tiny-{number}"))).collect();
    run.settles().shows("100 changed");
    for (number, newer) in newer.iter().enumerate() {
        assert_eq!(lab.image(&format!("tiny-{number}"))["fingerprint"], newer.fingerprint);
    }
    assert_eq!(lab.api().images().len(), 100);
    run.destroy().succeeds();
    lab.has_no_images();
}
