//! Images behind an address on the web, which the server fetches.

use super::{IMAGE, image};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_pinned_file_comes_from_any_web_server() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    let first = lab.images().unified("alpine");
    let address = server.file(&first);
    let pinned = |fingerprint: &str| {
        image(&format!("alias = \"alpine\"\n  source = \"{address}\"\n  fingerprint = \"{fingerprint}\""))
    };
    let run = lab.terraform(&pinned(&first.fingerprint));
    run.plan().creates(IMAGE).shows(&first.fingerprint);
    run.settles();
    let held = lab.image("alpine");
    assert_eq!(held["fingerprint"], first.fingerprint);
    assert_eq!(held["properties"]["os"], "Tiny");
    assert!(!is_unfinished(&held));
    assert!(run.state(IMAGE)["update_source"].is_null());

    let second = lab.images().version(2).unified("alpine");
    server.file(&second);
    run.plan().is_empty();
    run.config(&pinned(&second.fingerprint)).plan().updates(IMAGE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn a_web_server_may_say_itself_what_the_file_is() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    let first = lab.images().unified("alpine");
    let from = |address: &str, version: &str| {
        image(&format!("alias = \"alpine\"\n  source = \"{address}\"\n  triggers = {{ version = \"{version}\" }}"))
    };
    let run = lab.terraform(&from(&server.announced_file(&first), "1"));
    run.plan().creates(IMAGE).shows("fingerprint = (known after apply)");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], first.fingerprint);

    let second = lab.images().version(2).unified("alpine");
    run.config(&from(&server.announced_file(&second), "1")).plan().updates(IMAGE);
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);

    let fetched = server.requests().len();
    run.config(&from(&server.announced_file(&second), "2")).plan().updates(IMAGE);
    run.settles();
    assert!(server.requests().len() > fetched, "a trigger has the address asked again");
    assert_eq!(lab.image("alpine")["fingerprint"], second.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn what_can_not_be_fetched_leaves_nothing() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&server) else { return };
    let files = lab.images().unified("alpine");
    let address = server.file(&files);
    let from = |address: &str, more: &str| image(&format!("alias = \"alpine\"\n  source = \"{address}\"\n  {more}"));

    let run = lab.terraform(&from(&address, ""));
    run.apply().fails_with(
        "Missing Incus-Image-Hash header. Without `fingerprint`, the web server must answer with the headers",
    );
    let other = "ab".repeat(32);
    run.config(&from(&address, &format!("fingerprint = \"{other}\"")));
    run.apply().fails_with("The file there has other content than `fingerprint` says");
    run.config(&from(&format!("{address}.gone"), &format!("fingerprint = \"{}\"", files.fingerprint)));
    run.apply().fails_with("Unable to copy the image at https://");
    lab.has_no_images();
    run.config(&from(&address, &format!("fingerprint = \"{}\"", files.fingerprint))).settles();
}
