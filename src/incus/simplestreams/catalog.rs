//! All images of an image server, and which of them a name means: the answer that an Incus server would find. Not for
//! fetching the files, see `server`.

use std::collections::{BTreeSet, HashMap};

use super::image::StreamImage;
use super::products;
use crate::incus::remotes::nearest;
use crate::incus::{FingerprintPrefix, ImageType, architecture};

/// The images of an image server.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// As Incus ranks them.
    images: Vec<StreamImage>,
    /// The images that have a name, by their places: one of each type and architecture.
    names: HashMap<String, Vec<usize>>,
}

impl Catalog {
    /// The images of a products file.
    pub(super) fn images_of(file: &[u8]) -> Result<Vec<StreamImage>, serde_json::Error> {
        Ok(products::products(file)?.iter().flat_map(StreamImage::of_product).collect())
    }

    /// Gives out the names: of all images of one type and architecture, the first in rank gets it.
    pub(super) fn new(images: Vec<StreamImage>) -> Self {
        let mut catalog = Self { images: Vec::with_capacity(images.len()), names: HashMap::new() };
        for mut image in ranked(images) {
            let spelling = image.property("architecture").unwrap_or_default().to_owned();
            for alias in std::mem::take(&mut image.aliases) {
                let qualified = format!("{alias}/{spelling}");
                if catalog.claim(&alias, &image) {
                    image.aliases.push(alias);
                }
                if catalog.claim(&qualified, &image) {
                    image.qualified_aliases.push(qualified);
                }
            }
            catalog.images.push(image);
        }
        catalog
    }

    /// Whether the name went to the image, which comes next.
    fn claim(&mut self, name: &str, image: &StreamImage) -> bool {
        let alike = |it: &StreamImage| (it.image_type, &it.architecture) == (image.image_type, &image.architecture);
        let next = self.images.len();
        match self.names.get_mut(name) {
            // The image itself may be asked to have a name twice.
            Some(owners) if owners.iter().any(|owner| self.images.get(*owner).is_none_or(alike)) => return false,
            Some(owners) => owners.push(next),
            None => {
                self.names.insert(name.to_owned(), vec![next]);
            }
        }
        true
    }

    /// All images of all versions, as Incus ranks them.
    pub fn images(&self) -> &[StreamImage] {
        &self.images
    }

    /// The images that an alias stands for: at most one of each type and architecture.
    pub fn with_alias(&self, alias: &str) -> impl Iterator<Item = &StreamImage> {
        self.names.get(alias).into_iter().flatten().filter_map(|place| self.images.get(*place))
    }

    /// The image that Incus would find by this name. Without a type that is a container rather than a virtual machine;
    /// without an architecture the first of `native` (see [`crate::incus::Server::architectures`]), else any.
    ///
    /// What is no alias is tried as the beginning of a fingerprint, of whatever type and architecture.
    pub fn resolve(
        &self,
        name: &str,
        image_type: Option<ImageType>,
        wanted: Option<&str>,
        native: &[String],
    ) -> Option<&StreamImage> {
        if !self.names.contains_key(name) {
            return self.with_fingerprint(name);
        }
        let of_type = |image: &&StreamImage| image_type.is_none_or(|wanted| wanted == image.image_type);
        let suiting =
            |image: &&StreamImage| wanted.is_none_or(|wanted| architecture::same(wanted, &image.architecture));
        self.with_alias(name)
            .filter(of_type)
            .filter(suiting)
            .min_by_key(|image| Self::preference(image.image_type, &image.architecture, native))
    }

    /// Where Incus ranks an image among others of one name: it takes the least.
    pub fn preference(image_type: ImageType, architecture: &str, native: &[String]) -> impl Ord + use<> {
        let place = native.iter().position(|native| architecture::same(native, architecture));
        (image_type, place.unwrap_or(native.len()))
    }

    /// The one image whose fingerprint begins so.
    fn with_fingerprint(&self, name: &str) -> Option<&StreamImage> {
        let prefix = FingerprintPrefix::parse(name).ok()?;
        let mut found = self.images.iter().filter(|image| prefix.matches(&image.fingerprint));
        let first = found.next()?;
        found.all(|image| image.fingerprint == first.fingerprint).then_some(first)
    }

    /// The aliases that look like a misspelt one, the likeliest first; with an architecture only if none without does.
    pub fn nearest(&self, name: &str) -> Vec<String> {
        let short: BTreeSet<&str> = self.images.iter().flat_map(|image| &image.aliases).map(String::as_str).collect();
        match nearest(name, short) {
            none if none.is_empty() => nearest(name, self.names.keys().map(String::as_str)),
            found => found,
        }
    }
}

/// The images by rank, which is worked out once for each.
fn ranked(images: Vec<StreamImage>) -> Vec<StreamImage> {
    let mut ranks: Vec<_> = images.iter().enumerate().map(|(place, image)| (image.rank(), place)).collect();
    ranks.sort_unstable();
    let places: Vec<_> = ranks.into_iter().map(|(_, place)| place).collect();
    let mut images: Vec<_> = images.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| images.get_mut(place)?.take()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
