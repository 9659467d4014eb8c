//! The marker on an image whose creation is under way: a property that says for whom. Whatever interrupts a create, the next
//! one finds what is left of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::incus::{Alias, Image, Project};

/// The property. Incus and its users know nothing of it.
const PROPERTY: &str = "user.terraform.creating";

/// The marker of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker(String);

impl Marker {
    /// The marker for the image that is to have these names. The first of them stands for the resource; where there is none,
    /// the source does.
    pub(super) fn new(remote: &str, project: &Project, names: &BTreeSet<Alias>, source: &str) -> Marker {
        let subject = names.first().map_or(source, Alias::as_str);
        Marker(format!("{remote}:{project}/{subject}"))
    }

    /// The properties to send with the image.
    pub(super) fn properties(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(PROPERTY.to_owned(), self.0.clone())])
    }

    /// Whether the image has this marker.
    pub(super) fn marks(&self, image: &Image) -> bool {
        image.properties.get(PROPERTY) == Some(&self.0)
    }

    /// Whether the image is the leftover of an interrupted create for this marker: nobody else has named it.
    pub(super) fn is_on(&self, image: &Image, names: &BTreeSet<Alias>) -> bool {
        self.marks(image) && image.aliases.iter().all(|alias| names.contains(&alias.name))
    }
}

/// Whether the creation of an image is under way, for whomever.
pub(super) fn is_marked(image: &Image) -> bool {
    image.properties.contains_key(PROPERTY)
}

/// The properties of an image without the marker.
pub(super) fn without_marker(mut properties: BTreeMap<String, String>) -> BTreeMap<String, String> {
    properties.remove(PROPERTY);
    properties
}
