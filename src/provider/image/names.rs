//! The managed names of an image, and that nobody else's are touched.

use super::fields;
use super::id;
use super::model::ImageModel;
use super::source;
use super::wanted::Wanted;
use crate::incus::{Alias, AliasEntry, Error, Fingerprint, ImageAlias, RefusedAlias};
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// Why an image stays that has these names of others.
pub(super) fn of_others(target: &Target, image: &Fingerprint, names: &[&Alias]) -> String {
    let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
    format!(
        "Image {image} stays in {target}, because it has names that this resource does not manage: {}. It is no longer under \
         management.",
        names.join(", ")
    )
}

/// Gives one of an image's names another spelling, its description kept, if that is still its name and the other one is free. Whether
/// it was done.
pub(super) async fn rename(
    target: &Target,
    from: &Alias,
    to: &Alias,
    image: &Fingerprint,
    planned: &ImageModel,
) -> Result<bool, Diagnostic> {
    let Target { client, project, .. } = target;
    let _turns = client.turn_at([from, to]).await;
    let owner = async |name: &Alias| match client.alias(project, name).await {
        Ok(entry) => Ok(entry.map(|entry| entry.target)),
        Err(error) => Err(diagnose(&error)),
    };
    if owner(to).await?.is_some() || owner(from).await?.as_ref() != Some(image) {
        return Ok(false);
    }
    let outcome = client.rename_alias(project, from, to).await;
    outcome.map(|()| true).map_err(|error| refused(target, to, &error, planned))
}

/// Deletes a name of this image. One that points at another image by now is somebody else's, and stays.
pub(super) async fn release(target: &Target, name: &Alias, image: &Fingerprint) -> Result<(), Error> {
    let Target { client, project, .. } = target;
    let _turns = client.turn_at([name]).await;
    match client.alias(project, name).await? {
        Some(entry) if entry.target == *image => client.delete_alias(project, name).await,
        _ => Ok(()),
    }
}

/// The error where the server refuses a name.
pub(super) fn refused(target: &Target, name: &Alias, error: &Error, planned: &ImageModel) -> Diagnostic {
    let refusal = match error {
        Error::AliasTaken { .. } => taken_by(target, name, None),
        other => diagnose(other),
    };
    refusal.at(path(name, planned))
}

/// Gives the names of an image the wanted descriptions. One that is no longer described loses what `prior` gave it.
pub(super) async fn describe(
    target: &Target,
    fingerprint: &Fingerprint,
    wanted: &Wanted,
    prior: &ImageModel,
) -> Result<(), Diagnostic> {
    if wanted.descriptions.is_empty() && prior.alias_descriptions.is_null() {
        return Ok(());
    }
    let Target { client, project, .. } = target;
    let image = fields::existing(target, fingerprint).await?;
    for ImageAlias { name, description } in image.aliases.iter().filter(|alias| wanted.names.contains(&alias.name)) {
        let before = prior.alias_descriptions.known().is_some_and(|before| before.contains_key(name.as_str()));
        let described = match wanted.descriptions.get(name) {
            Some(description) => description.as_str(),
            None if before => "",
            None => continue,
        };
        if described == description {
            continue;
        }
        let _turns = client.turn_at([name]).await;
        let entry = client.alias(project, name).await?;
        if let Some(entry) = entry.filter(|entry| entry.target == *fingerprint) {
            let entry = AliasEntry { description: described.to_owned(), ..entry };
            client.retarget_alias(project, &entry, fingerprint).await?;
        }
    }
    Ok(())
}

/// The error where a name is another image's.
pub(super) fn taken(target: &Target, name: &Alias, owner: &Fingerprint, planned: &ImageModel) -> Diagnostic {
    taken_by(target, name, Some(owner)).at(path(name, planned))
}

fn taken_by(target: &Target, name: &Alias, owner: Option<&Fingerprint>) -> Diagnostic {
    let owner = owner.map_or("another image".to_owned(), |fingerprint| format!("image {fingerprint}"));
    let Target { remote, project, .. } = target;
    let detail = format!(
        "It names {owner} in {target}. Choose another name, set alias_conflict = \"take_over\", or bring that image under \
         management:\n\n  terraform import ADDRESS '{remote}:{project}/alias={name}'"
    );
    Diagnostic::error(format!("The alias {name} is taken"), detail)
}

/// The error where a server of this version lets no image be called so.
pub(super) fn refused_by_rule(name: &Alias, reason: RefusedAlias, version: &str, planned: &ImageModel) -> Diagnostic {
    let detail = format!("Incus {version} does not take it as a new name: {reason}. Choose another name.");
    Diagnostic::error(format!("The alias {:?} is not possible on this server", name.as_str()), detail)
        .at(path(name, planned))
}

/// The argument that asks for a name.
fn path(name: &Alias, planned: &ImageModel) -> Path {
    let is_it = |asked: &Attr<String>| asked.is(name.as_str());
    Path::attribute(match &planned.aliases {
        _ if is_it(&planned.alias) => "alias",
        Attr::Known(aliases) if aliases.iter().any(is_it) => "aliases",
        _ => "copy_aliases",
    })
}

/// The error where the very image is there already, and not ours.
pub(super) fn exists(target: &Target, fingerprint: &Fingerprint, planned: &ImageModel) -> Diagnostic {
    let id = id::id(&target.remote, target.project.as_str(), fingerprint);
    let detail = format!(
        "Image {fingerprint} is in {target}, and this resource did not bring it there. If another resource manages it, give that one \
         more `aliases`. Else set adopt_existing = true, or bring it under management:\n\n  terraform import ADDRESS '{id}'"
    );
    Diagnostic::error("The image is already on the server", detail).at(source::argument(planned))
}

/// The same, where the image has come while a copy of it was under way.
pub(super) fn overtaken(target: &Target, fingerprint: &Fingerprint, planned: &ImageModel) -> Diagnostic {
    let error = exists(target, fingerprint, planned);
    let detail = format!(
        "{}\n\nIt came while this copy was under way, which may have reset its `public` and its profiles. A resource that manages it \
         sets them again; else see to them with `incus image edit`.",
        error.detail
    );
    Diagnostic { detail, ..error }
}
