//! What the server refuses or somebody else takes between our look and our step: nothing of ours is left behind, nothing of
//! theirs is changed.

use serde_json::json;

use super::held::Held;
use super::{ALPINE, alpine, in_service, upstream, version};
use crate::support::images::{ImageFiles, is_unfinished};
use crate::support::lab::Lab;
use crate::support::proxy::{Fault, Proxy};
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_name_that_is_taken_is_seen_before_anything_is_sent() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine/edge", &lab.images().unified("theirs"));
    let before = lab.api().images();
    let proxy = Proxy::start(&lab);
    proxy.terraform(&lab, &alpine(&version(&lab, 1), "")).apply().fails_with("The alias alpine/edge is taken");
    assert_eq!(proxy.take_writes(), Vec::<String>::new());
    assert_eq!(lab.api().images(), before);
}

#[test]
fn a_name_that_is_taken_meanwhile_leaves_no_image_without_it() {
    let Some(lab) = Lab::start() else { return };
    let theirs = lab.images().unified("theirs");
    lab.by_hand("theirs", &theirs);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &alpine(&version(&lab, 1), ""));
    let take = lab.incus_command(["image", "alias", "create", "alpine/edge", &theirs.fingerprint]);
    proxy.on("POST", "/1.0/images/aliases").before(take);
    run.apply().fails_with("The alias alpine/edge is taken");
    assert!(!proxy.disarm());
    assert_eq!(lab.api().images(), [lab.image("alpine/edge")], "theirs, and nothing else");
    assert!(!lab.api().has("/1.0/images/aliases/alpine"));
    assert!(run.state(ALPINE).is_null());

    lab.incus(["image", "alias", "delete", "alpine/edge"]);
    run.settles();
}

/// Nobody else would take the image away that still has one of our names.
#[test]
fn a_name_that_cannot_be_taken_back_keeps_the_image_known() {
    let Some(lab) = Lab::start() else { return };
    let image = version(&lab, 1);
    let proxy = Proxy::start(&lab);
    let named = alpine(&image, "").replace("[\"alpine/edge\"]", "[\"alpine/edge\", \"latest\"]");
    let run = proxy.terraform(&lab, &named);
    for _ in ["alpine/edge", "latest"] {
        proxy.on("POST", "/1.0/images/aliases").before(|_| {});
    }
    proxy.on("POST", "/1.0/images/aliases").fails(Fault::Refused);
    proxy.on("DELETE", "/1.0/images/aliases/alpine%2Fedge").fails(Fault::Refused);
    let applied = run.apply();
    assert!(!proxy.disarm());
    applied.fails_with("Unable to delete alias \"alpine/edge\"").shows("Unable to remove an unfinished image");
    applied.shows(&image.fingerprint).shows("It still has names of this resource: alpine/edge.");
    let left = lab.image("alpine/edge");
    assert_eq!(left["aliases"].as_array().unwrap().len(), 1, "the others are taken back: {left:#}");
    assert!(is_unfinished(&left), "{left:#}");
    assert_eq!(run.state(ALPINE)["fingerprint"], image.fingerprint);
    run.settles();
    assert_eq!(lab.api().images(), [lab.image("latest")]);
    assert!(!is_unfinished(&lab.image("latest")));
}

/// The old content is back in service, and the new image, which still has a name of ours, is used the next time.
#[test]
fn a_name_that_cannot_be_taken_back_in_a_swap_keeps_the_new_image_known() {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run) = in_service(&lab);
    let (old, new) = (version(&lab, 1), version(&lab, 2));
    let named = alpine(&new, "").replace("[\"alpine/edge\"]", "[\"alpine/edge\", \"latest\"]");
    proxy.on("PUT", "/1.0/images/aliases/alpine").fails(Fault::Refused);
    proxy.on("DELETE", "/1.0/images/aliases/latest").fails(Fault::Refused);
    let applied = run.config(&named).apply();
    assert!(!proxy.disarm());
    applied.fails_with("Unable to remove an unfinished image").shows(&new.fingerprint);
    let held = Held::now(&lab, &run);
    assert!(held.is_in_service(&old.fingerprint), "{held}");
    let left = lab.image("latest");
    assert!(is_unfinished(&left), "{left:#}");
    run.settles();
    assert_eq!(lab.api().images(), [lab.image("latest")]);
    assert_eq!(lab.image("latest")["uploaded_at"], left["uploaded_at"], "what was there is used");
    assert!(!is_unfinished(&lab.image("latest")));
}

