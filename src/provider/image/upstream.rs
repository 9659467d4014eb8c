//! Looking a source's name up on its server.

use std::collections::BTreeMap;

use super::candidates;
use super::id::Named;
use crate::incus::simplestreams::{Catalog, StreamImage};
use crate::incus::{Alias, Error, Expiry, Fingerprint, FingerprintPrefix, Image, ImageType, Push, architecture};
use crate::provider::connections::{SourceServer, Target};
use crate::provider::diagnostics::explain;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The image that a source means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sought<'a> {
    /// The remote, for error texts.
    pub(crate) remote: &'a str,
    /// The name there: an alias, or a fingerprint or the beginning of one.
    pub(crate) name: &'a str,
    /// Container or virtual machine.
    pub(crate) image_type: ImageType,
    /// The architecture, in any spelling; the server's own where absent.
    pub(crate) architecture: Option<&'a str>,
}

/// Which of the images of a name the argument `vm` asks for.
pub(crate) fn image_type(vm: &Attr<bool>) -> ImageType {
    if vm.is_true() { ImageType::VirtualMachine } else { ImageType::Container }
}

/// What a server has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// This image, now.
    Image(UpstreamImage),
    /// Nothing: the name is wrong.
    Nothing(Diagnostic),
    /// The server can't be asked from here. The Incus server that is to copy from it may fare better.
    Silent(Diagnostic),
}

impl Upstream {
    /// The same, where an error is about the argument at `path`.
    pub(crate) fn at(self, path: Path) -> Upstream {
        match self {
            Upstream::Image(image) => Upstream::Image(image),
            Upstream::Nothing(error) => Upstream::Nothing(error.at(path)),
            Upstream::Silent(error) => Upstream::Silent(error.at(path)),
        }
    }

    /// The image.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn image(self) -> Result<UpstreamImage, Diagnostic> {
        match self {
            Upstream::Image(image) => Ok(image),
            Upstream::Nothing(error) | Upstream::Silent(error) => Err(error),
        }
    }
}

/// An image of another server, as far as a copy of it is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UpstreamImage {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) image_type: ImageType,
    /// In Incus's spelling.
    pub(crate) architecture: String,
    /// Bytes of its files together.
    pub(crate) size: u64,
    /// Whether everybody may read it.
    pub(crate) public: bool,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) expires_at: Expiry,
    /// Its names there.
    pub(crate) aliases: Vec<String>,
}

impl UpstreamImage {
    /// The image as it is to arrive with `properties` beside its own: the source's record of it, which its files do not hold, goes
    /// along.
    pub(super) fn to_send(&self, public: bool, properties: &BTreeMap<String, String>) -> Push {
        let own = self.properties.clone();
        Push {
            fingerprint: self.fingerprint.clone(),
            public,
            properties: own.into_iter().chain(properties.clone()).collect(),
            expires_at: self.expires_at,
        }
    }
}

/// Looks up what `sought` means to an Incus server whose own architectures are `native`.
pub(crate) async fn look_up(server: &SourceServer, sought: &Sought<'_>, native: &[String]) -> Upstream {
    let answer = match server {
        SourceServer::Images(server) => match server.catalog().await {
            Ok(catalog) => in_catalog(&catalog, sought, native),
            Err(error) => silent(sought, &*error),
        },
        SourceServer::Incus(project) => match in_project(project, sought).await {
            Ok(answer) => answer,
            Err(error) => silent(sought, &error),
        },
    };
    answer.at(Path::attribute("source"))
}

fn silent(sought: &Sought<'_>, error: &dyn std::error::Error) -> Upstream {
    Upstream::Silent(explain(&format!("Unable to look {:?} up on remote {:?}", sought.name, sought.remote), error))
}

