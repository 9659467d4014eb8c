//! Images that the general provider, lxc/incus, has managed: its state in our terms.
//!
//! Nothing is configured when a state is migrated, so nothing is looked up. What only the server knows is left to the read that
//! follows, and so are remote and project where the state names none.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::ImageResource;
use super::defaults::filled_in;
use super::model::ImageModel;
use super::notes::{Notes, Origin};
use crate::incus::Fingerprint;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::resource::{MoveSource, Object};
use crate::tfplugin::saved::Stored;

/// The addresses under which the registries have the general provider.
const PROVIDERS: &[&str] = &["registry.terraform.io/lxc/incus", "registry.opentofu.org/lxc/incus"];

/// The schema version of all its releases. Ours are above it.
const VERSION: i64 = 0;

/// Takes over an image by a `moved` block.
pub(super) fn take_over(source: MoveSource<'_>) -> Result<Object<ImageResource>, Diagnostic> {
    if !PROVIDERS.contains(&source.provider) || source.type_name != "incus_image" {
        let detail = format!(
            "A {} of provider {} can't become an incus_image of this provider. Only an incus_image of lxc/incus can. Bring other \
             images under management by an `import` block or terraform import.",
            source.type_name, source.provider
        );
        return Err(Diagnostic::error("Unable to move a resource from another type", detail));
    }
    Ok(Stored { state: state(source.state)?, private: Notes::new(Origin::Imported) })
}

/// Upgrades a state in which the provider's name was exchanged; nothing where the state is ours. It tells itself by
/// `resource_id`, which ours has not.
pub(super) fn upgrade(version: i64, stored: &Json) -> Result<Option<ImageModel>, Diagnostic> {
    let is_ours = version != VERSION && stored.get("resource_id").is_none();
    if is_ours { Ok(None) } else { state(stored).map(Some) }
}

