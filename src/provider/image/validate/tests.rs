//! Each refusal, its place and its words.

use super::*;

pub(super) fn image() -> ImageModel {
    ImageModel { alias: "alpine".into(), source: "images:alpine/edge".into(), ..ImageModel::default() }
}

fn set(elements: impl IntoIterator<Item = Attr<String>>) -> Attr<Set<String>> {
    Attr::Known(elements.into_iter().collect())
}

fn property(key: &str, value: Attr<String>) -> ImageModel {
    ImageModel { properties: Attr::Known([(key.to_owned(), value)].into()), ..image() }
}

/// Asserts that exactly one thing is wrong with `config`: at `path`, saying `words`.
#[track_caller]
pub(super) fn refused(config: &ImageModel, path: &str, words: &str) {
    let mut diagnostics = Diagnostics::default();
    validate(config, &mut diagnostics);
    let said: Vec<_> = diagnostics.into_iter().map(|found| (found.path.to_string(), found.detail)).collect();
    assert!(matches!(said.as_slice(), [(place, detail)] if place == path && detail.contains(words)), "{said:?}");
}

#[track_caller]
pub(super) fn accepted(config: &ImageModel) {
    let mut diagnostics = Diagnostics::default();
    validate(config, &mut diagnostics);
    assert_eq!(diagnostics, Diagnostics::default());
}

#[test]
fn what_is_unknown_is_not_refused() {
    accepted(&image());
    accepted(&ImageModel {
        alias: Attr::Unknown,
        aliases: set([Attr::Unknown]),
        source: Attr::Unknown,
        rootfs: Attr::Unknown,
        fingerprint: Attr::Unknown,
        vm: Attr::Unknown,
        properties: Attr::Unknown,
        profiles: set([Attr::Unknown]),
        expires_at: Attr::Unknown,
        auto_update: Attr::Unknown,
        ..ImageModel::default()
    });
    accepted(&property("os", Attr::Unknown));
}

#[test]
fn an_image_must_be_meant() {
    refused(&ImageModel::default(), "", "One of `alias`, `fingerprint` and `source`");
}

#[test]
fn names_must_be_storable() {
    refused(&ImageModel { alias: "".into(), ..image() }, "alias", "an alias can't be empty");
    refused(&ImageModel { aliases: set(["..".into()]), ..image() }, "aliases", "no request to the server can name it");
    refused(&ImageModel { aliases: set([Attr::Null]), ..image() }, "aliases", "Take it out of the set");
}

#[test]
fn texts_must_be_what_they_stand_for() {
    let pinned = |digits: &str| ImageModel { fingerprint: digits.into(), ..image() };
    refused(&pinned("0123456789ab"), "fingerprint", "64 digits, this one has 12. `incus image info`");
    refused(&pinned(&"A".repeat(64)), "fingerprint", "lower case");
    refused(&ImageModel { project: "a b".into(), ..image() }, "project", "can't contain ' '");
    refused(&ImageModel { expires_at: "tomorrow".into(), ..image() }, "expires_at", "neither \"never\" nor a date");
}

#[test]
fn properties_must_have_a_name_and_a_value() {
    refused(&property("os", "".into()), "properties[\"os\"]", "can't store an empty property");
    refused(&property("os", Attr::Null), "properties[\"os\"]", "can't be null");
    refused(&property("", "x".into()), "properties", "needs a name");
}

#[test]
fn profiles_must_have_a_name() {
    accepted(&ImageModel { profiles: set([]), ..image() });
    refused(&ImageModel { profiles: set(["".into()]), ..image() }, "profiles", "`profiles = []` means none");
}
