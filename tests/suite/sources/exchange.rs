//! Copies between the projects of a server, and from one server to another.

use serde_json::{Value, json};

use super::{IMAGE, image};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;

/// A provider whose remote `other` is the daemon of that lab.
fn other(lab: &Lab) -> String {
    let socket = lab.path("incus/unix.socket");
    format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"other\"\n    address = \"unix://{}\"\n  }}\n}}\n",
        socket.display()
    )
}

/// An image with what only the server's record of it says.
fn with_a_record(lab: &Lab, image: &crate::support::images::ImageFiles) {
    lab.by_hand("base", image);
    lab.edit("base", |image| {
        image["properties"]["stage"] = json!("tested");
        image["expires_at"] = json!("2099-01-01T00:00:00Z");
    });
}

#[track_caller]
fn has_the_record(image: &Value) {
    assert_eq!(image["properties"]["stage"], "tested");
    assert_eq!(image["properties"]["os"], "Tiny");
    assert!(!is_unfinished(image));
    assert_eq!(image["expires_at"], "2099-01-01T00:00:00Z");
}

#[test]
fn an_image_comes_from_another_project_of_a_server_without_a_network() {
    between_projects(|_| {});
}

#[test]
fn an_image_comes_from_another_project_of_a_server_on_the_network() {
    between_projects(|lab| {
        lab.listen();
    });
}

fn between_projects(prepare: impl Fn(&Lab)) {
    let Some(lab) = Lab::start() else { return };
    prepare(&lab);
    lab.incus(["project", "create", "web", "-c", "features.images=true", "-c", "features.profiles=false"]);
    for files in [lab.images().split("alpine"), lab.images().unified("debian"), lab.images().virtual_machine("ubuntu")]
    {
        with_a_record(&lab, &files);
        let original = lab.image("base");
        let run = lab.terraform(&image(
            "alias = \"mine\"\n  project = \"web\"\n  source = \"local:base\"\n  source_project = \"default\"",
        ));
        run.plan().creates(IMAGE);
        run.settles();
        let held = lab.api().get(&format!("/1.0/images/{}?project=web", files.fingerprint));
        assert_eq!((&held["aliases"][0]["name"], &held["type"]), (&json!("mine"), &original["type"]));
        has_the_record(&held);
        assert_eq!(lab.image("base"), original, "what is copied is not touched");
        run.destroy().succeeds();
        assert_eq!(lab.api().get("/1.0/images?project=web"), json!([]));
        lab.delete_images();
    }
}

#[test]
fn every_mode_brings_the_same_image_from_another_server() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    source.listen();
    for (mode, public) in [("pull", false), ("pull", true), ("push", false), ("relay", false), ("relay", true)] {
        for files in [source.images().split("alpine"), source.images().unified("debian")] {
            with_a_record(&source, &files);
            source.edit("base", |image| image["public"] = json!(public));
            let run = lab.terraform(&format!(
                "{}{}",
                other(&source),
                image(&format!("alias = \"mine\"\n  source = \"other:base\"\n  mode = \"{mode}\""))
            ));
            run.settles();
            let held = lab.image("mine");
            assert_eq!(
                (&held["fingerprint"], &held["type"]),
                (&json!(files.fingerprint), &json!("container")),
                "{mode}"
            );
            assert_eq!(held["public"], false, "{mode}");
            has_the_record(&held);
            run.destroy().succeeds();
            lab.has_no_images();
            source.delete_images();
        }
    }
    // What was cancelled is shown for some seconds more.
    let left = &source.api().get("/1.0/operations?recursion=1")["running"];
    assert!(!left.to_string().contains("secret"), "no token is left: {left:#}");
}

#[test]
fn virtual_machine_images_are_pulled_and_relayed_and_not_pushed() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    source.listen();
    let files = source.images().virtual_machine("alpine");
    source.by_hand("base", &files);
    let moved = |mode: &str| {
        let copy = format!("alias = \"mine\"\n  vm = true\n  source = \"other:base\"\n  mode = \"{mode}\"");
        format!("{}{}", other(&source), image(&copy))
    };
    for mode in ["pull", "relay"] {
        let run = lab.terraform(&moved(mode));
        run.settles();
        assert_eq!(lab.image("mine")["type"], "virtual-machine", "{mode}");
        run.destroy().succeeds();
    }
    let run = lab.terraform(&moved("push"));
    run.apply().fails_with("Incus makes containers of virtual machine images that are pushed").shows("mode = \"push\"");
    lab.has_no_images();
}