fn in_catalog(catalog: &Catalog, sought: &Sought<'_>, native: &[String]) -> Upstream {
    match catalog.resolve(sought.name, Some(sought.image_type), sought.architecture, native) {
        Some(image) => Upstream::Image(UpstreamImage {
            fingerprint: image.fingerprint.clone(),
            image_type: image.image_type,
            architecture: image.architecture().to_owned(),
            size: image.size(),
            public: true,
            properties: image.properties(),
            expires_at: image.expires_at(),
            aliases: copyable(image, native),
        }),
        None => Upstream::Nothing(not_in_catalog(catalog, sought)),
    }
}

/// The aliases that Incus copies with an image.
fn copyable(image: &StreamImage, native: &[String]) -> Vec<String> {
    image.aliases_on(native.first().map_or("", String::as_str)).map(str::to_owned).collect()
}

async fn in_project(project: &Target, sought: &Sought<'_>) -> Result<Upstream, Error> {
    let alias = match Alias::parse(sought.name) {
        Ok(alias) => alias,
        Err(error) => return Ok(Upstream::Nothing(explain("Unable to find the image", &error))),
    };
    let Some(image) = named(project, &alias).await? else {
        // A name of so many digits is hardly an alias.
        let sought = FingerprintPrefix::parse(sought.name).map_or(Named::Alias(alias), Named::Fingerprint);
        return Ok(Upstream::Nothing(candidates::none(project, &sought).await));
    };
    let unsuitable = |what: &str| {
        let detail = format!(
            "The image {alias} on remote {:?} is a {} image for {}: the only one of that name. Correct `{what}`, or take it out.",
            sought.remote, image.image_type, image.architecture
        );
        Ok(Upstream::Nothing(Diagnostic::error("The image is another one than asked for", detail)))
    };
    if sought.image_type == ImageType::VirtualMachine && image.image_type == ImageType::Container {
        return unsuitable("vm");
    }
    if sought.architecture.is_some_and(|wanted| !architecture::same(wanted, &image.architecture)) {
        return unsuitable("architecture");
    }
    Ok(Upstream::Image(image.into()))
}

impl From<Image> for UpstreamImage {
    fn from(image: Image) -> UpstreamImage {
        UpstreamImage {
            aliases: image.names().map(ToString::to_string).collect(),
            fingerprint: image.fingerprint,
            image_type: image.image_type,
            architecture: image.architecture,
            size: image.size,
            public: image.public,
            properties: image.properties,
            expires_at: image.expires_at,
        }
    }
}

/// The image that a name stands for: an alias, or else a fingerprint or the beginning of just one.
async fn named(project: &Target, name: &Alias) -> Result<Option<Image>, Error> {
    let Target { client, project, .. } = project;
    if let Some(entry) = client.alias(project, name).await? {
        return client.image(project, &entry.target).await;
    }
    let Ok(prefix) = FingerprintPrefix::parse(name.as_str()) else { return Ok(None) };
    match client.images_with_prefix(project, &prefix).await?.as_slice() {
        [one] => client.image(project, one).await,
        _ => Ok(None),
    }
}

fn not_in_catalog(catalog: &Catalog, sought: &Sought<'_>) -> Diagnostic {
    let others: Vec<_> = catalog
        .with_alias(sought.name)
        .map(|image| format!("a {} image for {}", image.image_type, image.architecture()))
        .collect();
    let advice = match (others.is_empty(), catalog.nearest(sought.name).as_slice()) {
        (false, _) => format!("There is, under that name, {}.", others.join(" and ")),
        (true, []) => format!("`incus image list {}:` shows what there is.", sought.remote),
        (true, nearest) => format!("Did you mean {}?", nearest.join(" or ")),
    };
    let architecture = sought.architecture.map(|architecture| format!(" for {architecture}")).unwrap_or_default();
    let detail = format!("It has no {} image {:?}{architecture}. {advice}", sought.image_type, sought.name);
    Diagnostic::error(format!("Unable to find the image on remote {:?}", sought.remote), detail)
}
