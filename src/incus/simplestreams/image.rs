//! An image of an image server, made of a product, one of its versions, and two of that version's files (or a combined
//! one), by the rules of Incus's own client. Not for which of several images a name means, see `catalog`.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// The properties that an image may have, beside what it requires.
const PROPERTIES: [&str; 9] =
    ["architecture", "description", "label", "os", "release", "serial", "type", "variant", "version"];

/// How the name of a property begins that tells what an image requires.
const REQUIREMENT: &str = "requirements.";

/// An image that an image server offers. What it has in common with others is shared: a server may list ten thousand.
#[derive(Clone, Debug)]
pub struct StreamImage {
    /// What it will be known by. Products may share an image.
    pub fingerprint: Fingerprint,
    /// Container or virtual machine.
    pub image_type: ImageType,
    /// The names that mean this image among all of its type and architecture: `alpine/edge`.
    pub aliases: Vec<Arc<str>>,
    /// The same with the architecture as the server spells it: `alpine/edge/amd64`. They mean this image everywhere.
    pub qualified_aliases: Vec<Arc<str>>,
    edition: Arc<Edition>,
    /// The type of the root file.
    root: &'static str,
    /// Its metadata file, or its only one.
    metadata: Arc<StreamFile>,
    root_file: Option<Arc<StreamFile>>,
}

/// What the images of one version of a product have in common.
#[derive(Debug)]
struct Edition {
    product: Arc<Product<'static>>,
    architecture: &'static str,
    expires_at: Expiry,
    serial: String,
    label: String,
    created_at: OffsetDateTime,
}

impl StreamImage {
    /// The images of all versions of a product, without names. What Incus has no use for is left out: architectures it doesn't
    /// know, versions not named after a date, files without a fingerprint.
    pub(super) fn of_product(product: &Product<'_>) -> Vec<Self> {
        let Some(architecture) = architecture::known(&product.arch) else { return Vec::new() };
        let expires_at = Expiry::parse(&format!("{}T00:00:00Z", product.support_eol)).unwrap_or(Expiry::Never);
        let kept = Arc::new(product.without_versions());
        let mut images = Vec::new();
        for (serial, version) in product.versions() {
            let Some(created_at) = day_of(serial) else { continue };
            let edition = Arc::new(Edition {
                product: Arc::clone(&kept),
                architecture,
                expires_at,
                serial: serial.to_owned(),
                label: version.label.clone().into_owned(),
                created_at,
            });
            images.extend(images_of(&version, &edition));
        }
        images
    }

    /// The architecture in Incus's spelling, such as `x86_64`.
    pub fn architecture(&self) -> &'static str {
        self.edition.architecture
    }

    /// The day its support ends.
    pub fn expires_at(&self) -> Expiry {
        self.edition.expires_at
    }

    /// The day of its version.
    pub fn created_at(&self) -> OffsetDateTime {
        self.edition.created_at
    }

    /// The version, mostly date and time: `20260102_13:00`.
    pub fn serial(&self) -> &str {
        &self.edition.serial
    }

    /// Its files, in the order in which they make the fingerprint.
    pub fn files(&self) -> impl Iterator<Item = &StreamFile> {
        std::iter::once(&self.metadata).chain(&self.root_file).map(|file| &**file)
    }

    /// Bytes of its files together.
    pub fn size(&self) -> u64 {
        self.files().fold(0, |size, file| size.saturating_add(file.size))
    }

    /// The name of its metadata file, or of its only one.
    pub fn filename(&self) -> &str {
        self.metadata.name()
    }

    /// What Incus writes into the image's properties: `os`, `release`, `variant`, `architecture` (as the server spells it),
    /// `serial` (the version), `type` (of the root file), `description`, `label`, `version` and `requirements.*`.
    pub fn properties(&self) -> BTreeMap<String, String> {
        let required = self.edition.product.requirements.keys().map(|key| format!("{REQUIREMENT}{key}"));
        let keys = PROPERTIES.into_iter().map(str::to_owned).chain(required);
        let known = keys.filter_map(|key| {
            let value = self.property(&key)?.into_owned();
            Some((key, value))
        });
        known.collect()
    }

    /// One of its properties. None is empty.
    pub fn property(&self, key: &str) -> Option<Cow<'_, str>> {
        let Edition { product, serial, label, .. } = &*self.edition;
        let text = match key {
            "architecture" => &*product.arch,
            "description" => return Some(self.description().into()),
            "label" => label,
            "os" => &product.os,
            "release" => &product.release,
            "serial" => serial,
            "type" => self.root,
            "variant" => &product.variant,
            "version" => &product.version,
            key => product.requirements.get(key.strip_prefix(REQUIREMENT)?)?,
        };
        (!text.is_empty()).then_some(text.into())
    }

    fn description(&self) -> String {
        let Edition { product, serial, label, .. } = &*self.edition;
        let Product { os, release_title, arch, variant, .. } = &**product;
        let variant = if *variant == "default" { "" } else { variant };
        let remarks = [variant, label, serial].into_iter().filter(|remark| !remark.is_empty());
        remarks.fold(format!("{os} {release_title} {arch}"), |text, remark| format!("{text} ({remark})"))
    }

    /// The names that the product asks for, as the server spells them.
    pub(super) fn wanted_aliases(&self) -> impl Iterator<Item = &str> {
        self.edition.product.aliases.split(',').filter(|alias| !alias.is_empty())
    }

    /// The architecture as the server spells it.
    pub(super) fn spelling(&self) -> &str {
        &self.edition.product.arch
    }

    /// All names that mean the image.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().chain(&self.qualified_aliases).map(|name| &**name)
    }

    /// The aliases that Incus shows, and copies with the image, on a machine of this architecture: those with an
    /// architecture, and the short ones if it is this one.
    pub fn aliases_on(&self, native: &str) -> impl Iterator<Item = &str> {
        let short: &[Arc<str>] = if architecture::same(native, self.architecture()) { &self.aliases } else { &[] };
        short.iter().chain(&self.qualified_aliases).map(|alias| &**alias)
    }

    /// Where Incus ranks the image when it gives out names: products by name, the newest version first, then by the type
    /// of the root file. A product without a variant comes last.
    pub(super) fn rank(&self) -> impl Ord + '_ {
        let Product { os, release, variant, arch, .. } = &*self.edition.product;
        let [os, release, variant, arch] = [os, release, variant, arch].map(|text| (text.is_empty(), &**text));
        let root = ROOTS.iter().position(|(root, _)| self.root == *root).unwrap_or_default();
        (os, release, variant, Reverse(self.serial()), arch, root)
    }
}

