//! Sources that lead to an image that is on the server already, and not ours: an error, or it is taken under management.

use super::adoption::theirs;
use super::{alpine, upstream};
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
    assert_eq!(lab.api().images(), [held.clone()], "it is as it was");

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
