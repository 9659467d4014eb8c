//! Sources that lead to an image that is on the server already, and not ours: an error, or it is taken under management.

use super::adoption::theirs;
use super::{ALPINE, alpine, upstream};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_source_may_lead_to_an_image_that_is_there() {
    let Some(lab) = Lab::start() else { return };
    theirs(&lab);
    leads_to_theirs(&lab, "", &lab.images().split("alpine").arguments());
}

#[test]
fn a_remote_source_may_lead_to_an_image_that_is_there() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    theirs(&lab);
    server.publish("alpine/edge", &lab.images().split("alpine"));
    leads_to_theirs(&lab, &upstream(server.url()), "source = \"upstream:alpine/edge\"");
}

/// The image `alpine` is an error, or is taken under management, and is then ours.
fn leads_to_theirs(lab: &Lab, provider: &str, source: &str) {
    let held = lab.image("alpine");
    let with = |more: &str| format!("{provider}{}", alpine(&format!("alias = \"mine\"\n  {source}\n  {more}")));
    let run = lab.terraform(&with(""));
    run.apply().fails_with("The image is already on the server").shows("set adopt_existing = true");
    assert_eq!(lab.api().images(), std::slice::from_ref(&held), "it is as it was");

    run.config(&with("adopt_existing = true\n  extra_properties = { of = \"me\" }")).settles();
    let now = lab.image("mine");
    assert_eq!(now["aliases"].as_array().unwrap().len(), 2);
    assert_eq!((&now["public"], &now["uploaded_at"]), (&held["public"], &held["uploaded_at"]));
    assert_eq!(now["properties"]["of"], "me");
    run.config(&with("")).settles();
    assert_eq!(lab.image("mine")["properties"], held["properties"]);
    lab.incus(["image", "alias", "delete", "alpine"]);
    run.destroy().succeeds();
    lab.has_no_images();
}

/// What is wanted is the image with its name.
#[test]
fn an_image_that_has_the_wanted_name_too_is_adopted_with_it() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    theirs(&lab);
    let image = lab.images().split("alpine");
    server.publish("alpine/edge", &image);
    let held = lab.image("alpine");
    let id = held["fingerprint"].as_str().unwrap();
    for (provider, source) in
        [(String::new(), image.arguments()), (upstream(server.url()), "source = \"upstream:alpine/edge\"".to_owned())]
    {
        let names = "alias = \"alpine\"\n  aliases = [\"more\"]\n  keep_on_destroy = true";
        let with = |more: &str| format!("{provider}{}", alpine(&format!("{names}\n  {source}\n  {more}")));
        let run = lab.terraform(&with(""));
        let refused = run.apply();
        refused.fails_with("The image is already on the server").shows("set adopt_existing = true");
        refused.shows(&format!("terraform import ADDRESS 'local:default/{id}'"));
        assert!(!refused.stderr().contains("is taken"), "{refused}");
        assert_eq!(lab.api().images(), std::slice::from_ref(&held), "it is as it was");

        run.config(&with("adopt_existing = true")).settles();
        assert_eq!(lab.image("more")["uploaded_at"], held["uploaded_at"]);
        assert_eq!(lab.image("more")["fingerprint"], lab.image("alpine")["fingerprint"]);
        run.destroy().succeeds();
        lab.incus(["image", "alias", "delete", "more"]);
    }
}

#[test]
fn other_content_may_be_there_already() {
    other_content_is_adopted("");
}

#[test]
fn other_content_that_has_a_wanted_name_too_is_adopted_with_it() {
    other_content_is_adopted("aliases = [\"theirs\"]");
}

/// The image `theirs` has the new content, and is an error, or takes the place of the old one.
fn other_content_is_adopted(names: &str) {
    let Some(lab) = Lab::start() else { return };
    let older = lab.images().unified("alpine");
    let source = |more: &str| alpine(&format!("alias = \"mine\"\n  {}\n  {more}", older.arguments()));
    let run = lab.terraform(&source(""));
    run.settles();
    let newer = lab.images().version(2).unified("alpine");
    lab.by_hand("theirs", &newer);
    let held = lab.api().images();
    let refused = run.config(&source(names)).apply();
    refused.fails_with("The image is already on the server").shows("set adopt_existing = true");
    assert!(!refused.stderr().contains("is taken"), "{refused}");
    assert_eq!(lab.api().images(), held, "both are as they were");
    assert_eq!(run.state(ALPINE)["fingerprint"], older.fingerprint);

    run.config(&source(&format!("{names}\n  adopt_existing = true"))).settles();
    assert_eq!(lab.api().images(), [lab.image("mine")], "the old image is gone");
    assert_eq!(lab.image("theirs"), lab.image("mine"));
    assert_eq!(lab.image("mine")["uploaded_at"], held[1]["uploaded_at"], "nothing was sent");
}
