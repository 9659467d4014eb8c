//! Planning, as a pure function: what is, what is configured and what was found out about it, in; the plan, out.
//!
//! Terraform asks again while it applies and must get the same answer. Only what can change is marked unknown, and where nothing
//! does, the answer is the prior state to the letter.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::content::{image_type, with_architecture};
use super::extra::merge;
use super::id::id;
use super::model::ImageModel;
use super::notes::{Notes, Origin};
use super::source::is_given;
use crate::incus::{Expiry, Fingerprint, architecture};
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

/// Whether an image's content is what the configuration asks for.
enum Content {
    Same,
    /// Other content: this, if it is known yet.
    Other(Option<Fingerprint>),
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
        vm: config.vm.clone().or_else(|| Attr::Known(false)),
        architecture: unknown_if_unset(&config.architecture),
        mode: config.mode.clone().or_else(|| "pull".into()),
        copy_aliases: config.copy_aliases.clone().or_else(|| Attr::Known(false)),
        copied_aliases: match config.copy_aliases {
            Attr::Known(true) | Attr::Unknown => Attr::Unknown,
            Attr::Known(false) | Attr::Null => Attr::Known(Set::default()),
        },
        properties: unknown_if_unset(&config.properties),
        public: initially(&config.public, config),
        auto_update: initially(&config.auto_update, config),
        alias_conflict: config.alias_conflict.clone().or_else(|| "error".into()),
        refresh: config.refresh.clone().or_else(|| Attr::Known(false)),
        adopt_existing: config.adopt_existing.clone().or_else(|| Attr::Known(false)),
        profiles: unknown_if_unset(&config.profiles),
        expires_at: unknown_if_unset(&config.expires_at),
        ..config.clone()
    };
    Ok(ImagePlan { planned: with_unknown_results(planned), warnings: missing(facts) })
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
    let planned = ImageModel {
        remote: facts.place.remote.clone(),
        project: facts.place.project.clone(),
        // Core proposes the prior value where an attribute that the provider may set is not configured.
        fingerprint: prior.fingerprint.clone(),
        source: match config.source_instance {
            Attr::Null => proposed.source.clone(),
            Attr::Known(_) | Attr::Unknown => Attr::Null,
        },
        // It belongs to the source, which an import fills in.
        vm: config.vm.clone().or_else(|| match config.source {
            Attr::Null => prior.vm.clone().or_else(|| Attr::Known(false)),
            Attr::Known(_) | Attr::Unknown => Attr::Known(false),
        }),
        architecture: spelled_as(&prior.architecture, &proposed.architecture, architecture::same),
        expires_at: spelled_as(&prior.expires_at, &proposed.expires_at, same_instant),
        mode: config.mode.clone().or_else(|| "pull".into()),
        copy_aliases: config.copy_aliases.clone().or_else(|| Attr::Known(false)),
        copied_aliases: copied_aliases(prior, notes, config),
        properties: properties(prior, notes, config, proposed),
        alias_conflict: config.alias_conflict.clone().or_else(|| "error".into()),
        refresh: config.refresh.clone().or_else(|| Attr::Known(false)),
        adopt_existing: config.adopt_existing.clone().or_else(|| Attr::Known(false)),
        public: switch(&config.public, &prior.public, notes),
        auto_update: switch(&config.auto_update, &prior.auto_update, notes),
        ..proposed.clone()
    };
    match content(prior, config, &planned, facts)? {
        Content::Same if prior.architecture != planned.architecture && !planned.architecture.is_unknown() => {
            let is = prior.architecture.known().map_or("unknown", String::as_str);
            Err(Diagnostic::error(
                "The image is for another architecture",
                format!("The image's architecture is {is}. Correct `architecture`, or give another `source`."),
            )
            .at(Path::attribute("architecture")))
        }
        Content::Same if names_differ(prior, &planned) || !notes.superseded.is_empty() => {
            let warnings = unremoved(notes).into_iter().chain(unfollowable(prior, &planned)).chain(passed_over(config, facts));
            let warnings = warnings.collect();
            Ok(ImagePlan { planned: ImageModel { all_aliases: Attr::Unknown, ..planned }, warnings })
        }
        Content::Same => {
            let warnings = unfollowable(prior, &planned).into_iter().chain(passed_over(config, facts)).collect();
            Ok(ImagePlan { planned, warnings })
        }
        Content::Other(_) if !is_given(config) => Err(Diagnostic::error(
            "Unable to bring in other content without a source",
            "The image has another fingerprint, and nothing says where the wanted content comes from. Add `source`, or take \
             `fingerprint` out.",
        )
        .at(Path::attribute("fingerprint"))),
        Content::Other(fingerprint) => {
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
            Ok(ImagePlan { planned: with_unknown_results(planned), warnings: missing(facts) })
        }
    }
}

