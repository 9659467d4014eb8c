//! Values that core does not know yet may stand anywhere in a configuration. Planning holds every rule then, and the plan made
//! once they are known agrees with it.

use proptest::prelude::{Strategy, proptest};
use proptest::sample::subsequence;
use proptest::test_runner::Config;
use serde_json::{Map, Value as Json, json};

use super::image::of_file;
use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn any_argument_may_be_unknown_when_an_image_is_created() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().split("alpine");
    let config = everything(&of_file(&files, json!({"fingerprint": files.fingerprint})));
    for argument in config.as_object().unwrap().keys() {
        let mut image = core.resource("incus_image");
        image.apply_once_known(&with_unknown(&config, &[argument]), &config).destroy();
        lab.has_no_images();
    }
}

#[test]
fn any_argument_may_be_unknown_when_an_image_is_changed() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().split("alpine");
    let config = everything(&of_file(&files, json!({})));
    let mut image = core.resource("incus_image");
    image.apply(&config);
    for argument in config.as_object().unwrap().keys() {
        let unknown = with_unknown(&config, &[argument]);
        let replaces = ["remote", "project"].contains(&argument.as_str());
        if !replaces {
            // It turns out to be what it was.
            image.apply_once_known(&unknown, &config);
        }
        image.plan(&unknown).shows(argument, UNKNOWN);
    }
    image.destroy();
    lab.has_no_images();
}

#[test]
fn files_may_turn_out_to_be_others() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let (old, new) = (lab.images().split("alpine"), lab.images().version(2).split("other"));
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&old, json!({})));
    // The root half alone, and both.
    let mixed = json!({"alias": "alpine", "source": old.source, "rootfs": new.rootfs});
    image.apply_once_known(&with_unknown(&mixed, &["rootfs"]), &mixed);
    assert_ne!(image.value("fingerprint"), old.fingerprint);
    let config = of_file(&new, json!({}));
    image.apply_once_known(&with_unknown(&config, &["source", "rootfs"]), &config);
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    image.destroy();
    lab.has_no_images();
}

#[test]
fn a_source_for_an_imported_image_may_turn_out_to_be_other_content() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let there = lab.images().unified("alpine");
    lab.by_hand("alpine", &there);
    let mut image = core.resource("incus_image");
    image.import("alias=alpine");
    // The same, and other content.
    let config = of_file(&there, json!({}));
    image.apply_once_known(&with_unknown(&config, &["source"]), &config);
    assert_eq!(lab.image("alpine")["fingerprint"], there.fingerprint);
    let mut image = core.resource("incus_image");
    image.import("alias=alpine");
    let other = lab.images().version(2).unified("other");
    let config = of_file(&other, json!({}));
    image.apply_once_known(&with_unknown(&config, &["source"]), &config);
    assert_eq!(lab.image("alpine")["fingerprint"], other.fingerprint);
    // So may a file that something else is about to make.
    let mut image = core.resource("incus_image");
    image.import("alias=alpine");
    let absent = json!({"alias": "alpine", "source": lab.path("files/absent.tar.gz")});
    image.plan(&absent).is_update().shows("fingerprint", UNKNOWN).says("absent.tar.gz is not there");
}

#[test]
fn what_chooses_among_the_images_of_a_name_may_turn_out_otherwise() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (container, machine) = (lab.images().split("alpine"), lab.images().virtual_machine("machine"));
    upstream.publish("alpine/edge", &container);
    upstream.publish("alpine/edge", &machine);
    let remote = json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"});
    let provider = json!({"remote": [remote]});
    let core = Core::start_with(&lab, &provider);
    let mut image = core.resource("incus_image");
    let copy = json!({"alias": "alpine", "source": "upstream:alpine/edge", "vm": false, "refresh": true});
    image.apply(&copy);
    image.apply_once_known(&with_unknown(&copy, &["vm"]), &copy);

    let newer = lab.images().version(2).split("alpine");
    upstream.publish("alpine/edge", &newer);
    lab.forget_simplestreams();
    core.configure(&provider); // The next run reads the index anew.
    image.apply_once_known(&with_unknown(&copy, &["refresh"]), &copy);
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);

    let copy = json!({"alias": "alpine", "source": "upstream:alpine/edge", "vm": true});
    image.apply_once_known(&with_unknown(&copy, &["vm"]), &copy);
    assert_eq!(lab.image("alpine")["fingerprint"], machine.fingerprint);
    image.destroy();
    lab.has_no_images();
}

