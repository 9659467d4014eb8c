//! Planning: what attributes become that are more than what the configuration says.

use std::collections::BTreeMap;

use crate::incus::Expiry;
use crate::provider::image::extra::merge;
use crate::provider::image::model::ImageModel;
use crate::provider::image::notes::{Notes, Origin};
use crate::provider::image::source::is_given;
use crate::tfplugin::attr::{Attr, Set};

/// The names that `copy_aliases` brings, as long as the content is the same: those that the source had when it was looked at.
pub(super) fn copied_aliases(prior: &ImageModel, notes: &Notes, config: &ImageModel) -> Attr<Set<String>> {
    match config.copy_aliases {
        Attr::Null | Attr::Known(false) => return Attr::Known(Set::default()),
        Attr::Known(true) if prior.copy_aliases.is_true() => {}
        Attr::Known(true) | Attr::Unknown => return Attr::Unknown,
    }
    let named: Set<String> = match &config.aliases {
        Attr::Known(aliases) if !aliases.iter().any(Attr::is_unknown) => aliases.clone(),
        Attr::Null => Set::default(),
        Attr::Known(_) | Attr::Unknown => return Attr::Unknown,
    };
    let noted: Set<String> = match notes.copied.is_empty() {
        // A state that came from another provider has no notes.
        true => prior.copied_aliases.known().cloned().unwrap_or_default(),
        false => notes.copied.iter().cloned().collect(),
    };
    let is_named = |name: &Attr<String>| *name == config.alias || named.iter().any(|named| named == name);
    Attr::Known(noted.iter().filter(|name| !is_named(name)).cloned().collect())
}

/// The source as configured. One that an import has filled in stays without that.
pub(super) fn source(notes: &Notes, config: &ImageModel, proposed: &ImageModel) -> Attr<String> {
    match (&config.source, &config.source_instance, notes.origin) {
        (Attr::Null, Attr::Null, Origin::Imported | Origin::Adopted | Origin::Forgotten) => proposed.source.clone(),
        _ => config.source.clone(),
    }
}

/// A switch of a new image is off. One that is taken under management keeps it as it is.
pub(super) fn initially(configured: &Attr<bool>, config: &ImageModel) -> Attr<bool> {
    let may_be_adopted = !is_given(config) || matches!(config.adopt_existing, Attr::Known(true) | Attr::Unknown);
    configured.clone().or_else(|| match may_be_adopted {
        true => Attr::Unknown,
        false => Attr::Known(false),
    })
}

/// The properties as configured, or the image's own under the extra ones.
pub(super) fn properties(
    prior: &ImageModel,
    notes: &Notes,
    config: &ImageModel,
    proposed: &ImageModel,
) -> Attr<BTreeMap<String, Attr<String>>> {
    if !config.properties.is_null() || (config.extra_properties.is_null() && notes.originals.is_empty()) {
        return proposed.properties.clone();
    }
    let originals = notes.originals.iter().map(|(key, value)| (key.clone(), value.clone().map(Attr::Known))).collect();
    match (&prior.properties, &config.extra_properties) {
        (Attr::Known(current), Attr::Known(extra)) => Attr::Known(merge(current, &originals, extra).0),
        (Attr::Known(current), Attr::Null) => Attr::Known(merge(current, &originals, &BTreeMap::new()).0),
        _ => Attr::Unknown,
    }
}

/// A switch that is not set goes back to off, unless the image was there before us.
pub(super) fn switch(config: &Attr<bool>, prior: &Attr<bool>, notes: &Notes) -> Attr<bool> {
    config.clone().or_else(|| match notes.origin {
        Origin::Created => Attr::Known(false),
        Origin::Imported | Origin::Adopted | Origin::Forgotten => prior.clone(),
    })
}

/// The proposed text, or the prior one where both mean the same.
pub(super) fn spelled_as(
    prior: &Attr<String>,
    proposed: &Attr<String>,
    same: impl Fn(&str, &str) -> bool,
) -> Attr<String> {
    match (prior, proposed) {
        (Attr::Known(before), Attr::Known(now)) if same(before, now) => prior.clone(),
        _ => proposed.clone(),
    }
}

pub(super) fn same_instant(one: &str, other: &str) -> bool {
    matches!((Expiry::parse(one), Expiry::parse(other)), (Ok(one), Ok(other)) if one == other)
}