fn content(
    prior: &ImageModel,
    config: &ImageModel,
    planned: &ImageModel,
    facts: &Facts,
) -> Result<Content, Diagnostic> {
    let other = |content: &Fingerprint| match prior.fingerprint.known() {
        Some(prior) if prior == content.as_str() => Content::Same,
        _ => Content::Other(Some(content.clone())),
    };
    Ok(match (pin(config), &facts.source) {
        // The image is what is asked for, whatever the files have become.
        (Attr::Known(pin), _) if prior.fingerprint.known().is_some_and(|prior| prior == pin.as_str()) => Content::Same,
        (Attr::Known(pin), SourceFact::Files(content)) if pin != *content => return Err(other_than_pinned(content)),
        (Attr::Known(pin), _) => other(&pin),
        (Attr::Unknown, _) => Content::Other(None),
        (Attr::Null, SourceFact::Files(content)) => other(content),
        // A source for an image that is there already, such as an imported one, is recorded.
        (Attr::Null, _) if !is_given(prior) || !is_given(config) => Content::Same,
        (Attr::Null, SourceFact::Missing(_)) => {
            match (prior.source == planned.source, prior.rootfs == planned.rootfs) {
                (true, true) => Content::Same,
                _ => Content::Other(None),
            }
        }
        (Attr::Null, _) if is_newer(prior, planned, facts) || asks_anew(prior, planned) => Content::Other(None),
        (Attr::Null, SourceFact::OneOfSeveral | SourceFact::Nothing) => {
            let other_type = prior.vm != planned.vm
                && prior.r#type.known().map(String::as_str) != Some(image_type(planned).as_str());
            match other_type || prior.architecture != planned.architecture || full_name(prior) != full_name(planned) {
                true => Content::Other(None),
                false => Content::Same,
            }
        }
        (Attr::Null, SourceFact::Single) => match prior.source == planned.source {
            true => Content::Same,
            false => Content::Other(None),
        },
    })
}

/// Whether the source had other content when the state was last refreshed, and that is to be swapped in.
fn is_newer(prior: &ImageModel, planned: &ImageModel, facts: &Facts) -> bool {
    let is_old = |upstream: &Fingerprint| prior.fingerprint.known().is_some_and(|old| old != upstream.as_str());
    planned.refresh == Attr::Known(true) && facts.upstream.as_ref().is_some_and(is_old)
}

/// Whether the plan takes the content from elsewhere than the state, or takes it again.
fn asks_anew(prior: &ImageModel, planned: &ImageModel) -> bool {
    // The instance is on the image's server, in its project unless another one is named.
    let project = |image: &ImageModel| match image.source_instance {
        Attr::Null => image.source_project.clone(),
        _ => image.source_project.clone().or_else(|| image.project.clone()),
    };
    // Triggers that come to an image, or go, are only recorded.
    let triggered = !prior.triggers.is_null() && !planned.triggers.is_null() && prior.triggers != planned.triggers;
    prior.source_instance != planned.source_instance || project(prior) != project(planned) || triggered
}

/// The source as image servers have it with the architecture: `images:alpine/edge/arm64`, whether it says so itself or the image does.
fn full_name(image: &ImageModel) -> Attr<String> {
    match (image.source.known(), image.architecture.known()) {
        (Some(source), Some(architecture)) => Attr::Known(with_architecture(source.clone(), Some(architecture))),
        _ => image.source.clone(),
    }
}

/// The names that `copy_aliases` brings, as long as the content is the same: those that the source had when it was looked at.
fn copied_aliases(prior: &ImageModel, notes: &Notes, config: &ImageModel) -> Attr<Set<String>> {
    match config.copy_aliases {
        Attr::Null | Attr::Known(false) => return Attr::Known(Set::default()),
        Attr::Known(true) if prior.copy_aliases == Attr::Known(true) => {}
        Attr::Known(true) | Attr::Unknown => return Attr::Unknown,
    }
    let named: Set<String> = match &config.aliases {
        Attr::Known(aliases) if !aliases.iter().any(Attr::is_unknown) => aliases.clone(),
        Attr::Null => Set::default(),
        Attr::Known(_) | Attr::Unknown => return Attr::Unknown,
    };
    let noted: Set<String> = match notes.copied.is_empty() {
        // A state that came from another provider has no notes.
        true => prior.copied_aliases.known().cloned().unwrap_or_default(),
        false => notes.copied.iter().cloned().collect(),
    };
    let is_named = |name: &Attr<String>| *name == config.alias || named.iter().any(|named| named == name);
    Attr::Known(noted.iter().filter(|name| !is_named(name)).cloned().collect())
}

