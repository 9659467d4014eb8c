//! Values that core does not know yet may stand anywhere in a configuration. Planning holds every rule then, and the plan made
//! once they are known agrees with it.

use proptest::prelude::{Strategy, proptest};
use proptest::sample::subsequence;
use proptest::test_runner::Config;
use serde_json::{Map, Value as Json, json};

use super::image::of_file;
use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;

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
