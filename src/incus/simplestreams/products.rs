//! The files of a simplestreams server as they are written: `index.json`, and the products files that it lists. What is
//! malformed in them spoils only itself. Not for what they mean to Incus, see `image`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What stands in a map, in the order in which it stands there.
type Entries<'a, T> = Vec<(Cow<'a, str>, T)>;

/// Each part is read by itself, later, so that a malformed one can be left out.
type Parts<'a> = Entries<'a, &'a RawValue>;

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
    #[serde(borrow, default, deserialize_with = "entries")]
    versions: Parts<'a>,
}

/// One version of a product.
#[derive(Debug, Deserialize)]
pub(super) struct Version<'a> {
    #[serde(borrow, default, deserialize_with = "text")]
    pub(super) label: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "entries")]
    pub(super) items: Entries<'a, Item<'a>>,
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
    #[serde(borrow, deserialize_with = "entries")]
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
    #[serde(borrow, deserialize_with = "entries")]
    products: Parts<'a>,
}

/// The paths of the products files that an index lists, in the order of the names of its entries.
pub(super) fn paths(index: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    let mut index: Index<'_> = serde_json::from_slice(index)?;
    index.index.sort_by(|(one, _), (other, _)| one.cmp(other));
    let entries = index.index.iter().filter_map(|(name, part)| understood::<IndexEntry<'_>>("index entry", name, part));
    let of_images = entries.filter(|entry| entry.datatype == "image-downloads" && !entry.products.is_empty());
    Ok(of_images.map(|entry| entry.path.into_owned()).collect())
}

/// The products of a products file, each read when it is its turn.
pub(super) fn products(file: &[u8]) -> Result<impl Iterator<Item = Product<'_>>, serde_json::Error> {
    let file: Products<'_> = serde_json::from_slice(file)?;
    Ok(file.products.into_iter().filter_map(|(name, part)| understood("product", &name, part)))
}

impl<'a> Product<'a> {
    /// The product by itself, to outlive the file.
    pub(super) fn without_versions(&self) -> Product<'static> {
        let kept = |text: &Cow<'a, str>| Cow::Owned(text.clone().into_owned());
        Product {
            aliases: kept(&self.aliases),
            arch: kept(&self.arch),
            os: kept(&self.os),
            release: kept(&self.release),
            release_title: kept(&self.release_title),
            version: kept(&self.version),
            variant: kept(&self.variant),
            support_eol: kept(&self.support_eol),
            requirements: self.requirements.clone(),
            versions: Parts::new(),
        }
    }

    /// Its versions by name.
    pub(super) fn versions(&self) -> impl Iterator<Item = (&str, Version<'a>)> {
        self.versions.iter().filter_map(|(name, part)| Some((&**name, understood("version", name, part)?)))
    }
}

fn understood<'a, T: Deserialize<'a>>(kind: &str, name: &str, part: &'a RawValue) -> Option<T> {
    serde_json::from_str(part.get())
        .inspect_err(|error| tracing::warn!(name, %error, "an image server lists a {kind} that is not understood"))
        .ok()
}

/// A text, which serde would copy.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

/// A text that is borrowed where it has no escapes. Incus takes `null` for the empty one.
fn text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, str>, D::Error> {
    Ok(Option::<Borrowed<'a>>::deserialize(deserializer)?.map(|text| text.0).unwrap_or_default())
}

/// What stands in a map. Incus takes `null` for an empty one.
fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Entries<'de, T>, D::Error> {
    struct Map<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Map<T> {
        type Value = Entries<'de, T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a map")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some((Borrowed(name), value)) = map.next_entry()? {
                entries.push((name, value));
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_any(Map(PhantomData))
}

/// Incus takes `null` for an empty map, list or number.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
