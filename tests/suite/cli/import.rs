//! Bringing images under management that are there already.

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

#[test]
fn an_image_made_by_hand_is_imported_by_its_id() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    lab.edit("alpine", |image| image["public"] = true.into());
    let held = lab.image("alpine");
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.import(ALPINE, &format!("local:default/{}", image.fingerprint)).succeeds();
    run.plan().is_empty();
    assert_eq!(lab.image("alpine"), held, "nothing of it is changed");
    let state = run.state(ALPINE);
    for same in ["fingerprint", "properties", "public", "profiles", "type", "size", "filename", "architecture"] {
        assert_eq!(state[same], held[same], "{same}");
    }
    run.destroy().succeeds().shows("The image will not be deleted");
    assert_eq!(lab.image("alpine"), held, "it was there before, and stays");
}

#[test]
fn an_id_may_be_short() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine/edge", &image);
    let prefix = &image.fingerprint[..12];
    for id in [
        prefix,
        &format!("local:{prefix}"),
        &format!("default/{prefix}"),
        "alias=alpine/edge",
        "local:default/alias=alpine/edge",
    ] {
        let run = lab.terraform(&alpine("alias = \"alpine/edge\""));
        run.import(ALPINE, id).succeeds();
        assert_eq!(run.state(ALPINE)["id"], format!("local:default/{}", image.fingerprint), "{id}");
        run.plan().is_empty();
    }
}

#[test]
fn a_name_in_the_id_becomes_the_alias_and_the_others_stay_foreign() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("aa", &image);
    lab.incus(["image", "alias", "create", "zz", &image.fingerprint]);
    let run = lab.terraform(&alpine("alias = \"zz\""));
    run.import(ALPINE, "alias=zz").succeeds();
    run.plan().is_empty();
    run.config(&alpine("alias = \"zz\"\n  keep_on_destroy = false")).settles();
    run.destroy().succeeds().shows("The image was not deleted").shows("names that this resource does not manage: aa.");
    assert_eq!(lab.image("aa")["aliases"].as_array().unwrap().len(), 1);
}

#[test]
fn a_source_added_after_the_import_is_recorded_without_a_write() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let held = lab.image("alpine");
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.import(ALPINE, "alias=alpine").succeeds();
    run.plan().is_empty();

    run.config(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments()))).plan().updates(ALPINE);
    run.settles().shows("1 changed");
    assert_eq!(lab.image("alpine"), held);

    let newer = lab.images().version(2).split("alpine");
    run.plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
    assert_eq!(lab.api().images().len(), 1, "what was imported is ours, and goes");
}

#[test]
fn an_import_block_does_it_in_a_plan() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let held = lab.image("alpine");
    let block = format!("import {{\n  to = {ALPINE}\n  id = \"local:alias=alpine\"\n}}\n");
    let run = lab.terraform(&format!("{block}{}", alpine(&format!("alias = \"alpine\"\n  {}", image.arguments()))));
    run.plan().shows("1 to import");
    run.settles().shows("1 imported");
    assert_eq!(lab.image("alpine"), held);
}

#[test]
fn an_import_into_another_project() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let image = lab.images().unified("alpine");
    lab.incus(["image", "import", image.source.to_str().unwrap(), "--alias", "alpine", "--project", "web"]);
    let path = format!("/1.0/images/{}?project=web", image.fingerprint);
    let held = lab.api().get(&path);
    let run = lab.terraform(&alpine("alias = \"alpine\"\n  project = \"web\""));
    run.import(ALPINE, "web/alias=alpine").succeeds();
    run.plan().is_empty();
    assert_eq!(run.state(ALPINE)["project"], "web");
    assert_eq!(lab.api().get(&path), held);
    lab.has_no_images();
}

#[test]
fn what_can_not_be_imported_is_said_with_what_can() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    let shape = "An id is [REMOTE:][PROJECT/]FINGERPRINT";
    let list = "`incus image list` shows those that there are.";
    for (id, what, help) in [
        ("0000000000000000", "No image with fingerprint 0000000000000000", list),
        ("alias=ubuntu", "No image with alias ubuntu", "There is none in project default of remote local."),
        ("alpine", "Invalid import id", shape),
        ("0123", "the beginning of a fingerprint needs 12 to 64 digits", shape),
        ("local:default/", "Invalid import id", shape),
        ("locl:alias=alpine", "There is no remote \"locl\"; did you mean local?", "Known remotes:"),
        ("web/alias=alpine", "Project not found", "Create the project first, or name another one."),
    ] {
        run.import(ALPINE, id).fails_with(what).shows(help);
    }
    assert!(run.state(ALPINE).is_null());
    run.import(ALPINE, "alias=alpine").succeeds();
}

#[test]
fn without_a_source_there_must_be_an_image() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.plan().creates(ALPINE);
    run.apply()
        .fails_with("No image in project default of remote local has the alias \"alpine\"")
        .shows("Add `source`, or correct `alias`.")
        .shows("2: alias = \"alpine\"");
    assert!(run.state(ALPINE).is_null());
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    run.settles();
    assert_eq!(run.state(ALPINE)["fingerprint"], image.fingerprint);
}
