//! A planned image in Incus's terms: everything that an apply goes by, checked.

use std::collections::{BTreeMap, BTreeSet};

use super::extra::{Originals, merge};
use super::model::ImageModel;
use crate::incus::{Alias, Expiry, Fingerprint, ImageFields, InvalidAlias, architecture};
use crate::provider::diagnostics::explain;
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// What an image is to be. An absent setting stays as the image brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The managed names.
    pub(super) names: BTreeSet<Alias>,
    /// The content.
    pub(super) fingerprint: Option<Fingerprint>,
    /// The architecture.
    pub(super) architecture: Option<String>,
    /// The descriptions of names.
    pub(super) descriptions: BTreeMap<Alias, String>,
    /// What becomes of names that other images have.
    pub(super) alias_conflict: AliasConflict,
    properties: Option<BTreeMap<String, String>>,
    extra_properties: BTreeMap<String, String>,
    profiles: Option<BTreeSet<String>>,
    public: Option<bool>,
    auto_update: Option<bool>,
    expires_at: Option<Expiry>,
}

impl Wanted {
    /// Reads a plan.
    ///
    /// # Errors
    /// Where a value that became known with the apply is none that Incus can store.
    pub(super) fn from_plan(planned: &ImageModel) -> Result<Wanted, Diagnostic> {
        let invalid = |attribute: &str, error: &dyn std::error::Error| {
            explain("Invalid argument", error).at(Path::attribute(attribute))
        };
        let alias = |attribute: &'static str| {
            move |name: &String| Alias::parse(name).map_err(|error| invalid(attribute, &error))
        };
        let more = texts(&planned.aliases).map(alias("aliases"));
        let copied = texts(&planned.copied_aliases).map(alias("copy_aliases"));
        Ok(Wanted {
            names: planned
                .alias
                .known()
                .into_iter()
                .map(alias("alias"))
                .chain(more)
                .chain(copied)
                .collect::<Result<_, _>>()?,
            fingerprint: planned
                .fingerprint
                .known()
                .map(|digits| Fingerprint::parse(digits))
                .transpose()
                .map_err(|error| invalid("fingerprint", &error))?,
            architecture: planned.architecture.known().cloned(),
            descriptions: known(&planned.alias_descriptions)
                .into_iter()
                .flatten()
                .map(|(name, description)| Ok((Alias::parse(&name)?, description)))
                .collect::<Result<_, InvalidAlias>>()
                .map_err(|error| invalid("alias_descriptions", &error))?,
            alias_conflict: match planned.alias_conflict.is("take_over") {
                true => AliasConflict::TakeOver,
                false => AliasConflict::Error,
            },
            properties: known(&planned.properties).filter(|_| planned.extra_properties.is_null()),
            extra_properties: known(&planned.extra_properties).unwrap_or_default(),
            profiles: planned.profiles.known().map(|_| texts(&planned.profiles).cloned().collect()),
            public: planned.public.known().copied(),
            auto_update: planned.auto_update.known().copied(),
            expires_at: planned
                .expires_at
                .known()
                .map(|text| Expiry::parse(text))
                .transpose()
                .map_err(|error| invalid("expires_at", &error))?,
        })
    }

    /// The fields that an image with these ones is to have, of whose own properties `originals` are covered.
    pub(super) fn fields(&self, own: ImageFields, originals: &Originals) -> ImageFields {
        ImageFields {
            public: self.public.unwrap_or(own.public),
            auto_update: self.auto_update.unwrap_or(own.auto_update),
            properties: match &self.properties {
                Some(exactly) => exactly.clone(),
                None => merge(&own.properties, originals, &self.extra_properties).0,
            },
            profiles: self.profiles.clone().unwrap_or(own.profiles),
            expires_at: self.expires_at.unwrap_or(own.expires_at),
        }
    }

    /// Which own properties of an image with these ones are then covered.
    pub(super) fn covered(&self, properties: &BTreeMap<String, String>, originals: &Originals) -> Originals {
        match self.properties {
            Some(_) => Originals::new(),
            None => merge(properties, originals, &self.extra_properties).1,
        }
    }

    /// The error where the image is for another architecture than it ought to be.
    pub(super) fn other_architecture(&self, is: &str) -> Option<Diagnostic> {
        let wanted = self.architecture.as_ref().filter(|wanted| !architecture::same(wanted, is))?;
        Some(other_architecture(is, wanted))
    }

    /// What becomes of the image's expiry where the plan says nothing.
    pub(super) fn expire_by_default(&mut self, expires_at: Expiry) {
        self.expires_at.get_or_insert(expires_at);
    }

    /// Whether the server is to follow the image's source.
    pub(super) fn follows_source(&self) -> bool {
        self.auto_update.unwrap_or_default()
    }

    /// Whether everybody may read the image.
    pub(super) fn is_public(&self) -> bool {
        self.public.unwrap_or_default()
    }
}

/// The error where an image is for another architecture than `wanted`.
pub(super) fn other_architecture(is: &str, wanted: &str) -> Diagnostic {
    let detail =
        format!("The image's architecture is {is}, not {wanted}. Correct `architecture`, or give another `source`.");
    Diagnostic::error("The image is for another architecture", detail).at(Path::attribute("architecture"))
}

/// What becomes of wanted names that other images have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AliasConflict {
    /// They stay, and the apply fails.
    Error,
    /// They come to this image.
    TakeOver,
}

fn known(map: &Attr<BTreeMap<String, Attr<String>>>) -> Option<BTreeMap<String, String>> {
    let known = |(key, value): (&String, &Attr<String>)| Some((key.clone(), value.known()?.clone()));
    map.known().map(|map| map.iter().filter_map(known).collect())
}

fn texts(set: &Attr<Set<String>>) -> impl Iterator<Item = &String> {
    set.known().into_iter().flat_map(Set::iter).filter_map(Attr::known)
}
