//! What others change behind Terraform's back is shown in the plan and repaired, whatever the image came from.

use serde_json::json;

/// What somebody else does to an image.
type Edit = fn(&mut serde_json::Value);

use super::{ALPINE, alpine, upstream};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn of_a_unified_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    is_repaired(&lab, "", &image.arguments());
}

#[test]
fn of_a_split_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    is_repaired(&lab, "", &image.arguments());
}

#[test]
fn of_a_virtual_machine_image() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().virtual_machine("alpine");
    is_repaired(&lab, "", &image.arguments());
}

#[test]
fn of_a_copy() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    is_repaired(&lab, &upstream(server.url()), "source = \"upstream:alpine/edge\"");
}

/// Changes the image in place, has others change each thing, and sees it repaired and removed.
fn is_repaired(lab: &Lab, provider: &str, source: &str) {
    lab.incus(["profile", "create", "small"]);
    let with = |more: &str| format!("{provider}{}", alpine(&format!("alias = \"alpine\"\n  {source}\n  {more}")));
    let run = lab.terraform(&with(""));
    run.settles();
    let before = lab.image("alpine");
    assert!(before["properties"].as_object().unwrap().len() > 1, "it brought properties along");

    let settings = "properties = { os = \"Mine\", note = \"first\" }\n  expires_at = \"2099-01-01T00:00:00Z\"";
    run.config(&with(settings)).plan().updates(ALPINE).shows("+ \"note\"").shows("- \"description\"");
    run.settles();
    let good = lab.image("alpine");
    assert_eq!(good["properties"], json!({"os": "Mine", "note": "first"}), "what is not listed is removed");
    assert_eq!(good["uploaded_at"], before["uploaded_at"], "in place");

    let drifts: [(&str, Edit); 4] = [
        ("\"theirs\"", |image| image["properties"]["theirs"] = json!("x")),
        ("public", |image| image["public"] = json!(true)),
        ("profiles", |image| image["profiles"] = json!(["small"])),
        ("expires_at", |image| image["expires_at"] = json!("2098-01-01T00:00:00Z")),
    ];
    let run = run.config(&with(&format!("{settings}\n  profiles = [\"default\"]")));
    run.plan().is_empty();
    for (shown, drift) in drifts {
        lab.edit("alpine", drift);
        assert_ne!(lab.image("alpine"), good, "{shown}");
        run.plan().updates(ALPINE).shows(shown);
        run.settles();
        assert_eq!(lab.image("alpine"), good, "{shown}");
    }
    lab.incus(["image", "alias", "rename", "alpine", "theirs"]);
    run.plan().updates(ALPINE).shows("+ alias = \"alpine\"");
    run.settles();
    assert_eq!(lab.image("alpine"), lab.image("theirs"), "our name is back, theirs stays");

    lab.incus(["image", "alias", "delete", "theirs"]);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn what_is_not_configured_is_left_to_others() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    lab.edit("alpine", |image| {
        image["properties"]["os"] = json!("Theirs");
        image["profiles"] = json!([]);
        image["expires_at"] = json!("2099-01-01T00:00:00Z");
    });
    let held = lab.image("alpine");
    run.plan().is_empty();
    run.settles();
    assert_eq!(lab.image("alpine"), held);
    let state = run.state(ALPINE);
    for same in ["properties", "profiles", "expires_at"] {
        assert_eq!(state[same], held[same], "{same}");
    }
}

#[test]
fn an_image_deleted_by_hand_is_made_again() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    lab.incus(["image", "delete", "alpine"]);
    run.plan().creates(ALPINE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn a_name_that_others_gave_to_another_image_is_not_taken_back() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", image.arguments())));
    run.settles();
    let theirs = lab.images().unified("theirs");
    lab.incus(["image", "alias", "delete", "alpine"]);
    lab.by_hand("alpine", &theirs);

    run.apply().fails_with("The alias alpine is taken").shows(&format!("It names image {}", theirs.fingerprint));
    assert_eq!(lab.image("alpine")["fingerprint"], theirs.fingerprint);
    assert_eq!(run.state(ALPINE)["fingerprint"], image.fingerprint, "ours is still known");
    lab.incus(["image", "delete", "alpine"]);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}
