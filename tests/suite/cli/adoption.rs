//! Images that are on the server already and are taken under management by an apply, without a source. They stay somebody
//! else's. What becomes of those that a source leads to is in `existing`.

use serde_json::json;

use super::{ALPINE, alpine};
use crate::support::lab::Lab;
use crate::support::proxy::{Fault, Proxy};
use crate::support::running::until;

/// Somebody else's image, public, under the name `alpine`.
pub(super) fn theirs(lab: &Lab) -> serde_json::Value {
    lab.by_hand("alpine", &lab.images().split("alpine"));
    lab.edit("alpine", |image| {
        image["public"] = json!(true);
        image["expires_at"] = json!("2099-01-01T00:00:00Z");
    });
    lab.image("alpine")
}

#[test]
fn an_image_is_named_by_its_alias() {
    let Some(lab) = Lab::start() else { return };
    theirs(&lab);
    lab.edit("alpine", |image| image["auto_update"] = json!(true));
    let held = lab.image("alpine");
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.plan().creates(ALPINE).shows("fingerprint = (known after apply)");
    run.settles();
    assert_eq!(lab.image("alpine"), held, "nothing of it is changed");
    let state = run.state(ALPINE);
    for same in ["fingerprint", "properties", "public", "auto_update", "profiles", "type", "architecture"] {
        assert_eq!(state[same], held[same], "{same}");
    }
}

#[test]
fn an_image_is_named_by_its_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    let held = theirs(&lab);
    let fingerprint = held["fingerprint"].as_str().unwrap();
    let run = lab.terraform(&alpine(&format!("fingerprint = \"{fingerprint}\"")));
    run.settles();
    assert_eq!(lab.image("alpine"), held);
    run.config(&alpine(&format!("fingerprint = \"{fingerprint}\"\n  alias = \"mine\""))).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("mine")["aliases"].as_array().unwrap().len(), 2, "the other name is theirs");
}

#[test]
fn it_is_changed_in_place_and_what_is_not_set_stays() {
    let Some(lab) = Lab::start() else { return };
    let held = theirs(&lab);
    let run = lab.terraform(&alpine("alias = \"alpine\"\n  aliases = [\"mine\"]\n  properties = { os = \"Mine\" }"));
    run.settles();
    let now = lab.image("mine");
    assert_eq!(now["properties"], json!({"os": "Mine"}));
    assert_eq!((&now["public"], &now["uploaded_at"]), (&json!(true), &held["uploaded_at"]));
    run.config(&alpine("alias = \"alpine\"\n  public = false\n  profiles = []")).settles();
    assert_eq!(lab.image("alpine")["public"], false);
    assert_eq!(lab.image("alpine")["profiles"], json!([]));
    assert_eq!(lab.image("alpine")["aliases"], held["aliases"]);
    run.config(&alpine("alias = \"alpine\"")).plan().is_empty();
}

#[test]
fn it_outlives_the_resource_unless_the_configuration_says_otherwise() {
    let Some(lab) = Lab::start() else { return };
    let held = theirs(&lab);
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.settles();
    run.destroy()
        .succeeds()
        .shows("The image will not be deleted")
        .shows("it has no `source`: it was there before (keep_on_destroy = false would delete it)");
    assert_eq!(lab.image("alpine"), held);
    assert!(run.state(ALPINE).is_null());

    run.config(&alpine("alias = \"alpine\"\n  keep_on_destroy = false")).settles();
    run.destroy().succeeds().does_not_show("The image will not be deleted");
    lab.has_no_images();
}

#[test]
fn what_is_not_there_can_not_be_adopted() {
    let Some(lab) = Lab::start() else { return };
    let held = theirs(&lab);
    let other = lab.images().unified("other");
    lab.by_hand("other", &other);
    let zeros = "0".repeat(64);
    for (names, reason, line) in [
        (
            "alias = \"alpin\"".to_owned(),
            "has the alias \"alpin\", and without `source` nothing says where",
            "2: alias",
        ),
        (format!("fingerprint = \"{zeros}\""), "Add `source` to bring it there.", "2: fingerprint"),
        (
            format!("alias = \"alpine\"\n  fingerprint = \"{}\"", other.fingerprint),
            "The alias alpine is taken",
            "2: alias = \"alpine\"",
        ),
        ("alias = \"alpine\"\n  aliases = [\"other\"]".to_owned(), "The alias other is taken", "3:   aliases"),
        (
            "alias = \"alpine\"\n  public = false\n  profiles = [\"small\"]".to_owned(),
            "Profile 'small' doesn't exist",
            "",
        ),
    ] {
        let run = lab.terraform(&alpine(&names));
        run.apply().fails_with(reason).shows(line);
        assert!(run.state(ALPINE).is_null(), "{names}");
        assert_eq!(lab.image("alpine"), held, "{names}");
        assert_eq!(lab.image("other")["fingerprint"], other.fingerprint);
    }
}

#[test]
fn an_adoption_that_is_stopped_leaves_the_image_as_it_was() {
    let Some(lab) = Lab::start() else { return };
    let held = theirs(&lab);
    let more = "aliases = [for number in range(150) : \"alpine-${number}\"]";
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {more}\n  public = false")));
    let apply = run.start_apply();
    until("it gets names", || lab.image("alpine")["aliases"].as_array().unwrap().len() > 1);
    apply.interrupt();
    apply.ends().fails_with("Error");
    assert_eq!(lab.image("alpine"), held);
    assert!(run.state(ALPINE).is_null());
    run.settles();
    assert_eq!(lab.image("alpine")["aliases"].as_array().unwrap().len(), 151);
}

#[test]
fn other_content_is_put_beside_what_is_not_ours() {
    let Some(lab) = Lab::start() else { return };
    let held = theirs(&lab);
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.settles();
    let newer = lab.images().version(2).split("alpine");
    run.config(&alpine(&format!("alias = \"alpine\"\n  {}", newer.arguments()))).plan().updates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
    let left = lab.api().get(&format!("/1.0/images/{}", held["fingerprint"].as_str().unwrap()));
    assert_eq!(left["aliases"], json!([]), "theirs only loses the name");
    run.destroy().succeeds();
    assert_eq!(lab.api().images(), [left]);
}

/// The last look at the image included: what was done to it is known.
#[test]
fn a_request_that_fails_leaves_it_as_it_was_or_under_management() {
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    let arguments = "alias = \"alpine\"\n  aliases = [\"mine\"]\n  properties = { os = \"Mine\" }";
    let run = proxy.terraform(&lab, &alpine(arguments));
    let mut held = theirs(&lab);
    for step in 0.. {
        run.plan();
        proxy.on_request(step).fails(Fault::Refused);
        let applied = run.run(["apply", "-input=false", "-no-color", "next.tfplan"]);
        assert!(!proxy.disarm(), "the last request is the look at the image");
        let is_applied = applied.stdout().contains("Apply complete!");
        let told = applied.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
        if is_applied && told.contains("The server has confirmed every change") {
            break;
        }
        if is_applied {
            // Core plans once more before it applies, and what a plan can't look at is no error.
            run.destroy().succeeds();
            lab.delete_images();
            held = theirs(&lab);
        }
        assert_eq!((lab.image("alpine"), run.state(ALPINE).is_null()), (held.clone(), true), "step {step}");
    }
    assert_eq!(lab.image("mine")["properties"], json!({"os": "Mine"}));
    run.plan().is_empty();
    run.destroy().succeeds();
    assert_eq!(lab.api().images().len(), 1, "it is somebody else's still");
}
