//! What is refused, in which words, and what matches.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::incus::simplestreams::Catalog;
use crate::provider::images::found::in_catalog;
use crate::provider::images::model::ImagesModel;
use crate::tfplugin::diagnostic::Diagnostic;

/// A filter that must make sense.
fn filter(config: &ImagesModel) -> Filter {
    Filter::new(&config.arguments()).unwrap()
}

/// The one complaint about a configuration.
fn complaint(config: &ImagesModel) -> Diagnostic {
    let mut found = Filter::new(&config.arguments()).unwrap_err().into_iter();
    let only = found.next().unwrap();
    assert_eq!(found.next(), None);
    only
}

/// A product of an image server with one container image for `x86_64`, made on the day of January 2023 that its number says.
fn product(number: u8, alias: &str) -> Json {
    let item = json!({
        "ftype": "incus_combined.tar.gz", "path": "i", "size": 1, "sha256": format!("{number:02x}").repeat(32),
    });
    let versions = json!({format!("202301{number:02}"): {"items": {"i": item}}});
    json!({"aliases": alias, "arch": "amd64", "os": "Tiny", "release": alias, "versions": versions})
}

/// The numbers of the images that a configuration lists, in its order.
fn listed(config: &ImagesModel, server: &Catalog) -> Vec<u8> {
    let found = filter(config).apply(in_catalog(server));
    found.iter().map(|image| u8::from_str_radix(&image.fingerprint.as_str()[..2], 16).unwrap()).collect()
}

