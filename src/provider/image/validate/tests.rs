//! Each refusal, its place and its words.

use super::*;

fn image() -> ImageModel {
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
fn refused(config: &ImageModel, path: &str, words: &str) {
    let mut diagnostics = Diagnostics::default();
    validate(config, &mut diagnostics);
    let said: Vec<_> = diagnostics.into_iter().map(|found| (found.path.to_string(), found.detail)).collect();
    assert!(matches!(said.as_slice(), [(place, detail)] if place == path && detail.contains(words)), "{said:?}");
}

#[track_caller]
fn accepted(config: &ImageModel) {
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

#[test]
fn a_source_must_be_one() {
    refused(&ImageModel { source: "".into(), ..image() }, "source", "this one is empty");
    refused(&ImageModel { source: "images:".into(), ..image() }, "source", "The name of the image is missing");
    refused(&ImageModel { source: "https://x/y".into(), ..image() }, "source", "Download the file");
}

#[test]
fn a_root_file_needs_its_other_half() {
    refused(&ImageModel { rootfs: "rootfs.squashfs".into(), ..image() }, "rootfs", "second half of a split image");
    let adopted = ImageModel { rootfs: "rootfs.squashfs".into(), source: Attr::Null, ..image() };
    refused(&adopted, "rootfs", "needs a file as `source`");
}

#[test]
fn a_file_neither_selects_nor_changes() {
    let file = ImageModel { source: "alpine.tar.gz".into(), ..image() };
    refused(&ImageModel { vm: Attr::Known(true), ..file.clone() }, "vm", "Leave `vm` out");
    refused(&ImageModel { auto_update: Attr::Known(true), ..file }, "auto_update", "newer versions of a file");
}

#[test]
fn a_pinned_image_does_not_change() {
    let pinned = ImageModel { auto_update: Attr::Known(true), fingerprint: "ab".repeat(32).as_str().into(), ..image() };
    refused(&pinned, "auto_update", "pinned by `fingerprint`");
}