#[test]
fn an_unfinished_image_that_somebody_names_is_theirs_and_told() {
    let Some(lab) = Lab::start() else { return };
    let image = version(&lab, 1);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &alpine(&image, ""));
    let name = lab.incus_command(["image", "alias", "create", "base", &image.fingerprint]);
    proxy.on("POST", "/1.0/images/aliases").before(name);
    proxy.on("POST", "/1.0/images/aliases").fails(Fault::Refused);
    let applied = run.apply();
    assert!(!proxy.disarm());
    applied.fails_with("The unfinished image was not removed").shows(&format!("Image {} stays", image.fingerprint));
    applied.shows("somebody has named it since it came: base.");
    let left = lab.image("base");
    assert_eq!(left["aliases"].as_array().unwrap().len(), 1, "{left:#}");
    assert!(!is_unfinished(&left), "{left:#}");
    assert!(run.state(ALPINE).is_null());
}

#[test]
fn a_new_name_that_is_taken_during_a_swap_keeps_the_old_content() {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run) = in_service(&lab);
    let old = version(&lab, 1);
    let theirs = lab.images().unified("theirs");
    lab.by_hand("theirs", &theirs);
    let new = version(&lab, 2);
    let named = alpine(&new, "").replace("[\"alpine/edge\"]", "[\"alpine/edge\", \"fresh\"]");
    let take = lab.incus_command(["image", "alias", "create", "fresh", &theirs.fingerprint]);
    proxy.on("POST", "/1.0/images/aliases").before(take);
    run.config(&named).apply().fails_with("The alias fresh is taken");
    assert!(!proxy.disarm());
    assert_eq!(lab.image("fresh")["fingerprint"], theirs.fingerprint);
    lab.incus(["image", "delete", "theirs"]);
    let held = Held::now(&lab, &run);
    assert!(held.is_only(&old.fingerprint), "{held}");
}

#[test]
fn an_unknown_profile_leaves_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("copied"));
    let profiles = "profiles = [\"nope\"]";
    let copy = upstream(server.url(), &format!("source = \"upstream:alpine\"\n  {profiles}"));
    for config in [alpine(&version(&lab, 1), profiles), copy] {
        let run = lab.terraform(&config);
        run.apply().fails_with("Profile 'nope' doesn't exist").shows("Create the profile first");
        lab.has_no_images();
        assert!(run.state(ALPINE).is_null());
        lab.incus(["profile", "create", "nope"]);
        run.settles();
        run.destroy().succeeds();
        lab.incus(["profile", "delete", "nope"]);
    }
}

#[test]
fn an_unknown_profile_in_a_swap_keeps_the_old_content() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    let old = version(&lab, 1);
    let new = version(&lab, 2);
    run.config(&alpine(&new, "profiles = [\"nope\"]")).apply().fails_with("Profile 'nope' doesn't exist");
    let held = Held::now(&lab, &run);
    assert!(held.is_only(&old.fingerprint), "{held}");
}

#[test]
fn a_copy_that_cannot_be_had_keeps_the_old_content() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let old = lab.images().split("old");
    server.publish("old", &old);
    let run = lab.terraform(&upstream(server.url(), "source = \"upstream:old\""));
    run.settles();
    run.config(&upstream(server.url(), "source = \"upstream:nope\"")).apply().fails_with("Unable to find the image");
    let held = Held::now(&lab, &run);
    assert!(held.is_only(&old.fingerprint), "{held}");
}

#[test]
fn a_project_without_room_gets_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("copied"));
    project(&lab, "100B");
    let place = "project = \"small\"";
    let copy = upstream(server.url(), &format!("source = \"upstream:alpine\"\n  {place}"));
    for config in [alpine(&version(&lab, 1), place), copy] {
        let run = lab.terraform(&config);
        run.apply().fails_with("Free some space in the project, or raise its limits.disk");
        assert_eq!(lab.api().get("/1.0/images?project=small"), json!([]));
        assert!(run.state(ALPINE).is_null());
    }
}

#[test]
fn a_swap_without_room_keeps_the_old_content_and_names_both_sizes() {
    let Some(lab) = Lab::start() else { return };
    let place = "project = \"small\"";
    let size = |image: &ImageFiles| image.source.metadata().unwrap().len();
    let old = version(&lab, 1);
    let (first, room) = (size(&old), size(&old) + 1);
    project(&lab, &format!("{room}B"));
    let run = lab.terraform(&alpine(&old, place));
    run.settles();
    let new = (2..).map(|number| version(&lab, number)).find(|image| size(image) > room).unwrap();
    let applied = run.apply();
    applied.fails_with("raise its limits.disk");
    // The plan shows the sizes too, so the error is looked at alone.
    for bytes in [first, size(&new)] {
        assert!(applied.stderr().contains(&bytes.to_string()), "{bytes} bytes{applied}");
    }
    let images = lab.api().get("/1.0/images?project=small&recursion=1");
    assert_eq!(images.as_array().unwrap().len(), 1);
    assert_eq!(images[0]["fingerprint"], old.fingerprint);
    assert_eq!(run.state(ALPINE)["fingerprint"], old.fingerprint);
}

/// A project with this much room.
fn project(lab: &Lab, room: &str) {
    let config = json!({"features.images": "true", "features.profiles": "true", "limits.disk": room});
    lab.api().post("/1.0/projects", &json!({"name": "small", "config": config}));
}
