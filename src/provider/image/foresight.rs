//! What a plan warns of beforehand: what the apply would stumble over on the server, unless something changes it first.

use std::collections::BTreeSet;

use super::adopt;
use super::marker::is_marked;
use super::model::ImageModel;
use super::names;
use super::source::is_given;
use super::truth::managed;
use crate::incus::{Alias, Error, Fingerprint};
use crate::provider::connections::{Connections, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// Warns of a project or an image that is not there, and of wanted names that other images have.
pub(super) async fn look_ahead(
    target: &Target,
    proposed: &ImageModel,
    prior: Option<&ImageModel>,
    connections: &Connections,
    context: &mut Context,
) {
    let warnings = match prior {
        None => before_creation(target, proposed, connections).await,
        Some(prior) => {
            let all = prior.all_aliases.known().into_iter().flatten();
            let has: BTreeSet<_> = all.filter_map(|alias| Alias::parse(alias.name.known()?).ok()).collect();
            let missing = managed(proposed).difference(&has).cloned().collect();
            taken(target, &missing, None, proposed, connections).await
        }
    };
    match warnings {
        Ok(warnings) => context.warnings.extend(warnings),
        Err(error) => context.warn(diagnose(&error)),
    }
}

async fn before_creation(
    target: &Target,
    proposed: &ImageModel,
    connections: &Connections,
) -> Result<Vec<Diagnostic>, Error> {
    if let Ok(false) = target.client.has_project(&target.project).await {
        return Ok(vec![no_project(target)]);
    }
    let names = managed(proposed);
    match (is_given(proposed), &proposed.adopt_existing) {
        // Whose name it is shows when it is known which image that is.
        (true, Attr::Known(true) | Attr::Unknown) => Ok(Vec::new()),
        (false, _) if proposed.alias.is_unknown() || proposed.fingerprint.is_unknown() => Ok(Vec::new()),
        (true, _) => taken(target, &names, None, proposed, connections).await,
        (false, _) => match adopt::meant(target, proposed).await? {
            Ok(image) => taken(target, &names, Some(&image), proposed, connections).await,
            Err(absence) => {
                let detail = format!("{} It must be there when the configuration is applied.", absence.detail);
                Ok(vec![Diagnostic { detail, ..absence.into_warning() }])
            }
        },
    }
}

fn no_project(target: &Target) -> Diagnostic {
    let detail = format!(
        "Remote {} has no project {}. It must be there when the configuration is applied.",
        target.remote, target.project
    );
    Diagnostic::warning("The project is not there", detail).at(Path::attribute("project"))
}

async fn taken(
    target: &Target,
    names: &BTreeSet<Alias>,
    own: Option<&Fingerprint>,
    proposed: &ImageModel,
    connections: &Connections,
) -> Result<Vec<Diagnostic>, Error> {
    let mut warnings = Vec::new();
    for name in names {
        if let Some(owner) = owner(target, name, connections).await?.filter(|owner| own != Some(owner)) {
            warnings.push(warning(target, name, &owner, proposed));
        }
    }
    Ok(warnings)
}

/// The image that has a name and belongs to no resource: neither to one of this run nor to one that an interrupted run was creating.
async fn owner(target: &Target, name: &Alias, connections: &Connections) -> Result<Option<Fingerprint>, Error> {
    let Target { client, project, .. } = target;
    let Some(entry) = client.alias(project, name).await? else { return Ok(None) };
    if connections.managed.has(target, &entry.target) {
        return Ok(None);
    }
    let image = client.image(project, &entry.target).await?;
    Ok(image.filter(|image| !is_marked(image)).map(|image| image.fingerprint))
}

fn warning(target: &Target, name: &Alias, owner: &Fingerprint, proposed: &ImageModel) -> Diagnostic {
    if !proposed.alias_conflict.is("take_over") {
        return names::taken(target, name, owner, proposed).into_warning();
    }
    let detail =
        format!("It names image {owner} in {target} now, and will name this one: alias_conflict is take_over.");
    Diagnostic::warning(format!("The alias {name} is taken from another image"), detail)
        .at(Path::attribute("alias_conflict"))
}