#[test]
fn the_fingerprint_of_an_image_without_a_source_may_be_unknown() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let there = lab.images().unified("alpine");
    lab.by_hand("alpine", &there);
    let mut image = core.resource("incus_image");
    let config = json!({"alias": "alpine", "fingerprint": there.fingerprint});
    image.apply(&config);
    image.plan(&with_unknown(&config, &["fingerprint"])).is_update().shows("fingerprint", UNKNOWN);
    image.apply_once_known(&with_unknown(&config, &["fingerprint"]), &config);
    let other = json!({"alias": "alpine", "fingerprint": "0".repeat(64)});
    image.plan_failing(&other).at("fingerprint").says("The image has another fingerprint");
}

#[test]
fn parts_of_a_collection_may_be_unknown() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    for (unknown, known) in [
        (json!({"properties": {"os": UNKNOWN, "a": "b"}}), json!({"properties": {"os": "Tiny", "a": "b"}})),
        (json!({"aliases": [UNKNOWN, "edge"]}), json!({"aliases": ["latest", "edge"]})),
        (json!({"aliases": [UNKNOWN, "edge"]}), json!({"aliases": ["edge"]})),
        (json!({"profiles": [UNKNOWN]}), json!({"profiles": ["default"]})),
    ] {
        let mut image = core.resource("incus_image");
        image.apply_once_known(&of_file(&files, unknown.clone()), &of_file(&files, known.clone()));
        image.plan(&of_file(&files, unknown)).is_update();
        image.destroy();
    }
    lab.has_no_images();
}

#[test]
fn unknown_anywhere_at_all_can_be_planned() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().split("alpine");
    let config = everything(&of_file(&files, json!({"fingerprint": files.fingerprint})));
    let arguments: Vec<String> = config.as_object().unwrap().keys().cloned().collect();
    let mut existing = core.resource("incus_image");
    existing.apply(&config);
    let existing = std::cell::RefCell::new(existing);
    let some = || subsequence(arguments.clone(), 0..=arguments.len());
    let settings = Config { cases: 64, failure_persistence: None, ..Config::default() };
    proptest!(settings, |((unset, unknown) in (some(), some()).prop_filter("a name", names))| {
        let unknown: Vec<_> = unknown.iter().map(String::as_str).collect();
        let mut config = with_unknown(&config, &unknown);
        config.as_object_mut().unwrap().retain(|argument, _| !unset.contains(argument));
        core.resource("incus_image").plan(&config).is_create();
        existing.borrow_mut().plan(&config);
    });
}

/// Whether what is left still says which image is meant, with both its halves.
fn names((unset, _): &(Vec<String>, Vec<String>)) -> bool {
    let has = |argument: &str| !unset.iter().any(|unset| unset == argument);
    has("alias") && has("source") && has("rootfs")
}

#[test]
fn the_provider_block_may_be_unknown_while_planning() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let config = of_file(&files, json!({}));
    for provider in [
        json!({"default_remote": UNKNOWN}),
        json!({"project": UNKNOWN}),
        json!({"config_dir": UNKNOWN}),
        json!({"remote": UNKNOWN}),
        json!({"remote": [{"name": "local", "address": UNKNOWN}]}),
        json!({"remote": [{"name": UNKNOWN, "address": "unix://", "protocol": UNKNOWN}]}),
    ] {
        let core = Core::start_with(&lab, &provider);
        core.resource("incus_image").plan(&config).is_create();
        // Once it is known, the same process goes on with it.
        core.configure(&json!({}));
        let mut image = core.resource("incus_image");
        image.apply(&config).destroy();
    }
    lab.has_no_images();
}

#[test]
fn an_image_stays_while_the_provider_block_is_unknown() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let with = |address: &str| json!({"remote": [{"name": "prod", "address": address}]});
    let core = Core::start_with(&lab, &with("unix://"));
    let mut image = core.resource("incus_image");
    let config = of_file(&files, json!({"remote": "prod"}));
    image.apply(&config);
    core.configure(&with(UNKNOWN));
    image.plan(&config).is_noop();
    image.plan(&of_file(&files, json!({"remote": "prod", "public": true}))).is_update();
    core.configure(&with("unix://"));
    image.destroy();
    lab.has_no_images();
}

/// Every argument that an image from a file can have, beside those of `config`.
fn everything(config: &Json) -> Json {
    let mut everything = json!({
        "aliases": ["more"], "remote": "local", "project": "default", "properties": {"os": "Tiny"}, "public": true,
        "profiles": ["default"], "expires_at": "2031-01-31T00:00:00Z", "auto_update": false, "architecture": "x86_64",
    });
    everything.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
    everything
}

fn with_unknown(config: &Json, arguments: &[&str]) -> Json {
    let unknown = |(name, value): (&String, &Json)| match arguments.contains(&name.as_str()) {
        true => (name.clone(), json!(UNKNOWN)),
        false => (name.clone(), value.clone()),
    };
    Json::Object(config.as_object().unwrap().iter().map(unknown).collect::<Map<_, _>>())
}