/// The state of an image, as releases of lxc/incus have stored it. Each attribute may be absent.
#[derive(Debug, Deserialize)]
struct StoredImage {
    source_file: Option<SourceFile>,
    source_image: Option<SourceImage>,
    source_instance: Option<SourceInstance>,
    copied_aliases: Option<Vec<String>>,
    /// Until 0.1.3, beside a `source_image` that was a text.
    source_remote: Option<String>,
    /// As `source_remote`.
    r#type: Option<String>,
    /// As `source_remote`.
    architecture: Option<String>,
    /// As `source_remote`.
    copy_aliases: Option<bool>,
    alias: Option<Vec<AliasBlock>>,
    /// Until 0.3.1, in place of `alias`.
    aliases: Option<Vec<String>>,
    project: Option<String>,
    remote: Option<String>,
    resource_id: Option<String>,
    fingerprint: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SourceFile {
    data_path: Option<String>,
    metadata_path: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum SourceImage {
    Name(String),
    Image(RemoteImage),
}

#[derive(Debug, Deserialize)]
struct RemoteImage {
    remote: Option<String>,
    name: Option<String>,
    r#type: Option<String>,
    architecture: Option<String>,
    copy_aliases: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct SourceInstance {
    name: String,
    snapshot: Option<String>,
}

#[derive(Debug, Deserialize)]
struct AliasBlock {
    name: String,
    description: Option<String>,
}

/// Where the content came from, in our terms.
#[derive(Debug, Default)]
struct Source {
    source: Option<String>,
    rootfs: Option<String>,
    instance: Option<String>,
    vm: bool,
    architecture: Option<String>,
    copy_aliases: bool,
}

fn state(stored: &Json) -> Result<ImageModel, Diagnostic> {
    let stored = StoredImage::deserialize(stored).map_err(|error| unreadable(&error.to_string()))?;
    let id = ResourceId::read(stored.resource_id.as_deref().unwrap_or_default());
    let fingerprint = Fingerprint::parse(stored.fingerprint.as_deref().unwrap_or(id.fingerprint))
        .map_err(|error| unreadable(&error.to_string()))?;
    let described = stored.alias.into_iter().flatten().map(|alias| (alias.name, alias.description));
    let plain = stored.aliases.into_iter().flatten().map(|name| (name, None));
    let names: BTreeMap<String, Option<String>> = plain.chain(described).collect();
    let mut sorted = names.keys().cloned();
    let primary = sorted.next();
    let more: Vec<_> = sorted.collect();
    let source = match (stored.source_file, stored.source_image) {
        (Some(file), _) => Source::file(file),
        (None, Some(SourceImage::Image(image))) => Source::image(image),
        (None, Some(SourceImage::Name(name))) => Source::image(RemoteImage {
            remote: stored.source_remote,
            name: Some(name),
            r#type: stored.r#type,
            architecture: stored.architecture,
            copy_aliases: stored.copy_aliases,
        }),
        (None, None) => Source { instance: stored.source_instance.map(SourceInstance::name), ..Source::default() },
    };
    Ok(filled_in(ImageModel {
        alias: primary.into(),
        aliases: (!more.is_empty()).then(|| more.into_iter().collect()).into(),
        alias_descriptions: descriptions(names),
        remote: set(stored.remote.as_deref()).or_else(|| set(Some(id.remote))),
        project: set(stored.project.as_deref()).or_else(|| set(Some(id.project))),
        source: source.source.into(),
        rootfs: source.rootfs.into(),
        source_instance: source.instance.into(),
        copy_aliases: Attr::Known(source.copy_aliases),
        copied_aliases: Attr::Known(stored.copied_aliases.into_iter().flatten().collect()),
        fingerprint: fingerprint.as_str().into(),
        vm: Attr::Known(source.vm),
        architecture: source.architecture.into(),
        ..ImageModel::default()
    }))
}

impl Source {
    fn file(file: SourceFile) -> Source {
        match (file.metadata_path, file.data_path) {
            // The server fetches such an image whole, whatever the metadata path says.
            (_, Some(data)) if data.starts_with("https://") => Source { source: Some(data), ..Source::default() },
            (Some(metadata), data) => Source { source: Some(metadata), rootfs: data, ..Source::default() },
            (None, data) => Source { source: data, ..Source::default() },
        }
    }

    fn image(image: RemoteImage) -> Source {
        Source {
            source: image.remote.zip(image.name).map(|(remote, name)| format!("{remote}:{name}")),
            vm: image.r#type.as_deref() == Some("virtual-machine"),
            architecture: image.architecture,
            copy_aliases: image.copy_aliases.unwrap_or_default(),
            ..Source::default()
        }
    }
}

impl SourceInstance {
    fn name(self) -> String {
        match self.snapshot {
            Some(snapshot) => format!("{}/{snapshot}", self.name),
            None => self.name,
        }
    }
}

/// The parts of `remote:fingerprint` or `remote:project:fingerprint`; empty where it does not say.
struct ResourceId<'a> {
    remote: &'a str,
    project: &'a str,
    fingerprint: &'a str,
}

impl ResourceId<'_> {
    fn read(text: &str) -> ResourceId<'_> {
        let (place, fingerprint) = text.rsplit_once([':', '/']).unwrap_or(("", text));
        let (remote, project) = place.split_once(':').unwrap_or((place, ""));
        ResourceId { remote, project, fingerprint }
    }
}

/// The descriptions of the names that have one.
fn descriptions(names: BTreeMap<String, Option<String>>) -> Attr<BTreeMap<String, Attr<String>>> {
    let described = names.into_iter().map(|(name, description)| (name, set(description.as_deref())));
    let described: BTreeMap<_, _> = described.filter(|(_, description)| !description.is_null()).collect();
    (!described.is_empty()).then_some(described).into()
}

/// A text that says something.
fn set(text: Option<&str>) -> Attr<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned).into()
}

fn unreadable(why: &str) -> Diagnostic {
    let detail = format!(
        "{why}. Take the image out of the state with terraform state rm, and bring it back with terraform import."
    );
    Diagnostic::error("Unable to read the state that the provider lxc/incus left", detail)
}

#[cfg(test)]
mod tests;