#[test]
fn what_makes_no_sense_is_refused_with_the_reason() {
    let text = |text: &str| Attr::from(text);
    let nothing = ImagesModel::default;
    let null_property = BTreeMap::from([("os".to_owned(), Attr::Null)]);
    for (config, path, words) in [
        (ImagesModel { alias: text(""), ..nothing() }, "alias", "an alias can't be empty."),
        (
            ImagesModel { name_regex: text("a(b"), ..nothing() },
            "name_regex",
            "\"a(b\" is no regular expression: found open group without closing ')'.",
        ),
        (
            ImagesModel { fingerprint: text("0123456789AB"), ..nothing() },
            "fingerprint",
            "a fingerprint consists of the digits 0-9 and a-f (lower case), not 'A'. `incus image list` shows the first 12 digits.",
        ),
        (
            ImagesModel { fingerprint: text("0123"), ..nothing() },
            "fingerprint",
            "the beginning of a fingerprint needs 12 to 64 digits, this one has 4. `incus image list` shows the first 12 digits.",
        ),
        (
            ImagesModel { r#type: text("vm"), ..nothing() },
            "type",
            "the type of an image is \"container\" or \"virtual-machine\", not \"vm\".",
        ),
        (
            ImagesModel { architecture: text(""), ..nothing() },
            "architecture",
            "An architecture has a name, such as \"x86_64\" or \"arm64\".",
        ),
        (
            ImagesModel { properties: Attr::Known(null_property), ..nothing() },
            "properties[\"os\"]",
            "A property can't be null. Leave it out: the value of what is not listed does not matter.",
        ),
        (ImagesModel { project: text("a b"), ..nothing() }, "project", "the name of a project can't contain ' '."),
        (
            ImagesModel { project: text("web"), all_projects: Attr::Known(true), ..nothing() },
            "all_projects",
            "`project` names the one to look in. Take out one of the two.",
        ),
        (
            ImagesModel { most_recent: Attr::Known(true), ..nothing() },
            "most_recent",
            "`most_recent` takes the newest of those that other filters allow. Set another one, such as `alias` or `name_regex`.",
        ),
    ] {
        let Diagnostic { summary, detail, path: found, .. } = complaint(&config);
        assert_eq!((summary.as_str(), found.to_string().as_str(), detail.as_str()), ("Invalid argument", path, words));
    }
}

#[test]
fn what_is_not_known_yet_is_not_refused() {
    let unknown = ImagesModel {
        remote: Attr::Unknown,
        project: Attr::Unknown,
        all_projects: Attr::Unknown,
        alias: Attr::Unknown,
        name_regex: Attr::Unknown,
        fingerprint: Attr::Unknown,
        r#type: Attr::Unknown,
        architecture: Attr::Unknown,
        public: Attr::Unknown,
        cached: Attr::Unknown,
        properties: Attr::Unknown,
        most_recent: Attr::Known(true),
        ..ImagesModel::default()
    };
    let mut diagnostics = Diagnostics::default();
    Filter::validate(&unknown.arguments(), &mut diagnostics);
    assert_eq!(diagnostics, Diagnostics::default());
    let properties = Attr::Known(BTreeMap::from([("os".to_owned(), Attr::Unknown)]));
    filter(&ImagesModel { properties, most_recent: Attr::Known(true), ..ImagesModel::default() });
}

#[test]
fn all_that_is_set_must_match() {
    let [one, mut two, mut three] = [product(1, "alpine/edge"), product(2, "alpine"), product(3, "debian")];
    two["versions"]["20230102"]["items"]["i"]["combined_type"] = json!("virtual-machine");
    three["arch"] = json!("arm64");
    let server = Catalog::of_products(&[one, three, two]);
    let nothing = ImagesModel::default;
    let property = |key: &str, value: &str| Attr::Known(BTreeMap::from([(key.to_owned(), Attr::from(value))]));
    for (config, expected) in [
        (nothing(), &[3, 2, 1][..]),
        (ImagesModel { alias: "alpine".into(), ..nothing() }, &[2]),
        (ImagesModel { alias: "alpine/edge/amd64".into(), ..nothing() }, &[1]),
        (ImagesModel { alias: "alp".into(), ..nothing() }, &[]),
        (ImagesModel { name_regex: "lpine".into(), ..nothing() }, &[2, 1]),
        (ImagesModel { name_regex: "^(alpine|debian)$".into(), ..nothing() }, &[3, 2]),
        (ImagesModel { fingerprint: "010101010101".into(), ..nothing() }, &[1]),
        (ImagesModel { fingerprint: "101010101010".into(), ..nothing() }, &[]),
        (ImagesModel { r#type: "virtual-machine".into(), ..nothing() }, &[2]),
        (ImagesModel { architecture: "amd64".into(), ..nothing() }, &[2, 1]),
        (ImagesModel { architecture: "arm64".into(), ..nothing() }, &[3]),
        (ImagesModel { public: Attr::Known(true), ..nothing() }, &[3, 2, 1]),
        (ImagesModel { public: Attr::Known(false), ..nothing() }, &[]),
        (ImagesModel { cached: Attr::Known(true), ..nothing() }, &[]),
        (ImagesModel { properties: property("release", "debian"), ..nothing() }, &[3]),
        (ImagesModel { properties: property("os", "tiny"), ..nothing() }, &[]),
        (ImagesModel { properties: property("missing", ""), ..nothing() }, &[]),
        (ImagesModel { most_recent: Attr::Known(true), architecture: "amd64".into(), ..nothing() }, &[2]),
        (ImagesModel { name_regex: "alpine".into(), r#type: "container".into(), ..nothing() }, &[1]),
    ] {
        assert_eq!(listed(&config, &server), expected, "{config:?}");
    }
}

#[test]
fn the_order_does_not_depend_on_the_servers() {
    let version = |number, serial: &str| {
        let mut product = product(number, "a");
        let versions = product["versions"].as_object_mut().unwrap();
        let (_, version) = std::mem::take(versions).into_iter().next().unwrap();
        versions.insert(serial.to_owned(), version);
        product
    };
    let products = [version(7, "20230102_07"), version(5, "20230102_13"), version(6, "20230102_07"), product(9, "a")];
    let server = Catalog::of_products(&products);
    assert_eq!(listed(&ImagesModel::default(), &server), [9, 5, 6, 7], "by day, then by version, then by fingerprint");
}
