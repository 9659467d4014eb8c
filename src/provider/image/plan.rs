//! Planning, as a pure function: what is, what is configured and what was found out about it, in; the plan, out.
//!
//! Terraform asks again while it applies and must get the same answer. Only what can change is marked unknown, and where nothing
//! does, the answer is the prior state to the letter.

mod attributes;
mod content;
mod warnings;

use std::path::PathBuf;

use self::attributes::{copied_aliases, initially, properties, same_instant, source, spelled_as, switch};
pub(super) use self::content::follows_alias;
use self::content::{Content, content, pin};
use self::warnings::{misfit, missing, other_than_pinned, passed_over, passing, unfollowable, unremoved};
use super::defaults::filled_in;
use super::id::id;
use super::model::ImageModel;
use super::notes::Notes;
use super::source::is_given;
use crate::incus::{Fingerprint, architecture};
use crate::provider::connections::Place;
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// What was found out before planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Remote and project, where the configuration leaves them open.
    pub(super) place: Place,
    /// What the source is.
    pub(super) source: SourceFact,
    /// What its name stood for when the state was last refreshed, if that is looked after.
    pub(super) upstream: Option<Fingerprint>,
}

/// What is known about the configured source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SourceFact {
    /// There is none, or it can't be said yet what it is.
    Nothing,
    /// An image of an image server, among those of one name.
    OneOfSeveral,
    /// The only image of its name on an Incus server, a file on the web, or an instance.
    Single,
    /// Files with this content.
    Files(Fingerprint),
    /// Files of which this one is not there; something else in the run may make it.
    Missing(PathBuf),
}

/// A plan for an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImagePlan {
    /// The image as it will be.
    pub(super) planned: ImageModel,
    /// What the user should know.
    pub(super) warnings: Vec<Diagnostic>,
}

/// Plans an image that is to be created.
pub(super) fn create(config: &ImageModel, facts: &Facts) -> Result<ImagePlan, Diagnostic> {
    let fingerprint = match (pin(config), &facts.source) {
        (Attr::Known(pin), SourceFact::Files(content)) if pin != *content => return Err(other_than_pinned(content)),
        (Attr::Null, SourceFact::Files(content)) => Attr::Known(content.to_string()),
        (Attr::Null, _) => Attr::Unknown,
        _ => config.fingerprint.clone(),
    };
    let planned = ImageModel {
        remote: facts.place.remote.clone(),
        project: facts.place.project.clone(),
        id: planned_id(&facts.place, &fingerprint),
        fingerprint,
        architecture: unknown_if_unset(&config.architecture),
        copied_aliases: match config.copy_aliases {
            Attr::Known(true) | Attr::Unknown => Attr::Unknown,
            Attr::Known(false) | Attr::Null => Attr::Known(Set::default()),
        },
        properties: unknown_if_unset(&config.properties),
        public: initially(&config.public, config),
        auto_update: initially(&config.auto_update, config),
        profiles: unknown_if_unset(&config.profiles),
        expires_at: unknown_if_unset(&config.expires_at),
        ..filled_in(config.clone())
    };
    Ok(ImagePlan { planned: with_unknown_results(planned), warnings: missing(facts, config) })
}

/// Plans an image that is there.
pub(super) fn change(
    prior: &ImageModel,
    notes: &Notes,
    config: &ImageModel,
    proposed: &ImageModel,
    facts: &Facts,
) -> Result<ImagePlan, Diagnostic> {
    if ignores_all(prior, config) {
        return Ok(ImagePlan { planned: prior.clone(), warnings: Vec::new() });
    }
    // Core proposes the prior value where an attribute that the provider may set is not configured.
    let ImageModel { vm, mode, copy_aliases, alias_conflict, refresh, adopt_existing, .. } = filled_in(config.clone());
    let planned = ImageModel {
        remote: facts.place.remote.clone(),
        project: facts.place.project.clone(),
        fingerprint: prior.fingerprint.clone(),
        source: source(notes, config, proposed),
        // It belongs to the source, which an import fills in.
        vm: match (&config.vm, &config.source) {
            (Attr::Null, Attr::Null) => prior.vm.clone().or_else(|| vm),
            _ => vm,
        },
        architecture: spelled_as(&prior.architecture, &proposed.architecture, architecture::same),
        expires_at: spelled_as(&prior.expires_at, &proposed.expires_at, same_instant),
        mode,
        copy_aliases,
        copied_aliases: copied_aliases(prior, notes, config),
        properties: properties(prior, notes, config, proposed),
        alias_conflict,
        refresh,
        adopt_existing,
        public: switch(&config.public, &prior.public, notes),
        auto_update: switch(&config.auto_update, &prior.auto_update, notes),
        ..proposed.clone()
    };
    match content(prior, config, &planned, facts)? {
        Content::Same => Ok(with_same_content(prior, notes, config, planned, facts)),
        // What is not known yet may turn out to be the content that is there.
        Content::Other(Some(_)) if !is_given(config) => Err(Diagnostic::error(
            "Unable to bring in other content without a source",
            "The image has another fingerprint, and nothing says where the wanted content comes from. Add `source`, or take \
             `fingerprint` out.",
        )
        .at(Path::attribute("fingerprint"))),
        Content::Other(fingerprint) => Ok(with_other_content(fingerprint, config, planned, facts)),
    }
}

