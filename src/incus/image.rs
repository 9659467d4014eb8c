//! An image as a server holds it, and the part of it that can be changed. Not for asking or telling the server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use time::OffsetDateTime;

use super::answer::{Malformed, field, flag, instant, list, number, text};
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

/// Whether an image with these properties is of a container registry (OCI). Incus knows it by nothing else (7.3): instances of the
/// image start as application containers, and its fingerprint is not held against its files.
pub fn is_oci(properties: &BTreeMap<String, String>) -> bool {
    properties.get("type").is_some_and(|kind| kind == "oci")
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
    /// Its names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.iter().map(|alias| &alias.name)
    }

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

    /// The image once it was given these fields.
    #[must_use]
    pub fn with(self, fields: ImageFields) -> Self {
        let ImageFields { public, auto_update, properties, profiles, expires_at } = fields;
        Self { public, auto_update, properties, profiles, expires_at, etag: None, ..self }
    }

    pub(crate) fn from_json(image: &Value, etag: Option<String>) -> Result<Self, Malformed> {
        let mut aliases = list(image, "aliases")?.iter().map(ImageAlias::from_json).collect::<Result<Vec<_>, _>>()?;
        aliases.sort();
        Ok(Self {
            fingerprint: field(image, "fingerprint", Fingerprint::parse)?,
            image_type: field(image, "type", ImageType::parse)?,
            architecture: text(image, "architecture")?.to_owned(),
            size: number(image, "size")?,
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(changes: &Value) -> Value {
        let mut image = json!({
            "aliases": [{"name": "b", "description": "second"}, {"name": "a", "description": ""}],
            "architecture": "x86_64", "auto_update": true, "cached": false, "filename": "u.tar.gz",
            "created_at": "2023-11-14T22:13:20Z", "uploaded_at": "2026-01-02T03:04:05.123456789Z",
            "expires_at": "0001-01-01T00:00:00Z", "last_used_at": "1970-01-01T00:00:00Z",
            "fingerprint": "ab".repeat(32), "size": 386, "type": "container", "public": true, "project": "default",
            "profiles": ["default"], "properties": {"os": "Tiny"},
            "update_source": {
                "alias": "tiny", "certificate": "PEM", "protocol": "simplestreams", "image_type": "",
                "server": "https://me:secret@images.example",
            },
        });
        image.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        image
    }

    fn read(changes: &Value) -> Image {
        Image::from_json(&image(changes), None).unwrap()
    }

    #[test]
    fn an_image_is_read_with_sorted_aliases() {
        let image = read(&json!({}));
        assert_eq!(image.names().map(Alias::as_str).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            (image.size, image.image_type, image.uploaded_at.nanosecond()),
            (386, ImageType::Container, 123_456_789)
        );
        assert_eq!((image.expires_at, image.last_used_at), (Expiry::Never, None));
        let fields = image.fields();
        assert_eq!((fields.public, fields.auto_update, fields.expires_at), (true, true, Expiry::Never));
        assert_eq!((fields.properties, fields.profiles), (image.properties, image.profiles));
    }

    #[test]
    fn neither_certificate_nor_password_is_kept() {
        let image = read(&json!({}));
        assert_eq!(image.update_source.as_ref().unwrap().server, "https://images.example");
        let words = format!("{image:?}");
        assert!(!words.contains("PEM") && !words.contains("secret"), "{words}");
    }

    #[test]
    fn what_go_leaves_out_or_sends_as_null_is_empty() {
        let nothing = json!({"aliases": null, "profiles": null, "properties": null, "update_source": null});
        let image = read(&nothing);
        assert!(image.aliases.is_empty() && image.profiles.is_empty() && image.properties.is_empty());
        assert_eq!(image.update_source, None);
    }

    #[test]
    fn dates_are_kept() {
        let image = read(&json!({"expires_at": "2031-02-03T04:05:06+02:00", "last_used_at": "2026-01-01T00:00:00.5Z"}));
        assert_eq!(image.expires_at, Expiry::parse("2031-02-03T02:05:06Z").unwrap());
        assert_eq!(image.last_used_at.unwrap().millisecond(), 500);
    }

    #[test]
    fn an_image_that_makes_no_sense_is_refused_with_the_reason() {
        for (changes, word) in [
            (json!({"fingerprint": "abc"}), "fingerprint"),
            (json!({"type": "jail"}), "jail"),
            (json!({"size": "386"}), "size"),
            (json!({"properties": {"a": 1}}), "properties"),
            (json!({"aliases": {}}), "aliases"),
            (json!({"uploaded_at": "yesterday"}), "uploaded_at"),
            (json!({"update_source": {}}), "server"),
        ] {
            let error = Image::from_json(&image(&changes), None).unwrap_err().to_string();
            assert!(error.contains(word), "{word}: {error}");
        }
    }
}
