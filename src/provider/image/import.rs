//! Bringing an image under management that is there already.

use super::ImageResource;
use super::id::{ImportId, Named};
use super::model::ImageModel;
use super::notes::Notes;
use super::truth::state;
use crate::incus::{Fingerprint, FingerprintPrefix};
use crate::provider::connections::{Connections, Place, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::Object;
use crate::tfplugin::saved::Stored;

/// The image that `text` names.
pub(super) async fn import(connections: &Connections, text: &str) -> Result<Object<ImageResource>, Diagnostics> {
    let id = ImportId::parse(text).map_err(|error| {
        let detail = format!(
            "{text:?}: {error}. An id is [REMOTE:][PROJECT/]FINGERPRINT, of which 12 digits are enough, or \
             [REMOTE:][PROJECT/]alias=ALIAS."
        );
        Diagnostic::error("Invalid import id", detail)
    })?;
    let place = connections
        .resolve(Place { remote: id.remote.into(), project: id.project.map(|name| name.to_string()).into() })?;
    let (Attr::Known(remote), Attr::Known(project)) = (&place.remote, &place.project) else {
        let detail = "The provider's `default_remote` or `project` is not known. Name both in the import id.";
        return Err(Diagnostic::error("Unable to tell where the image is", detail).into());
    };
    let target = connections.target(remote, project)?;
    let fingerprint = match &id.image {
        Named::Fingerprint(prefix) => by_prefix(&target, prefix).await?,
        Named::Alias(alias) => {
            let entry = target.client.alias(&target.project, alias).await.map_err(|error| diagnose(&error))?;
            entry.ok_or_else(|| none(&target, &id.image))?.target
        }
    };
    let image = target.client.image(&target.project, &fingerprint).await.map_err(|error| diagnose(&error))?;
    let image = image.ok_or_else(|| none(&target, &id.image))?;
    let alias = match &id.image {
        Named::Alias(alias) => Some(alias),
        Named::Fingerprint(_) => image.aliases.first().map(|alias| &alias.name),
    };
    let kept = ImageModel {
        alias: alias.map(ToString::to_string).into(),
        remote: place.remote.clone(),
        project: place.project.clone(),
        ..ImageModel::default()
    };
    Ok(Stored { state: state(&image, &kept), private: Notes::default() })
}

async fn by_prefix(target: &Target, prefix: &FingerprintPrefix) -> Result<Fingerprint, Diagnostic> {
    let found = target.client.images_with_prefix(&target.project, prefix).await.map_err(|error| diagnose(&error))?;
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(none(target, &Named::Fingerprint(prefix.clone()))),
        several => {
            let listed: Vec<_> = several.iter().map(ToString::to_string).collect();
            let detail = format!("These begin so:\n{}\nGive more digits.", listed.join("\n"));
            Err(Diagnostic::error(format!("Several images have the fingerprint {}…", prefix.as_str()), detail))
        }
    }
}

fn none(target: &Target, named: &Named) -> Diagnostic {
    let Target { remote, project, .. } = target;
    let detail = format!(
        "There is none in project {project} of remote {remote}. `incus image list` shows those that there are."
    );
    Diagnostic::error(format!("No image with {named}"), detail)
}
