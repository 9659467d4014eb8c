//! An image of an image server, made of a product, one of its versions, and two of that version's files (or a combined
//! one), by the rules of Incus's own client. Not for which of several images a name means, see `catalog`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::file::StreamFile;
use super::products::{Item, Product, Version};
use crate::incus::{Expiry, Fingerprint, Half, ImageType, architecture};

/// The files that an image's root can be: the one that Incus prefers first.
const ROOTS: [(&str, ImageType); 5] = [
    ("squashfs", ImageType::Container),
    ("root.tar.xz", ImageType::Container),
    ("disk-kvm.img", ImageType::VirtualMachine),
    ("uefi1.img", ImageType::VirtualMachine),
    ("disk1.img", ImageType::VirtualMachine),
];

/// An image that an image server offers, as Incus would describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamImage {
    /// What it will be known by. Products may share an image.
    pub fingerprint: Fingerprint,
    /// Container or virtual machine.
    pub image_type: ImageType,
    /// In Incus's spelling, such as `x86_64`.
    pub architecture: String,
    /// Bytes of its files together.
    pub size: u64,
    /// The name of its metadata file, or of its only one.
    pub filename: String,
    /// Its files, in the order in which they make the fingerprint.
    pub files: Vec<StreamFile>,
    /// The names that mean this image among all of its type and architecture: `alpine/edge`.
    pub aliases: Vec<String>,
    /// The same with the architecture as the server spells it: `alpine/edge/amd64`. They mean this image everywhere.
    pub qualified_aliases: Vec<String>,
    /// What Incus writes into the image's properties: `os`, `release`, `variant`, `architecture` (as the server spells it),
    /// `serial` (the version), `type` (of the root file), `description`, `label`, `version` and `requirements.*`.
    pub properties: BTreeMap<String, String>,
    /// The day its support ends.
    pub expires_at: Expiry,
    /// The day of its version.
    pub created_at: OffsetDateTime,
}

impl StreamImage {
    /// The images of all versions of a product, with all aliases that the product asks for. What Incus has no use for is
    /// left out: architectures it doesn't know, versions not named after a date, files without a fingerprint.
    pub(super) fn of_product(product: &Product<'_>) -> Vec<Self> {
        let Some(architecture) = architecture::known(&product.arch) else { return Vec::new() };
        let mut images = Vec::new();
        for (serial, version) in product.versions() {
            let Some(created_at) = day_of(serial) else { continue };
            for found in contents(&version) {
                let image = Self {
                    fingerprint: found.fingerprint,
                    image_type: found.image_type,
                    architecture: architecture.to_owned(),
                    size: found.size,
                    filename: found.metadata.name().to_owned(),
                    files: std::iter::once(found.metadata).chain(found.root_file).collect(),
                    aliases: product.aliases.split(',').filter(|alias| !alias.is_empty()).map(str::to_owned).collect(),
                    qualified_aliases: Vec::new(),
                    properties: properties(product, &version, serial, found.root),
                    expires_at: Expiry::parse(&format!("{}T00:00:00Z", product.support_eol)).unwrap_or(Expiry::Never),
                    created_at,
                };
                images.push(image);
            }
        }
        images
    }

    /// The version, mostly date and time: `20260102_13:00`.
    pub fn serial(&self) -> &str {
        self.property("serial").unwrap_or_default()
    }

    /// The aliases that Incus shows, and copies with the image, on a machine of this architecture: those with an
    /// architecture, and the short ones if it is this one.
    pub fn aliases_on<'a>(&'a self, native: &str) -> impl Iterator<Item = &'a str> {
        let short: &[String] = if architecture::same(native, &self.architecture) { &self.aliases } else { &[] };
        short.iter().chain(&self.qualified_aliases).map(String::as_str)
    }

    /// Where Incus ranks the image when it gives out names: products by name, the newest version first, then by the type
    /// of the root file. A product without a variant comes last.
    pub(super) fn rank(&self) -> impl Ord + '_ {
        let named = |key| (self.property(key).is_none(), self.property(key));
        let root = ROOTS.iter().position(|(root, _)| self.property("type") == Some(*root)).unwrap_or_default();
        (named("os"), named("release"), named("variant"), Reverse(self.serial()), named("architecture"), root)
    }

    pub(super) fn property(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }
}

