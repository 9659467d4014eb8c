//! Runs that are cut short: the next one finds what is left, and nothing is made twice or forgotten.

use std::time::{Duration, Instant};

use super::{ALPINE, alpine, upstream};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;
use crate::support::running::until;
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

#[test]
fn a_provider_killed_during_a_copy() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let run = copying(&lab, &server, 2_000);
    let apply = run.start_apply();
    until("the copy has begun", || is_being_copied(&server));
    apply.kill_provider();
    apply.ends().fails_with("Error");
    assert!(run.state(ALPINE).is_null());
    lab.has_no_images();
    // The daemon goes on copying.
    run.settles();
    is_whole(&lab);
}

#[test]
fn a_provider_killed_during_a_copy_that_ends_before_the_next_run() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let run = copying(&lab, &server, 4_000);
    let apply = run.start_apply();
    until("the copy has begun", || is_being_copied(&server));
    apply.kill_provider();
    apply.ends().fails_with("Error");
    until("the copy has ended", || lab.api().images().iter().any(is_unfinished));
    run.settles();
    is_whole(&lab);
}

#[test]
fn a_provider_killed_while_it_gives_names() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let more = "aliases = [for number in range(60) : \"alpine-${number}\"]";
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {more}\n  {source}")));
    let apply = run.start_apply();
    until("the image is there", || !lab.api().images().is_empty());
    apply.kill_provider();
    apply.ends().fails_with("Error");
    let left = lab.api().images();
    assert!(is_unfinished(&left[0]), "it was killed too late: {left:#?}");
    run.settles();
    is_whole(&lab);
    assert_eq!(lab.image("alpine")["uploaded_at"], left[0]["uploaded_at"], "what was there is used");
    assert_eq!(lab.image("alpine")["aliases"].as_array().unwrap().len(), 61);
}

#[test]
fn other_content_after_a_killed_run_leaves_no_orphan() {
    let Some(lab) = Lab::start() else { return };
    let arguments = lab.images().unified("alpine").arguments();
    let more = "aliases = [for number in range(60) : \"alpine-${number}\"]";
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  {more}\n  {arguments}")));
    let apply = run.start_apply();
    until("the image is there", || !lab.api().images().is_empty());
    apply.kill_provider();
    apply.ends().fails_with("Error");

    let newer = lab.images().version(2).unified("alpine");
    run.settles();
    is_whole(&lab);
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
}

#[test]
fn control_c_ends_a_copy_at_once_and_leaves_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    // Half a minute.
    let run = copying(&lab, &server, 150);
    let apply = run.start_apply();
    until("the copy has begun", || is_being_copied(&server));
    let start = Instant::now();
    apply.interrupt();
    apply.ends().fails_with("Stopped before the end of");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());
    until("no operation is left", || {
        lab.api().get("/1.0/operations").as_object().is_none_or(|all| !all.contains_key("running"))
    });
    lab.has_no_images();

    run.config(&copy(server.url())).settles();
    is_whole(&lab);
}

/// A workspace that copies an image at this pace.
fn copying(lab: &Lab, server: &SimplestreamsServer, bytes_per_second: u32) -> Workspace {
    server.publish("alpine/edge", &lab.images().split("alpine"));
    lab.terraform(&copy(&server.slow_url(bytes_per_second)))
}

fn copy(address: &str) -> String {
    format!("{}{}", upstream(address), alpine("alias = \"alpine\"\n  source = \"upstream:alpine/edge\""))
}

fn is_being_copied(server: &SimplestreamsServer) -> bool {
    server.requests().iter().any(|path| path.starts_with("/slow/") && !path.ends_with(".json"))
}

/// There is one image, under its name and without a marker.
#[track_caller]
fn is_whole(lab: &Lab) {
    let images = lab.api().images();
    assert_eq!(images.len(), 1, "{images:#?}");
    assert_eq!(lab.image("alpine")["fingerprint"], images[0]["fingerprint"]);
    assert!(!is_unfinished(&images[0]), "{images:#?}");
}