#[test]
fn an_image_of_a_registry_is_not_sent_to_where_it_is_refused() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    lab.listen();
    source.by_hand("base", &source.images().split("alpine"));
    // As newer servers note it.
    source.edit("base", |image| image["properties"]["type"] = "oci".into());
    let moved = |mode: &str| {
        let copy = image(&format!("alias = \"mine\"\n  source = \"other:base\"\n  mode = \"{mode}\""));
        format!("{}{copy}", other(&source))
    };
    for mode in ["push", "relay"] {
        let run = lab.terraform(&moved(mode));
        run.apply()
            .fails_with("An OCI image can't be pushed or relayed")
            .shows("\"base\" of remote other comes from a container registry")
            .shows("Use mode = \"pull\", for which the server of remote other must listen on the network");
        lab.has_no_images();
    }
    source.listen();
    lab.terraform(&moved("pull")).settles();
}

#[test]
fn servers_that_do_not_listen_are_told_of() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    source.by_hand("base", &source.images().split("alpine"));
    let moved = |mode: &str| {
        let copy = image(&format!("alias = \"mine\"\n  source = \"other:base\"\n  mode = \"{mode}\""));
        format!("{}{copy}", other(&source))
    };
    let run = lab.terraform(&moved("pull"));
    run.apply().fails_with("the server of remote other does not listen on the network. Set core.https_address there");
    run.config(&moved("push")).apply().fails_with("the server of remote local does not listen on the network");
    lab.has_no_images();
    run.config(&moved("relay")).settles();
    run.config(&moved("pull")).settles();
}

#[test]
fn a_public_image_of_another_server_is_followed_and_a_private_one_not() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    source.listen();
    source.by_hand("base", &source.images().split("alpine"));
    let copy = image("alias = \"mine\"\n  source = \"other:base\"\n  auto_update = true");
    let run = lab.terraform(&format!("{}{copy}", other(&source)));
    run.apply().fails_with("only a public image can be followed").shows("auto_update = true");
    lab.has_no_images();
    source.edit("base", |image| image["public"] = json!(true));
    run.settles();
    let held = lab.image("mine");
    assert_eq!((&held["auto_update"], &held["update_source"]["alias"]), (&json!(true), &json!("base")));
}

#[test]
fn newer_content_of_another_server_is_swapped_in() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    source.by_hand("base", &source.images().split("alpine"));
    let copy = image("alias = \"mine\"\n  source = \"other:base\"\n  mode = \"relay\"\n  refresh = true");
    let run = lab.terraform(&format!("{}{copy}", other(&source)));
    run.settles();
    source.delete_images();
    run.plan().shows("No image with alias base");
    let newer = source.images().version(2).split("alpine");
    source.by_hand("base", &newer);
    run.plan().updates(IMAGE);
    run.settles();
    assert_eq!(lab.image("mine")["fingerprint"], newer.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn what_another_server_does_not_have_is_a_warning_at_first() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    source.by_hand("base", &source.images().split("alpine"));
    let moved = |arguments: &str| {
        format!("{}{}", other(&source), image(&format!("alias = \"mine\"\n  mode = \"relay\"\n  {arguments}")))
    };
    let run = lab.terraform(&moved("source = \"other:bass\""));
    run.plan().creates(IMAGE).shows("No image with alias bass").shows("Most like it are: base");
    run.apply().fails_with("No image with alias bass");
    run.config(&moved("source = \"other:base\"\n  vm = true")).apply().fails_with("Correct `vm`, or take it out");
    run.config(&moved("source = \"other:base\"\n  architecture = \"arm64\""));
    run.apply().fails_with("Correct `architecture`, or take it out");
    let project = "source = \"other:base\"\n  source_project = \"nowhere\"";
    run.config(&moved(project)).apply().fails_with("Project not found");
    lab.has_no_images();
    let pin = lab_fingerprint(&source);
    run.config(&moved(&format!("source = \"other:base\"\n  fingerprint = \"{pin}\""))).settles();
}

fn lab_fingerprint(lab: &Lab) -> String {
    lab.image("base")["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn an_image_is_not_copied_onto_itself() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("base", &lab.images().split("alpine"));
    let run = lab.terraform(&image("alias = \"mine\"\n  source = \"local:base\""));
    run.apply()
        .fails_with("An image can't be copied onto itself")
        .shows("Leave `source` out to take it under management");
    assert_eq!(lab.image("base")["aliases"].as_array().unwrap().len(), 1);
}