fn with_same_content(
    prior: &ImageModel,
    notes: &Notes,
    config: &ImageModel,
    planned: ImageModel,
    facts: &Facts,
) -> ImagePlan {
    let warnings = misfit(prior, &planned).into_iter().chain(unremoved(notes)).chain(unfollowable(prior, &planned));
    let warnings = warnings.chain(passed_over(config, facts)).chain(passing(prior)).collect();
    // What is noted changes only by an apply.
    let is_pinned_now = notes.follows_alias && !follows_alias(config, &planned);
    let all_aliases = match names_differ(prior, &planned) || !notes.superseded.is_empty() || is_pinned_now {
        true => Attr::Unknown,
        false => planned.all_aliases.clone(),
    };
    ImagePlan { planned: ImageModel { all_aliases, ..planned }, warnings }
}

fn with_other_content(
    fingerprint: Option<Fingerprint>,
    config: &ImageModel,
    planned: ImageModel,
    facts: &Facts,
) -> ImagePlan {
    let fingerprint = Attr::from(fingerprint.map(|known| known.to_string())).or_else(|| Attr::Unknown);
    let planned = ImageModel {
        id: planned_id(&facts.place, &fingerprint),
        fingerprint,
        copied_aliases: match planned.copy_aliases {
            Attr::Known(false) => planned.copied_aliases.clone(),
            _ => Attr::Unknown,
        },
        // What describes the content is the new content's own, unless it is configured.
        architecture: unknown_if_unset(&config.architecture),
        properties: unknown_if_unset(&config.properties),
        expires_at: unknown_if_unset(&config.expires_at),
        ..planned
    };
    ImagePlan { planned: with_unknown_results(planned), warnings: missing(facts, config) }
}

fn names_differ(prior: &ImageModel, planned: &ImageModel) -> bool {
    prior.alias != planned.alias
        || prior.aliases != planned.aliases
        || prior.alias_descriptions != planned.alias_descriptions
        || prior.copied_aliases != planned.copied_aliases
}

/// Whether everything that can be configured is as it is: with `ignore_changes = all`, core gives the prior values as the
/// configuration. The fingerprint among them is no pin.
fn ignores_all(prior: &ImageModel, config: &ImageModel) -> bool {
    *config
        == ImageModel {
            id: Attr::Null,
            all_aliases: Attr::Null,
            copied_aliases: Attr::Null,
            r#type: Attr::Null,
            size: Attr::Null,
            filename: Attr::Null,
            cached: Attr::Null,
            created_at: Attr::Null,
            uploaded_at: Attr::Null,
            update_source: Attr::Null,
            ..prior.clone()
        }
}

fn unknown_if_unset<T: Clone>(configured: &Attr<T>) -> Attr<T> {
    configured.clone().or_else(|| Attr::Unknown)
}

fn planned_id(place: &Place, fingerprint: &Attr<String>) -> Attr<String> {
    match (&place.remote, &place.project, fingerprint) {
        (Attr::Known(remote), Attr::Known(project), Attr::Known(digits)) => match Fingerprint::parse(digits) {
            Ok(fingerprint) => Attr::Known(id(remote, project, &fingerprint)),
            Err(_) => Attr::Unknown,
        },
        _ => Attr::Unknown,
    }
}

/// The plan for an image that only the apply will see.
fn with_unknown_results(planned: ImageModel) -> ImageModel {
    ImageModel {
        all_aliases: Attr::Unknown,
        r#type: Attr::Unknown,
        size: Attr::Unknown,
        filename: Attr::Unknown,
        cached: Attr::Unknown,
        created_at: Attr::Unknown,
        uploaded_at: Attr::Unknown,
        update_source: Attr::Unknown,
        ..planned
    }
}

#[cfg(test)]
mod tests;
