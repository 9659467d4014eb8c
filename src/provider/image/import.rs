//! Bringing an image under management that is there already.

use super::ImageResource;
use super::candidates;
use super::id::{ImportId, InvalidImportId, Named};
use super::identity::ImageIdentity;
use super::model::ImageModel;
use super::notes::{Notes, Origin};
use super::truth::state;
use crate::incus::{Alias, Fingerprint, FingerprintPrefix, Image, ImageType};
use crate::provider::connections::{Connections, Place, Target};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{ImportBy, Object};
use crate::tfplugin::saved::Stored;

/// The image that a user names.
pub(super) async fn import(
    connections: &Connections,
    by: ImportBy<ImageIdentity>,
) -> Result<Object<ImageResource>, Diagnostics> {
    let ImportId { remote, project, image, primary } = read(by)?;
    let place =
        connections.resolve(Place { remote: remote.into(), project: project.map(|name| name.to_string()).into() })?;
    let (Attr::Known(remote), Attr::Known(project)) = (&place.remote, &place.project) else {
        let detail = "The provider's `default_remote` or `project` is not known. Name both in the import.";
        return Err(Diagnostic::error("Unable to tell where the image is", detail).into());
    };
    let target = connections.target(remote, project)?;
    let image = find(&target, &image).await?;
    let primary = primary_of(&target, &image, primary)?;
    Ok(Stored { state: unmanaged(connections, place, &image, primary), private: Notes::new(Origin::Imported) })
}

/// The state of an image that nobody manages yet; of its names, only `primary` is to be managed.
pub(in crate::provider) fn unmanaged(
    connections: &Connections,
    place: Place,
    image: &Image,
    primary: Option<&Alias>,
) -> ImageModel {
    let source = image.update_source.as_ref().and_then(|source| connections.name_of(source));
    // What makes `source` name this image and no other belongs to it.
    let vm = source.is_some() && image.image_type == ImageType::VirtualMachine;
    let kept = ImageModel {
        alias: primary.map(ToString::to_string).into(),
        remote: place.remote,
        project: place.project,
        vm: vm.then_some(true).into(),
        source: source.into(),
        ..ImageModel::default()
    };
    state(image, &kept)
}

fn read(by: ImportBy<ImageIdentity>) -> Result<ImportId, Diagnostic> {
    match by {
        ImportBy::Id(text) => ImportId::parse(&text).map_err(|error| {
            let detail = format!(
                "{text:?}: {error}. An id is [REMOTE:][PROJECT/]FINGERPRINT, of which 12 digits are enough, or \
                 [REMOTE:][PROJECT/]alias=ALIAS."
            );
            Diagnostic::error("Invalid import id", detail)
        }),
        ImportBy::Identity(identity) => ImportId::from_identity(&identity).map_err(|error| match error {
            InvalidImportId::Nothing => {
                Diagnostic::error("Invalid identity", "`fingerprint` or `alias` must say which image is meant.")
            }
            error => Diagnostic::error("Invalid identity", format!("{error}.")),
        }),
    }
}

async fn find(target: &Target, named: &Named) -> Result<Image, Diagnostic> {
    let fingerprint = match named {
        Named::Fingerprint(prefix) => by_prefix(target, prefix).await?,
        Named::Alias(alias) => {
            let entry = target.client.alias(&target.project, alias).await?;
            entry.map(|entry| entry.target)
        }
    };
    let Some(fingerprint) = fingerprint else { return Err(candidates::none(target, named).await) };
    let image = target.client.image(&target.project, &fingerprint).await?;
    match image {
        Some(image) => Ok(image),
        None => Err(candidates::none(target, named).await),
    }
}

async fn by_prefix(target: &Target, prefix: &FingerprintPrefix) -> Result<Option<Fingerprint>, Diagnostic> {
    let found = target.client.images_with_prefix(&target.project, prefix).await?;
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        several => Err(candidates::several(target, prefix, several).await),
    }
}

/// The primary name of an image, which it must have: the one asked for, else the first.
fn primary_of<'a>(target: &Target, image: &'a Image, asked: Option<Alias>) -> Result<Option<&'a Alias>, Diagnostic> {
    let Some(asked) = asked else { return Ok(image.names().next()) };
    image.names().find(|name| **name == asked).map(Some).ok_or_else(|| candidates::other_name(target, image, &asked))
}
