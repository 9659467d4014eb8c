//! What is written down of an image, and that it is valid as it stands.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::super::validate::validate;
use super::*;
use crate::tfplugin::diagnostic::Diagnostics;

fn default() -> Place {
    Place { remote: "local".into(), project: "default".into() }
}

/// An image with one name, as an import finds it.
fn imported() -> ImageModel {
    ImageModel {
        alias: "alpine".into(),
        remote: "local".into(),
        project: "default".into(),
        fingerprint: Attr::Known("ab".repeat(32)),
        vm: Attr::Known(false),
        architecture: "x86_64".into(),
        properties: Attr::Known(BTreeMap::from([("os".to_owned(), "Alpine".into())])),
        public: Attr::Known(false),
        auto_update: Attr::Known(false),
        profiles: Attr::Known(Set::from_iter(["default".to_owned()])),
        expires_at: "2030-01-01T00:00:00Z".into(),
        r#type: "container".into(),
        size: Attr::Known(386),
        ..ImageModel::default()
    }
}

#[track_caller]
fn written(state: &ImageModel) -> ImageModel {
    let config = configuration(state, &default());
    let mut diagnostics = Diagnostics::default();
    validate(&config, &mut diagnostics);
    assert_eq!(diagnostics, Diagnostics::default(), "{config:#?}");
    config
}

#[test]
fn an_ordinary_image_is_written_by_its_name_alone() {
    assert_eq!(written(&imported()), ImageModel { alias: "alpine".into(), ..ImageModel::default() });
}

#[test]
fn a_nameless_image_is_written_by_its_fingerprint() {
    let nameless = ImageModel { alias: Attr::Null, ..imported() };
    assert_eq!(written(&nameless), ImageModel { fingerprint: imported().fingerprint, ..ImageModel::default() });
}

#[test]
fn a_place_is_written_where_it_is_not_the_default() {
    let elsewhere = written(&ImageModel { remote: "b".into(), project: "p".into(), ..imported() });
    assert_eq!((elsewhere.remote, elsewhere.project), ("b".into(), "p".into()));
    let undecided = Place { remote: Attr::Unknown, project: Attr::Unknown };
    let config = configuration(&imported(), &undecided);
    assert_eq!((config.remote, config.project), ("local".into(), "default".into()));
}

#[test]
fn settings_are_written_where_they_differ_from_a_new_image() {
    let set = ImageModel {
        source: "images:alpine/edge".into(),
        vm: Attr::Known(true),
        public: Attr::Known(true),
        auto_update: Attr::Known(true),
        profiles: Attr::Known(Set::default()),
        ..imported()
    };
    let config = written(&set);
    assert_eq!(config.source, "images:alpine/edge".into());
    assert_eq!((config.vm, config.public, config.auto_update), {
        let on = Attr::Known(true);
        (on.clone(), on.clone(), on)
    });
    assert_eq!(config.profiles, Attr::Known(Set::default()));
}

#[test]
fn what_follows_nothing_or_is_pinned_is_not_written_as_following() {
    let following = ImageModel { auto_update: Attr::Known(true), ..imported() };
    assert_eq!(written(&following).auto_update, Attr::Null);
    let pinned = ImageModel { source: "images:alpine".into(), alias: Attr::Null, ..following };
    assert_eq!(written(&pinned).auto_update, Attr::Null);
}
