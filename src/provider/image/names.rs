//! The managed names of an image, and that nobody else's are touched.

use std::collections::BTreeSet;

use super::id;
use super::model::ImageModel;
use crate::incus::{Alias, Error, Fingerprint};
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// Makes sure that no other image has one of `names`.
pub(super) async fn ensure_free(
    target: &Target,
    names: &[&Alias],
    planned: &ImageModel,
    ours: &BTreeSet<&Fingerprint>,
) -> Result<(), Diagnostics> {
    let mut taken = Diagnostics::default();
    for name in names {
        let entry = target.client.alias(&target.project, name).await.map_err(|error| diagnose(&error))?;
        if let Some(entry) = entry.filter(|entry| !ours.contains(&entry.target)) {
            taken.push(self::taken(target, name, &entry.target, planned));
        }
    }
    if taken.has_errors() { Err(taken) } else { Ok(()) }
}

/// Gives an image a name.
pub(super) async fn add(
    target: &Target,
    name: &Alias,
    fingerprint: &Fingerprint,
    planned: &ImageModel,
) -> Result<(), Diagnostic> {
    let outcome = target.client.create_alias(&target.project, name, fingerprint, "").await;
    outcome.map_err(|error| refused(target, &error).at(path(name, planned)))
}

/// Gives one of an image's names another spelling, its description kept.
pub(super) async fn rename(target: &Target, from: &Alias, to: &Alias, planned: &ImageModel) -> Result<(), Diagnostic> {
    let outcome = target.client.rename_alias(&target.project, from, to).await;
    outcome.map_err(|error| refused(target, &error).at(path(to, planned)))
}

fn refused(target: &Target, error: &Error) -> Diagnostic {
    match error {
        Error::AliasTaken { alias, .. } => taken_by(target, alias, None),
        other => diagnose(other),
    }
}

/// The error where a name is another image's.
pub(super) fn taken(target: &Target, name: &Alias, owner: &Fingerprint, planned: &ImageModel) -> Diagnostic {
    taken_by(target, name, Some(owner)).at(path(name, planned))
}

fn taken_by(target: &Target, name: &Alias, owner: Option<&Fingerprint>) -> Diagnostic {
    let owner = owner.map_or("another image".to_owned(), |fingerprint| format!("image {fingerprint}"));
    let Target { remote, project, .. } = target;
    let detail = format!(
        "It names {owner} in project {project} of remote {remote}. Choose another name, or bring that image under management \
         with: terraform import ADDRESS '{remote}:{project}/alias={name}'"
    );
    Diagnostic::error(format!("The alias {name} is taken"), detail)
}

/// The argument that asks for a name.
fn path(name: &Alias, planned: &ImageModel) -> Path {
    match planned.alias.known().is_some_and(|alias| alias == name.as_str()) {
        true => Path::attribute("alias"),
        false => Path::attribute("aliases"),
    }
}

/// The error where the very image is there already, and not ours.
pub(super) fn exists(target: &Target, fingerprint: &Fingerprint) -> Diagnostic {
    let Target { remote, project, .. } = target;
    let id = id::id(remote, project.as_str(), fingerprint);
    let detail = format!(
        "Image {fingerprint} is in project {project} of remote {remote}, and this resource did not bring it there. Bring it under \
         management with: terraform import ADDRESS '{id}' (if another resource manages it, give that one more `aliases`)."
    );
    Diagnostic::error("The image is already on the server", detail).at(Path::attribute("source"))
}
