//! An image that a look-up came upon: one type for those of Incus servers and those of image servers. Not for finding them, see
//! `listing`, nor for choosing among them, see `filter`.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};

use time::OffsetDateTime;

use super::model::FoundImageModel;
use crate::incus::simplestreams::{Catalog, StreamImage};
use crate::incus::{Expiry, Fingerprint, Image, ImageType};
use crate::provider::image::model::AliasModel;
use crate::provider::image::truth::{instant, update_source};
use crate::tfplugin::attr::{Attr, Set};

/// What both kinds of servers tell about an image; nothing of it is copied.
#[derive(Debug, Clone)]
pub(crate) struct FoundImage<'a> {
    pub(crate) fingerprint: &'a Fingerprint,
    pub(crate) image_type: ImageType,
    /// In Incus's spelling.
    pub(crate) architecture: &'a str,
    /// Sorted.
    pub(crate) aliases: Vec<FoundAlias<'a>>,
    pub(crate) public: bool,
    pub(crate) size: u64,
    pub(crate) filename: &'a str,
    pub(crate) expires_at: Expiry,
    pub(crate) created_at: OffsetDateTime,
    record: Record<'a>,
}

/// An image as its server describes it.
#[derive(Debug, Clone, Copy)]
enum Record<'a> {
    /// Held by an Incus server.
    Held(&'a Image),
    /// Offered by an image server.
    Offered(&'a StreamImage),
}

/// A name of a [`FoundImage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FoundAlias<'a> {
    pub(crate) name: &'a str,
    /// Empty on an image server.
    pub(crate) description: &'a str,
}

/// The images of an image server; one that several products share is one image, with the names of all.
pub(crate) fn in_catalog(catalog: &Catalog) -> Vec<FoundImage<'_>> {
    let mut images: Vec<FoundImage<'_>> = Vec::with_capacity(catalog.images().len());
    let mut places = HashMap::with_capacity(catalog.images().len());
    for image in catalog.images() {
        match places.entry(&image.fingerprint) {
            Entry::Vacant(place) => {
                place.insert(images.len());
                images.push(image.into());
            }
            Entry::Occupied(place) => {
                if let Some(known) = images.get_mut(*place.get()) {
                    known.aliases.extend(FoundImage::from(image).aliases);
                    known.aliases.sort_unstable();
                    known.aliases.dedup();
                }
            }
        }
    }
    images
}

impl<'a> FoundImage<'a> {
    /// Its project, on an Incus server.
    pub(crate) fn project(&self) -> Option<&'a str> {
        self.held().map(|image| image.project.as_str())
    }

    /// The image as an Incus server holds it, with all that an image server does not know.
    pub(super) fn held(&self) -> Option<&'a Image> {
        match self.record {
            Record::Held(image) => Some(image),
            Record::Offered(_) => None,
        }
    }

    /// One of its properties.
    pub(super) fn property(&self, key: &str) -> Option<Cow<'a, str>> {
        match self.record {
            Record::Held(image) => image.properties.get(key).map(|value| value.as_str().into()),
            Record::Offered(image) => image.property(key),
        }
    }

    fn properties(&self) -> BTreeMap<String, String> {
        match self.record {
            Record::Held(image) => image.properties.clone(),
            Record::Offered(image) => image.properties(),
        }
    }

    /// Tells the versions of one day apart; only an image server has them.
    fn serial(&self) -> &'a str {
        match self.record {
            Record::Held(_) => "",
            Record::Offered(image) => image.serial(),
        }
    }

    /// By what images are ordered: the newest first, those of one age by fingerprint, and the same image by project.
    pub(super) fn order(&self) -> impl Ord + use<'a> {
        (Reverse((self.created_at, self.serial())), self.fingerprint, self.project())
    }
}

impl<'a> From<&'a Image> for FoundImage<'a> {
    fn from(image: &'a Image) -> FoundImage<'a> {
        let aliases = image.aliases.iter();
        let alias =
            aliases.map(|alias| FoundAlias { name: alias.name.as_str(), description: alias.description.as_str() });
        FoundImage {
            fingerprint: &image.fingerprint,
            image_type: image.image_type,
            architecture: &image.architecture,
            aliases: alias.collect(),
            public: image.public,
            size: image.size,
            filename: &image.filename,
            expires_at: image.expires_at,
            created_at: image.created_at,
            record: Record::Held(image),
        }
    }
}

impl<'a> From<&'a StreamImage> for FoundImage<'a> {
    fn from(image: &'a StreamImage) -> FoundImage<'a> {
        let mut aliases: Vec<_> = image.names().map(|name| FoundAlias { name, description: "" }).collect();
        aliases.sort_unstable();
        FoundImage {
            fingerprint: &image.fingerprint,
            image_type: image.image_type,
            architecture: image.architecture(),
            aliases,
            public: true,
            size: image.size(),
            filename: image.filename(),
            expires_at: image.expires_at(),
            created_at: image.created_at(),
            record: Record::Offered(image),
        }
    }
}

impl From<&FoundImage<'_>> for FoundImageModel {
    fn from(image: &FoundImage<'_>) -> FoundImageModel {
        let alias =
            |alias: &FoundAlias<'_>| AliasModel { name: alias.name.into(), description: alias.description.into() };
        let properties = image.properties().into_iter().map(|(key, value)| (key, Attr::Known(value)));
        let held = image.held();
        FoundImageModel {
            fingerprint: image.fingerprint.as_str().into(),
            r#type: image.image_type.as_str().into(),
            architecture: image.architecture.into(),
            properties: Attr::Known(properties.collect()),
            public: Attr::Known(image.public),
            cached: Attr::Known(held.is_some_and(|image| image.cached)),
            project: image.project().map(str::to_owned).into(),
            aliases: Attr::Known(image.aliases.iter().map(alias).collect()),
            auto_update: Attr::Known(held.is_some_and(|image| image.auto_update)),
            profiles: Attr::Known(
                held.map(|image| image.profiles.iter().cloned().collect::<Set<_>>()).unwrap_or_default(),
            ),
            size: i64::try_from(image.size).ok().into(),
            filename: image.filename.into(),
            expires_at: Attr::Known(image.expires_at.to_string()),
            created_at: instant(image.created_at),
            uploaded_at: held.map_or(Attr::Null, |image| instant(image.uploaded_at)),
            last_used_at: held.and_then(|image| image.last_used_at).map_or(Attr::Null, instant),
            update_source: held.and_then(|image| image.update_source.as_ref()).map(update_source).into(),
        }
    }
}