fn pin(config: &ImageModel) -> Attr<Fingerprint> {
    match &config.fingerprint {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        // Validation has refused what is none.
        Attr::Known(digits) => Fingerprint::parse(digits).map_or(Attr::Unknown, Attr::Known),
    }
}

/// A switch of a new image is off. One that is taken under management keeps it as it is.
fn initially(configured: &Attr<bool>, config: &ImageModel) -> Attr<bool> {
    let may_be_adopted = !is_given(config) || matches!(config.adopt_existing, Attr::Known(true) | Attr::Unknown);
    configured.clone().or_else(|| match may_be_adopted {
        true => Attr::Unknown,
        false => Attr::Known(false),
    })
}

/// The properties as configured, or the image's own under the extra ones.
fn properties(
    prior: &ImageModel,
    notes: &Notes,
    config: &ImageModel,
    proposed: &ImageModel,
) -> Attr<BTreeMap<String, Attr<String>>> {
    if !config.properties.is_null() || (config.extra_properties.is_null() && notes.originals.is_empty()) {
        return proposed.properties.clone();
    }
    let originals = notes.originals.iter().map(|(key, value)| (key.clone(), value.clone().map(Attr::Known))).collect();
    match (&prior.properties, &config.extra_properties) {
        (Attr::Known(current), Attr::Known(extra)) => Attr::Known(merge(current, &originals, extra).0),
        (Attr::Known(current), Attr::Null) => Attr::Known(merge(current, &originals, &BTreeMap::new()).0),
        _ => Attr::Unknown,
    }
}

/// A switch that is not set goes back to off, unless the image was there before us.
fn switch(config: &Attr<bool>, prior: &Attr<bool>, notes: &Notes) -> Attr<bool> {
    config.clone().or_else(|| match notes.origin {
        Origin::Created => Attr::Known(false),
        Origin::Imported | Origin::Adopted => prior.clone(),
    })
}

/// The proposed text, or the prior one where both mean the same.
fn spelled_as(prior: &Attr<String>, proposed: &Attr<String>, same: impl Fn(&str, &str) -> bool) -> Attr<String> {
    match (prior, proposed) {
        (Attr::Known(before), Attr::Known(now)) if same(before, now) => prior.clone(),
        _ => proposed.clone(),
    }
}

fn same_instant(one: &str, other: &str) -> bool {
    matches!((Expiry::parse(one), Expiry::parse(other)), (Ok(one), Ok(other)) if one == other)
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

/// The warning about a file that the apply needs.
fn missing(facts: &Facts) -> Vec<Diagnostic> {
    let SourceFact::Missing(file) = &facts.source else { return Vec::new() };
    let detail = "It must be there when the configuration is applied. The path is relative to the working directory.";
    vec![Diagnostic::warning(format!("The file {} is not there", file.display()), detail).at(Path::attribute("source"))]
}

/// The warnings about old images that the apply removes.
fn unremoved(notes: &Notes) -> Vec<Diagnostic> {
    let removed = |fingerprint: &String| {
        let detail = "It could not be removed when other content took its place. Applying removes it.";
        Diagnostic::warning(format!("The old image {fingerprint} is still there"), detail)
    };
    notes.superseded.iter().map(removed).collect()
}

/// The warning about an image that the server is to keep up to date, and of which it does not know the source.
fn unfollowable(prior: &ImageModel, planned: &ImageModel) -> Option<Diagnostic> {
    let turned_on = planned.auto_update == Attr::Known(true) && prior.auto_update == Attr::Known(false);
    (turned_on && prior.update_source.is_null()).then(|| {
        let detail = "The server has not noted where the image came from, so it will not find newer versions of it. Replacing the image \
                      changes that: terraform apply -replace=ADDRESS.";
        Diagnostic::warning("The image can't be kept up to date", detail).at(Path::attribute("auto_update"))
    })
}

/// The warning about files that have changed while the image is pinned to what it is.
fn passed_over(config: &ImageModel, facts: &Facts) -> Option<Diagnostic> {
    let (Attr::Known(pin), SourceFact::Files(content)) = (pin(config), &facts.source) else { return None };
    (pin != *content).then(|| {
        let detail = format!("They hash to {content}. The image stays {pin}, as long as `fingerprint` says so.");
        Diagnostic::warning("The source files are not those of the image", detail).at(Path::attribute("fingerprint"))
    })
}

fn other_than_pinned(content: &Fingerprint) -> Diagnostic {
    let detail = format!("The source files hash to {content}. Give that as `fingerprint` if they are the right ones.");
    Diagnostic::error("The content is not the pinned one", detail).at(Path::attribute("fingerprint"))
}

#[cfg(test)]
mod tests;
