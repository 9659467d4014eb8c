//! All images of an image server, and which of them a name means: the answer that an Incus server would find. Not for
//! fetching the files, see `server`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::image::StreamImage;
use super::products;
use crate::incus::{FingerprintPrefix, ImageType, architecture, nearest};

/// The images of an image server.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// As Incus ranks them. Each has the names that mean it.
    images: Vec<StreamImage>,
}

impl Catalog {
    /// The images of a products file.
    pub(super) fn images_of(file: &[u8]) -> Result<Vec<StreamImage>, serde_json::Error> {
        Ok(products::products(file)?.flat_map(|product| StreamImage::of_product(&product)).collect())
    }

    /// Gives out the names: of all images of one type and architecture, the first in rank gets it.
    pub(super) fn new(mut images: Vec<StreamImage>) -> Self {
        images.sort_by(|one, other| one.rank().cmp(&other.rank()));
        let mut names = Names(HashMap::with_capacity(images.len()));
        for image in &mut images {
            let (mut aliases, mut qualified_aliases) = (Vec::new(), Vec::new());
            for alias in image.wanted_aliases() {
                aliases.extend(names.claim(alias, image));
                qualified_aliases.extend(names.claim(&format!("{alias}/{}", image.spelling()), image));
            }
            (image.aliases, image.qualified_aliases) = (aliases, qualified_aliases);
        }
        Self { images }
    }

    /// All images of all versions, as Incus ranks them.
    pub fn images(&self) -> &[StreamImage] {
        &self.images
    }

    /// The images that an alias stands for: at most one of each type and architecture.
    pub fn with_alias<'a>(&'a self, alias: &str) -> impl Iterator<Item = &'a StreamImage> {
        self.images.iter().filter(move |image| image.names().any(|name| name == alias))
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
        let mut named = self.with_alias(name).peekable();
        if named.peek().is_none() {
            return self.with_fingerprint(name);
        }
        let of_type = |image: &&StreamImage| image_type.is_none_or(|wanted| wanted == image.image_type);
        let suiting =
            |image: &&StreamImage| wanted.is_none_or(|wanted| architecture::same(wanted, image.architecture()));
        named
            .filter(of_type)
            .filter(suiting)
            .min_by_key(|image| Self::preference(image.image_type, image.architecture(), native))
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
        let short = self.images.iter().flat_map(|image| &image.aliases).map(|alias| &**alias);
        match nearest(name, short.collect::<BTreeSet<_>>()) {
            none if none.is_empty() => {
                nearest(name, self.images.iter().flat_map(StreamImage::names).collect::<BTreeSet<_>>())
            }
            found => found,
        }
    }
}

/// The names that are given out.
struct Names(HashMap<Arc<str>, Given>);

/// A name, and to the images of which types and architectures it is given.
struct Given {
    name: Arc<str>,
    kinds: Vec<(ImageType, &'static str)>,
}

impl Names {
    /// The name, if the image gets it. It may ask for it twice.
    fn claim(&mut self, name: &str, image: &StreamImage) -> Option<Arc<str>> {
        let kind = (image.image_type, image.architecture());
        match self.0.get_mut(name) {
            Some(given) if given.kinds.contains(&kind) => None,
            Some(given) => {
                given.kinds.push(kind);
                Some(Arc::clone(&given.name))
            }
            None => {
                let name: Arc<str> = name.into();
                self.0.insert(Arc::clone(&name), Given { name: Arc::clone(&name), kinds: vec![kind] });
                Some(name)
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
