//! The configuration that a person would write for an image that is there.
//!
//! It says which image is meant, where, and where it comes from, and in which settings the image differs from a new one. What
//! an image may have brought along (architecture, properties, expiry) is not repeated: left out it stays as it is, while
//! written down it would be forced upon later versions of the image.

use std::iter;

use super::model::ImageModel;
use crate::provider::connections::Place;
use crate::tfplugin::attr::{Attr, Set};

/// The configuration for the image with this state; `default` is where an image is that names no place.
pub(super) fn configuration(state: &ImageModel, default: &Place) -> ImageModel {
    let fingerprint = match state.alias.is_null() {
        true => state.fingerprint.clone(),
        false => Attr::Null,
    };
    // Only a name of a remote has newer versions.
    let follows = !state.source.is_null() && fingerprint.is_null();
    ImageModel {
        alias: state.alias.clone(),
        aliases: state.aliases.clone(),
        alias_descriptions: state.alias_descriptions.clone(),
        remote: unless(&state.remote, &default.remote),
        project: unless(&state.project, &default.project),
        source: state.source.clone(),
        rootfs: state.rootfs.clone(),
        fingerprint,
        vm: if_on(&state.vm),
        public: if_on(&state.public),
        auto_update: if follows { if_on(&state.auto_update) } else { Attr::Null },
        profiles: unless(&state.profiles, &Attr::Known(Set::from_iter(iter::once("default".to_owned())))),
        ..ImageModel::default()
    }
}

/// The value, if it is another one than the default.
fn unless<T: Clone + PartialEq>(value: &Attr<T>, default: &Attr<T>) -> Attr<T> {
    if value == default { Attr::Null } else { value.clone() }
}

/// The switch, if it is on.
fn if_on(switch: &Attr<bool>) -> Attr<bool> {
    unless(switch, &Attr::Known(false))
}

#[cfg(test)]
mod tests;
