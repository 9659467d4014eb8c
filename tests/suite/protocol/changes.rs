//! From any configuration of an image to any other: each change is planned by the rules, comes true and is settled at once.

use std::collections::BTreeSet;

use proptest::prelude::{Just, Strategy, any, proptest};
use proptest::sample::{select, subsequence};
use proptest::test_runner::Config;
use serde_json::{Map, Value as Json, json};

use super::image::of_file;
use crate::support::core::Core;
use crate::support::lab::Lab;

const NAMES: &[&str] = &["alpine", "edge", "latest", "team/alpine"];

#[test]
fn every_change_comes_true_and_is_settled() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let image = std::cell::RefCell::new(core.resource("incus_image"));
    let settings = Config { cases: 48, failure_persistence: None, ..Config::default() };
    proptest!(settings, |(arguments in arguments())| {
        let config = of_file(&files, arguments);
        image.borrow_mut().apply(&config);

        let there = lab.api().get(&format!("/1.0/images/{}", files.fingerprint));
        let has: BTreeSet<_> = there["aliases"].as_array().unwrap().iter().map(|alias| alias["name"].clone().to_string()).collect();
        let more = config["aliases"].as_array().cloned().unwrap_or_default();
        let wanted: BTreeSet<_> = more.iter().chain([&config["alias"]]).map(Json::to_string).collect();
        assert_eq!(has, wanted);
        assert_eq!(there["public"], config.get("public").cloned().unwrap_or(json!(false)));
        if let Some(properties) = config.get("properties") {
            assert_eq!(there["properties"], *properties);
        }
    });
    image.borrow_mut().destroy();
    lab.has_no_images();
}

/// An argument of its own each time, or none.
fn arguments() -> impl Strategy<Value = Json> {
    let alias = select(NAMES).prop_map(Json::from);
    let aliases = subsequence(NAMES, 0..=NAMES.len()).prop_map(Json::from);
    let properties = subsequence(vec![("os", "Tiny"), ("os", "tiny"), ("owner", "me"), ("a.b/c", "ü \"x\"")], 0..=3)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect::<Map<_, _>>())
        .prop_map(Json::from);
    let expires = ["never", "2031-01-31T00:00:00Z", "2031-01-31T01:00:00.0+01:00", "2032-02-29T23:59:59.123456789Z"];
    let architecture = ["x86_64", "amd64"].map(Json::from);
    let profiles = [json!([]), json!(["default"])];
    let optional = (
        maybe("aliases", aliases),
        maybe("public", any::<bool>().prop_map(Json::from)),
        maybe("properties", properties),
        maybe("expires_at", select(expires.to_vec()).prop_map(Json::from)),
        maybe("architecture", select(architecture.to_vec())),
        maybe("profiles", select(profiles.to_vec())),
    );
    (alias, optional).prop_map(|(alias, (aliases, public, properties, expires, architecture, profiles))| {
        let set = [aliases, public, properties, expires, architecture, profiles].into_iter().flatten();
        Json::Object(set.chain([("alias".to_owned(), alias)]).collect())
    })
}

fn maybe(name: &'static str, value: impl Strategy<Value = Json>) -> impl Strategy<Value = Option<(String, Json)>> {
    (Just(name.to_owned()), proptest::option::of(value)).prop_map(|(name, value)| Some((name, value?)))
}
