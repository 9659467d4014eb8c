//! What the server and the state hold, short enough to be compared as a whole and printed for every step of a swap.

use std::fmt;

use serde_json::Value;

use super::ALPINE;
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;
use crate::support::terraform::Workspace;

/// The names that [`alpine`](super::alpine) declares.
const NAMES: [&str; 2] = ["alpine", "alpine/edge"];

/// All images of the server, and which of them the state means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    images: Vec<Image>,
    state: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Image {
    fingerprint: String,
    names: Vec<String>,
    is_marked: bool,
}

impl Held {
    pub(super) fn now(lab: &Lab, run: &Workspace) -> Self {
        let mut images: Vec<_> = lab.api().images().iter().map(Image::from_json).collect();
        images.sort();
        Self { images, state: run.state(ALPINE)["fingerprint"].as_str().map(str::to_owned) }
    }

    /// This one image is there, finished, under our names and in the state.
    pub(super) fn is_only(&self, fingerprint: &str) -> bool {
        self.is_only_under(&NAMES, fingerprint)
    }

    /// The same under other names, given in their order.
    pub(super) fn is_only_under<N: AsRef<str>>(&self, names: &[N], fingerprint: &str) -> bool {
        self.is_in_service_under(names, fingerprint)
            && self.images.len() == 1
            && self.images.iter().all(|image| !image.is_marked)
    }

    /// This image has our names and is in the state, whatever else there is.
    pub(super) fn is_in_service(&self, fingerprint: &str) -> bool {
        self.is_in_service_under(&NAMES, fingerprint)
    }

    /// This image has these names and is in the state, whatever else there is.
    pub(super) fn is_in_service_under<N: AsRef<str>>(&self, names: &[N], fingerprint: &str) -> bool {
        let has = |image: &&Image| image.names.iter().map(String::as_str).eq(names.iter().map(AsRef::as_ref));
        let named = self.images.iter().find(has);
        named.is_some_and(|image| image.fingerprint == fingerprint) && self.state.as_deref() == Some(fingerprint)
    }

    /// This one image is there, finished and under our names, and the state says nothing of it.
    pub(super) fn is_finished_but_unknown(&self, fingerprint: &str) -> bool {
        let known = Self { state: Some(fingerprint.to_owned()), ..self.clone() };
        self.state.is_none() && known.is_only(fingerprint)
    }

    /// The same without unfinished images that nobody has named.
    pub(super) fn without_leftovers(&self) -> Self {
        let images = self.images.iter().filter(|image| !image.is_marked || !image.names.is_empty()).cloned();
        Self { images: images.collect(), state: self.state.clone() }
    }
}

impl Image {
    fn from_json(image: &Value) -> Self {
        let aliases = image["aliases"].as_array().expect("a list");
        let mut names: Vec<_> =
            aliases.iter().map(|alias| alias["name"].as_str().expect("a name").to_owned()).collect();
        names.sort();
        let fingerprint = image["fingerprint"].as_str().expect("a fingerprint").to_owned();
        Self { fingerprint, names, is_marked: is_unfinished(image) }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |fingerprint: &str| fingerprint.chars().take(12).collect::<String>();
        write!(formatter, "state {}", self.state.as_deref().map_or("nothing".to_owned(), short))?;
        for Image { fingerprint, names, is_marked } in &self.images {
            let marked = if *is_marked { ", unfinished" } else { "" };
            write!(formatter, "; image {} {names:?}{marked}", short(fingerprint))?;
        }
        Ok(())
    }
}