/// Files that make an image.
struct Content<'a> {
    fingerprint: Fingerprint,
    image_type: ImageType,
    /// The type of the root file.
    root: &'a str,
    size: u64,
    metadata: StreamFile,
    root_file: Option<StreamFile>,
}

/// The images that can be made of a version's files.
fn contents<'a>(version: &'a Version<'_>) -> Vec<Content<'a>> {
    let mut contents = Vec::new();
    for metadata in version.items.values() {
        match &*metadata.ftype {
            "incus_combined.tar.gz" => {
                let image_type = ImageType::parse(&metadata.combined_type).unwrap_or(ImageType::Container);
                contents.extend(content(metadata, &metadata.sha256, image_type, "tar.gz", None));
            }
            "incus.tar.xz" => {
                for item in version.items.values() {
                    let Some((root, image_type)) = ROOTS.iter().find(|(root, _)| *root == item.ftype) else { continue };
                    let hash = combined_hash(metadata, root);
                    contents.extend(content(metadata, hash, *image_type, root, Some(item)));
                }
            }
            _ => {}
        }
    }
    contents
}

fn content<'a>(
    metadata: &Item<'_>,
    hash: &str,
    image_type: ImageType,
    root: &'a str,
    root_item: Option<&Item<'_>>,
) -> Option<Content<'a>> {
    if hash.is_empty() || metadata.path.is_empty() {
        return None;
    }
    let fingerprint = Fingerprint::parse(hash)
        .inspect_err(|error| tracing::warn!(path = &*metadata.path, %error, "an image server lists no fingerprint"))
        .ok()?;
    let half = if root_item.is_some() { Half::Metadata } else { Half::Whole };
    let part = match image_type {
        ImageType::Container => "rootfs",
        ImageType::VirtualMachine => "rootfs.img",
    };
    Some(Content {
        fingerprint,
        image_type,
        root,
        size: metadata.size.saturating_add(root_item.map_or(0, |item| item.size)),
        metadata: file(metadata, half, "metadata"),
        root_file: root_item.map(|item| file(item, Half::Root, part)),
    })
}

fn file(item: &Item<'_>, half: Half, part: &'static str) -> StreamFile {
    let (path, sha256) = (item.path.clone().into_owned(), item.sha256.clone().into_owned());
    StreamFile { half, path, size: item.size, sha256, part }
}

/// The hash of the metadata file and the root file together.
fn combined_hash<'a>(metadata: &'a Item<'_>, root: &str) -> &'a str {
    match root {
        "squashfs" => &metadata.combined_squashfs_sha256,
        "root.tar.xz" if metadata.combined_rootxz_sha256.is_empty() => &metadata.combined_sha256,
        "root.tar.xz" => &metadata.combined_rootxz_sha256,
        "disk-kvm.img" => &metadata.combined_disk_kvm_img_sha256,
        "uefi1.img" => &metadata.combined_uefi1_img_sha256,
        "disk1.img" => &metadata.combined_disk1_img_sha256,
        _ => "",
    }
}

fn properties(product: &Product<'_>, version: &Version<'_>, serial: &str, root: &str) -> BTreeMap<String, String> {
    let mut description = format!("{} {} {}", product.os, product.release_title, product.arch);
    let remarks = [(&*product.variant != "default").then_some(&*product.variant), Some(&*version.label), Some(serial)];
    for remark in remarks.into_iter().flatten().filter(|remark| !remark.is_empty()) {
        description.push_str(&format!(" ({remark})"));
    }
    let fixed = [
        ("os", &*product.os),
        ("release", &product.release),
        ("version", &product.version),
        ("architecture", &product.arch),
        ("label", &version.label),
        ("serial", serial),
        ("description", &description),
        ("variant", &product.variant),
        ("type", root),
    ];
    let fixed = fixed.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    let required = product.requirements.iter().map(|(key, value)| (format!("requirements.{key}"), value.clone()));
    fixed.chain(required).filter(|(_, value)| !value.is_empty()).collect()
}

/// The day at the beginning of a version's name: `20260102_13:00`.
fn day_of(serial: &str) -> Option<OffsetDateTime> {
    let (year, month, day) = (serial.get(..4)?, serial.get(4..6)?, serial.get(6..8)?);
    OffsetDateTime::parse(&format!("{year}-{month}-{day}T00:00:00Z"), &Rfc3339).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
