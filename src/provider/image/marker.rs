//! The marker on an image whose creation is under way: a property that says for whom, with a name of its own in each run. Whatever
//! interrupts a create, the next one finds what is left of it; and of two copies that end on one image, both markers show.

use std::collections::{BTreeMap, BTreeSet};
use std::process;

use time::OffsetDateTime;

use crate::incus::{Alias, Image, Project};

/// How the property's name begins. Incus and its users know nothing of it.
const PROPERTY: &str = "user.terraform.creating.";

/// Properties of an image.
type Properties = BTreeMap<String, String>;

/// The marker of one resource in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    property: String,
    subject: String,
}

impl Marker {
    /// A marker for the image that is to have these names. The first of them stands for the resource; where there is none, the
    /// source does.
    pub(super) fn new(remote: &str, project: &Project, names: &BTreeSet<Alias>, source: &str) -> Marker {
        let subject = names.first().map_or(source, Alias::as_str);
        let run = format!("{}-{}", process::id(), OffsetDateTime::now_utc().unix_timestamp_nanos());
        Marker { property: format!("{PROPERTY}{run}"), subject: format!("{remote}:{project}/{subject}") }
    }

    /// The property that it is.
    pub(super) fn property(&self) -> &str {
        &self.property
    }

    /// The properties to send with the image.
    pub(super) fn properties(&self) -> Properties {
        BTreeMap::from([(self.property.clone(), self.subject.clone())])
    }

    /// Whether the image is the leftover of an interrupted create for this resource: nobody else has named it.
    pub(super) fn is_on(&self, image: &Image, names: &BTreeSet<Alias>) -> bool {
        marks(&image.properties).any(|(_, subject)| *subject == self.subject) && has_only(image, names)
    }

    /// Whether it was another run for this resource that has begun to create the image.
    pub(super) fn is_on_of_another_run(&self, image: &Image, names: &BTreeSet<Alias>) -> bool {
        let is_it = |(run, subject): (&String, &String)| *run != self.property && *subject == self.subject;
        marks(&image.properties).any(is_it) && has_only(image, names)
    }

    /// The properties of an image without the marker of this run.
    pub(super) fn without(&self, mut properties: Properties) -> Properties {
        properties.remove(&self.property);
        properties
    }
}

/// The properties of an image that are markers.
pub(super) fn markers(image: &Image) -> impl Iterator<Item = &str> {
    marks(&image.properties).map(|(property, _)| property.as_str())
}

/// Whether the creation of an image is under way, for whomever.
pub(super) fn is_marked(image: &Image) -> bool {
    markers(image).next().is_some()
}

/// Whether both are marked for the same resource.
pub(super) fn are_marked_alike(one: &Properties, other: &Properties) -> bool {
    marks(one).any(|(_, subject)| marks(other).any(|(_, other)| other == subject))
}

/// The properties of an image without any marker.
pub(super) fn without_marker(mut properties: Properties) -> Properties {
    properties.retain(|name, _| !name.starts_with(PROPERTY));
    properties
}

/// The markers among properties.
fn marks(properties: &Properties) -> impl Iterator<Item = (&String, &String)> {
    properties.iter().filter(|(name, _)| name.starts_with(PROPERTY))
}

/// Whether all names of an image are among `names`.
pub(super) fn has_only(image: &Image, names: &BTreeSet<Alias>) -> bool {
    image.names().all(|name| names.contains(name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn marker(name: &str) -> Marker {
        Marker::new("local", &Project::default(), &BTreeSet::from([Alias::parse(name).unwrap()]), "")
    }

    #[test]
    fn two_runs_for_one_resource_can_be_told_apart() {
        let (first, second) = (marker("alpine"), marker("alpine"));
        let both: Properties = first.properties().into_iter().chain(second.properties()).collect();
        assert_eq!(first.without(both.clone()), second.properties());
        assert_eq!(without_marker(both), Properties::new());
    }

    #[test]
    fn markers_of_one_resource_are_alike() {
        assert!(are_marked_alike(&marker("alpine").properties(), &marker("alpine").properties()));
        assert!(!are_marked_alike(&marker("alpine").properties(), &marker("debian").properties()));
        assert!(!are_marked_alike(&marker("alpine").properties(), &Properties::new()));
    }
}
