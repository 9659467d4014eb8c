//! The files of a simplestreams server as they are written: `index.json`, and the products files that it lists. What is
//! malformed in them spoils only itself. Not for what they mean to Incus, see `image`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Each part is read by itself, later, so that a malformed one can be left out.
type Parts<'a> = BTreeMap<String, &'a RawValue>;

/// A product: one variant of one release for one architecture, in several versions.
#[derive(Debug, Deserialize)]
pub(super) struct Product<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) aliases: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) arch: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) os: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) release: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) release_title: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) version: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) variant: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) support_eol: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) requirements: BTreeMap<String, String>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    versions: Parts<'a>,
}

/// One version of a product.
#[derive(Debug, Deserialize)]
pub(super) struct Version<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) label: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub(super) items: BTreeMap<String, Item<'a>>,
}

/// One file of a version.
#[derive(Debug, Deserialize)]
pub(super) struct Item<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) ftype: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) path: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) size: u64,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) combined_sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) combined_squashfs_sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) combined_rootxz_sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text", rename = "combined_disk-kvm-img_sha256")]
    pub(super) combined_disk_kvm_img_sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text", rename = "combined_disk1-img_sha256")]
    pub(super) combined_disk1_img_sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text", rename = "combined_uefi1-img_sha256")]
    pub(super) combined_uefi1_img_sha256: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) combined_type: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Index<'a> {
    #[serde(borrow, deserialize_with = "or_default")]
    index: Parts<'a>,
}

#[derive(Deserialize)]
struct IndexEntry<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    datatype: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "text")]
    path: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    products: Vec<String>,
}

#[derive(Deserialize)]
struct Products<'a> {
    #[serde(borrow, deserialize_with = "or_default")]
    products: Parts<'a>,
}

/// The paths of the products files that an index lists, in the order of the names of its entries.
pub(super) fn paths(index: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    let index: Index<'_> = serde_json::from_slice(index)?;
    let entries = index.index.iter().filter_map(|(name, part)| understood::<IndexEntry<'_>>("index entry", name, part));
    let of_images = entries.filter(|entry| entry.datatype == "image-downloads" && !entry.products.is_empty());
    Ok(of_images.map(|entry| entry.path.into_owned()).collect())
}

/// The products of a products file, in the order of their names.
pub(super) fn products(file: &[u8]) -> Result<Vec<Product<'_>>, serde_json::Error> {
    let file: Products<'_> = serde_json::from_slice(file)?;
    Ok(file.products.iter().filter_map(|(name, part)| understood("product", name, part)).collect())
}

impl<'a> Product<'a> {
    /// Its versions by name, the oldest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = (&str, Version<'a>)> {
        self.versions.iter().filter_map(|(name, part)| Some((name.as_str(), understood("version", name, part)?)))
    }
}

fn understood<'a, T: Deserialize<'a>>(kind: &str, name: &str, part: &'a RawValue) -> Option<T> {
    serde_json::from_str(part.get())
        .inspect_err(|error| tracing::warn!(name, %error, "an image server lists a {kind} that is not understood"))
        .ok()
}

/// A text that is borrowed where it has no escapes. Incus takes `null` for the empty one.
fn text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, str>, D::Error> {
    #[derive(Deserialize)]
    struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Option::<Borrowed<'a>>::deserialize(deserializer)?.map(|text| text.0).unwrap_or_default())
}

/// Incus takes `null` for an empty map, list or number.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
