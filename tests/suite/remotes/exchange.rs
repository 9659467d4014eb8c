//! Copies between daemons that know each other only over the network.

use serde_json::{Value, json};

use super::{IMAGE, image};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;

/// An image of the remote `far`, with what only that server's record of it says.
fn with_a_record(far: &Lab, files: &crate::support::images::ImageFiles, public: bool) {
    far.by_hand("base", files);
    far.edit("base", |image| {
        image["properties"]["stage"] = json!("tested");
        image["expires_at"] = json!("2099-01-01T00:00:00Z");
        image["public"] = json!(public);
    });
}

#[track_caller]
fn has_the_record(held: &Value, kind: &str) {
    assert_eq!((&held["properties"]["stage"], &held["type"]), (&json!("tested"), &json!(kind)));
    assert_eq!((&held["public"], &held["expires_at"]), (&json!(false), &json!("2099-01-01T00:00:00Z")));
    assert!(!is_unfinished(held));
}

#[test]
fn every_mode_brings_an_image_from_a_remote() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    lab.add_remote("far", &far);
    for (mode, public) in [("pull", false), ("pull", true), ("push", false), ("relay", false)] {
        let files = [far.images().split("alpine"), far.images().virtual_machine("ubuntu")];
        for (files, kind) in files.into_iter().zip(["container", "virtual-machine"]) {
            if (mode, kind) == ("push", "virtual-machine") {
                continue;
            }
            with_a_record(&far, &files, public);
            let vm = kind == "virtual-machine";
            let run = lab.terraform(&image(&format!(
                "alias = \"mine\"\n  source = \"far:base\"\n  mode = \"{mode}\"\n  vm = {vm}"
            )));
            run.settles();
            assert_eq!(lab.image("mine")["fingerprint"], files.fingerprint, "{mode}");
            has_the_record(&lab.image("mine"), kind);
            run.destroy().succeeds();
            lab.has_no_images();
            far.delete_images();
        }
    }
    // What was cancelled is shown for some seconds more.
    let left = &far.api().get("/1.0/operations?recursion=1")["running"];
    assert!(!left.to_string().contains("secret"), "no token is left: {left:#}");
}

#[test]
fn an_image_goes_to_a_remote_and_from_project_to_project_there() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    lab.add_remote("far", &far);
    far.incus(["project", "create", "web", "-c", "features.images=true"]);
    let files = lab.images().split("alpine");
    with_a_record(&lab, &files, false);
    for mode in ["pull", "push", "relay"] {
        let run = lab.terraform(&image(&format!(
            "alias = \"mine\"\n  remote = \"far\"\n  project = \"web\"\n  source = \"local:base\"\n  mode = \"{mode}\""
        )));
        run.settles();
        has_the_record(&far.api().get(&format!("/1.0/images/{}?project=web", files.fingerprint)), "container");
        run.destroy().succeeds();
        assert_eq!(far.api().get("/1.0/images?project=web"), json!([]));
    }
    with_a_record(&far, &files, false);
    let run = lab.terraform(&image(
        "alias = \"mine\"\n  remote = \"far\"\n  project = \"web\"\n  source = \"far:base\"\n  source_project = \"default\"",
    ));
    run.settles();
    has_the_record(&far.api().get(&format!("/1.0/images/{}?project=web", files.fingerprint)), "container");
    run.destroy().succeeds();
}

#[test]
fn a_followed_image_names_its_server_and_not_its_certificate() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    with_a_record(&far, &far.images().split("alpine"), true);
    let run = lab.terraform(&image("alias = \"mine\"\n  source = \"far:base\"\n  auto_update = true"));
    run.settles();
    let held = lab.image("mine");
    assert_eq!((&held["update_source"]["server"], &held["auto_update"]), (&json!(far.url()), &json!(true)));
    assert!(
        held["update_source"]["certificate"].as_str().unwrap().contains("BEGIN CERTIFICATE"),
        "the daemon needs it"
    );
    assert_eq!(run.state(IMAGE)["update_source"], json!({"server": far.url(), "protocol": "incus", "alias": "base"}));
    // Where it comes from is known again after an import.
    run.run(["state", "rm", IMAGE]).succeeds();
    run.import(IMAGE, "alias=mine").succeeds();
    assert_eq!(run.state(IMAGE)["source"], "far:base");
}
