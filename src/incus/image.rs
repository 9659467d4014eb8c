//! An image as a server holds it, and the part of it that can be changed. Not for asking or telling the server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use time::OffsetDateTime;

use super::answer::{Malformed, field, flag, instant, list, text};
use super::server_url::without_credentials;
use super::{Alias, Expiry, Fingerprint, ImageType};

/// An image on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// What it is known by.
    pub fingerprint: Fingerprint,
    /// Container or virtual machine.
    pub image_type: ImageType,
    /// In Incus's spelling, such as `x86_64`.
    pub architecture: String,
    /// Bytes of its files together.
    pub size: u64,
    /// The name its file had; empty for most downloads.
    pub filename: String,
    /// Whether everybody who reaches the server may read it.
    pub public: bool,
    /// Whether the server replaces it when its source has a newer one.
    pub auto_update: bool,
    /// Whether it is there only because an instance was made from it.
    pub cached: bool,
    /// What describes it, such as `os` and `release`.
    pub properties: BTreeMap<String, String>,
    /// Profiles of instances made from it, in the project that was asked about.
    pub profiles: BTreeSet<String>,
    /// Its names, sorted.
    pub aliases: Vec<ImageAlias>,
    /// When it expires.
    pub expires_at: Expiry,
    /// When its content was made.
    pub created_at: OffsetDateTime,
    /// When it came to this server, by the server's clock.
    pub uploaded_at: OffsetDateTime,
    /// When an instance was last made from it; `None` if never.
    pub last_used_at: Option<OffsetDateTime>,
    /// Where it was copied from by name; without certificate and credentials.
    pub update_source: Option<UpdateSource>,
    /// The project that holds it; not the one asked about where that one has no images of its own.
    pub project: String,
    /// Guards a write against a change in between. An image from a list has none.
    pub etag: Option<String>,
}

/// One name of an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageAlias {
    /// The name.
    pub name: Alias,
    /// Free text, often empty.
    pub description: String,
}

/// Where newer versions of an image are to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateSource {
    /// The address of the server.
    pub server: String,
    /// `simplestreams`, `incus`, `oci`, …
    pub protocol: String,
    /// The name there.
    pub alias: String,
}

/// All of an image that can be changed; written as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFields {
    /// As in [`Image`].
    pub public: bool,
    /// As in [`Image`].
    pub auto_update: bool,
    /// As in [`Image`]. Incus drops empty values.
    pub properties: BTreeMap<String, String>,
    /// As in [`Image`]. An unknown profile is refused.
    pub profiles: BTreeSet<String>,
    /// As in [`Image`].
    pub expires_at: Expiry,
}

impl Image {
    /// What can be changed, as it is now.
    pub fn fields(&self) -> ImageFields {
        ImageFields {
            public: self.public,
            auto_update: self.auto_update,
            properties: self.properties.clone(),
            profiles: self.profiles.clone(),
            expires_at: self.expires_at,
        }
    }

    pub(crate) fn from_json(image: &Value, etag: Option<String>) -> Result<Self, Malformed> {
        let mut aliases = list(image, "aliases")?.iter().map(ImageAlias::from_json).collect::<Result<Vec<_>, _>>()?;
        aliases.sort();
        let size = image.get("size").and_then(Value::as_u64);
        Ok(Self {
            fingerprint: field(image, "fingerprint", Fingerprint::parse)?,
            image_type: field(image, "type", ImageType::parse)?,
            architecture: text(image, "architecture")?.to_owned(),
            size: size.ok_or_else(|| Malformed("the number \"size\" is missing".to_owned()))?,
            filename: text(image, "filename")?.to_owned(),
            public: flag(image, "public")?,
            auto_update: flag(image, "auto_update")?,
            cached: flag(image, "cached")?,
            properties: properties(image)?,
            profiles: list(image, "profiles")?.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            aliases,
            expires_at: field(image, "expires_at", Expiry::parse)?,
            created_at: instant(image, "created_at")?,
            uploaded_at: instant(image, "uploaded_at")?,
            last_used_at: match field(image, "last_used_at", Expiry::parse)? {
                Expiry::Never => None,
                Expiry::At(instant) => Some(instant),
            },
            update_source: image
                .get("update_source")
                .filter(|source| !source.is_null())
                .map(UpdateSource::from_json)
                .transpose()?,
            project: text(image, "project")?.to_owned(),
            etag,
        })
    }
}

fn properties(image: &Value) -> Result<BTreeMap<String, String>, Malformed> {
    let properties = match image.get("properties") {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(properties) => properties.as_object(),
    };
    properties
        .and_then(|properties| {
            properties.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        })
        .ok_or_else(|| Malformed("\"properties\" is not a map of texts".to_owned()))
}

impl ImageAlias {
    fn from_json(alias: &Value) -> Result<Self, Malformed> {
        Ok(Self { name: Alias::stored(text(alias, "name")?), description: text(alias, "description")?.to_owned() })
    }
}

impl UpdateSource {
    fn from_json(source: &Value) -> Result<Self, Malformed> {
        Ok(Self {
            server: without_credentials(text(source, "server")?),
            protocol: text(source, "protocol")?.to_owned(),
            alias: text(source, "alias")?.to_owned(),
        })
    }
}
