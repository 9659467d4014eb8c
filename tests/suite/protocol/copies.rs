//! Images copied from an image server, every answer on the way held against core's rules.

use serde_json::{Value as Json, json};

use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_copy_stays_until_other_content_is_asked_for() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (container, machine) = (lab.images().split("alpine"), lab.images().virtual_machine("alpine"));
    upstream.publish("alpine/edge", &container);
    upstream.publish("alpine/edge", &machine);
    let other = lab.images().split("other");
    upstream.publish("other", &other);
    let core = core(&lab, &upstream);
    let mut image = core.resource("incus_image");

    image.plan(&copy(json!({}))).is_create().shows("fingerprint", UNKNOWN).shows("vm", false);
    image.apply(&copy(json!({})));
    assert_eq!(image.value("fingerprint"), container.fingerprint);
    // What is there already, said explicitly.
    image.plan(&copy(json!({"vm": false}))).is_noop();
    image.plan(&copy(json!({"fingerprint": container.fingerprint}))).is_noop();
    image.plan(&copy(json!({"architecture": "x86_64"}))).is_noop();

    let newer = lab.images().version(2).split("alpine");
    upstream.publish("alpine/edge", &newer);
    lab.forget_simplestreams();
    image.plan(&copy(json!({}))).is_noop();
    let pinned = copy(json!({"fingerprint": newer.fingerprint}));
    image.plan(&pinned).is_update().shows("fingerprint", newer.fingerprint.as_str());
    image.apply(&pinned);
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);

    let from_other = copy(json!({"source": "upstream:other"}));
    image.plan(&from_other).is_update().shows("fingerprint", UNKNOWN);
    image.apply(&from_other);
    assert_eq!(lab.image("alpine")["fingerprint"], other.fingerprint);

    let virtual_machine = copy(json!({"vm": true}));
    image.plan(&virtual_machine).is_update().shows("fingerprint", UNKNOWN).shows("type", UNKNOWN);
    image.apply(&virtual_machine);
    assert_eq!(image.value("type"), "virtual-machine");
    assert_eq!(image.value("fingerprint"), machine.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
    image.destroy();
    lab.has_no_images();
}

#[test]
fn a_copy_that_follows_its_source_says_so() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    upstream.publish("alpine/edge", &lab.images().split("alpine"));
    let core = core(&lab, &upstream);
    let mut image = core.resource("incus_image");
    image.apply(&copy(json!({"auto_update": true})));
    assert_eq!(image.value("update_source")["alias"], "alpine/edge");
    assert_eq!(lab.image("alpine")["auto_update"], true);
    image.plan(&copy(json!({}))).is_update().shows("auto_update", false);
    image.apply(&copy(json!({})));
    assert_eq!(lab.image("alpine")["auto_update"], false);
    image.destroy();
    lab.has_no_images();
}

#[test]
fn a_copy_that_cannot_be_made_leaves_nothing() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    upstream.publish("alpine/edge", &lab.images().split("alpine"));
    let core = core(&lab, &upstream);
    let mut image = core.resource("incus_image");
    for wrong in [
        json!({"source": "upstream:alpine/egde"}),
        json!({"fingerprint": "0".repeat(64)}),
        json!({"architecture": "riscv64"}),
    ] {
        image.apply_failing(&copy(wrong.clone()));
        assert!(!image.exists(), "{wrong}");
        lab.has_no_images();
    }
    let failure = image.apply_failing(&copy(json!({"fingerprint": "0".repeat(64)})));
    failure.says("mode = \"relay\"").says("trusts its copy of that for an hour").at("source");
    image.plan_failing(&copy(json!({"source": "upstraem:alpine/edge"}))).at("source").says("upstraem");
}

#[test]
fn two_copies_of_one_image_do_not_take_each_other_away() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    upstream.publish("alpine/edge", &lab.images().split("alpine"));
    let core = core(&lab, &upstream);
    let (mut first, mut second) = (core.resource("incus_image"), core.resource("incus_image"));
    first.apply(&copy(json!({"properties": {"os": "mine"}, "expires_at": "2031-01-31T00:00:00Z"})));
    second.apply_failing(&copy(json!({"alias": "second"}))).during("ApplyResourceChange").says("already");
    assert!(!second.exists());
    let mine = copy(json!({"properties": {"os": "mine"}, "expires_at": "2031-01-31T00:00:00Z"}));
    first.plan(&mine).is_noop();
    first.destroy();
    lab.has_no_images();
}

fn core(lab: &Lab, upstream: &SimplestreamsServer) -> Core {
    let remote = json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"});
    Core::start_with(lab, &json!({"remote": [remote]}))
}

/// The configuration of a copy that is called `alpine` unless `more` says otherwise.
#[allow(clippy::needless_pass_by_value)] // So that a literal can stand in its place.
fn copy(more: Json) -> Json {
    let mut config = json!({"alias": "alpine", "source": "upstream:alpine/edge"});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}