/// The images that can be made of a version's files.
fn images_of(version: &Version<'_>, edition: &Arc<Edition>) -> Vec<StreamImage> {
    let image = |fingerprint, image_type, root, metadata, root_file| StreamImage {
        fingerprint,
        image_type,
        aliases: Vec::new(),
        qualified_aliases: Vec::new(),
        edition: Arc::clone(edition),
        root,
        metadata,
        root_file,
    };
    let items = || version.items.iter().map(|(_, item)| item);
    let mut images = Vec::new();
    for item in items().filter(|item| !item.path.is_empty()) {
        match &*item.ftype {
            "incus_combined.tar.gz" => {
                let image_type = ImageType::parse(&item.combined_type).unwrap_or(ImageType::Container);
                let Some(fingerprint) = fingerprint(item, &item.sha256) else { continue };
                images.push(image(fingerprint, image_type, "tar.gz", file(item, Half::Whole, "metadata"), None));
            }
            "incus.tar.xz" => {
                let metadata = file(item, Half::Metadata, "metadata");
                for root_item in items() {
                    let root = ROOTS.iter().find(|(root, _)| *root == root_item.ftype);
                    let Some((root, image_type)) = root else { continue };
                    let Some(fingerprint) = fingerprint(item, combined_hash(item, root)) else { continue };
                    let root_file = file(root_item, Half::Root, image_type.root_part());
                    images.push(image(fingerprint, *image_type, root, Arc::clone(&metadata), Some(root_file)));
                }
            }
            _ => {}
        }
    }
    images
}

/// The fingerprint of an image that has this metadata file, unless its listed hash is none.
fn fingerprint(metadata: &Item<'_>, hash: &str) -> Option<Fingerprint> {
    if hash.is_empty() {
        return None;
    }
    Fingerprint::parse(hash)
        .inspect_err(|error| tracing::warn!(path = &*metadata.path, %error, "an image server lists no fingerprint"))
        .ok()
}

fn file(item: &Item<'_>, half: Half, part: &'static str) -> Arc<StreamFile> {
    let (path, sha256) = (item.path.clone().into_owned(), item.sha256.clone().into_owned());
    Arc::new(StreamFile { half, path, size: item.size, sha256, part })
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

/// The day at the beginning of a version's name: `20260102_13:00`.
fn day_of(serial: &str) -> Option<OffsetDateTime> {
    let (year, month, day) = (serial.get(..4)?, serial.get(4..6)?, serial.get(6..8)?);
    OffsetDateTime::parse(&format!("{year}-{month}-{day}T00:00:00Z"), &Rfc3339).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
