//! Planning: whether an image's content is what the configuration asks for.

use super::warnings::other_than_pinned;
use super::{Facts, SourceFact};
use crate::incus::Fingerprint;
use crate::provider::image::content::with_architecture;
use crate::provider::image::model::ImageModel;
use crate::provider::image::source::is_given;
use crate::provider::image::upstream::image_type;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;

/// Whether an image's content is what the configuration asks for.
pub(super) enum Content {
    Same,
    /// Other content: this, if it is known yet.
    Other(Option<Fingerprint>),
}

/// Compares the image with what is asked for.
pub(super) fn content(
    prior: &ImageModel,
    config: &ImageModel,
    planned: &ImageModel,
    facts: &Facts,
) -> Result<Content, Diagnostic> {
    let other = |content: &Fingerprint| match prior.fingerprint.is(content.as_str()) {
        true => Content::Same,
        false => Content::Other(Some(content.clone())),
    };
    Ok(match (pin(config), &facts.source) {
        // The image is what is asked for, whatever the files have become.
        (Attr::Known(pin), _) if prior.fingerprint.is(pin.as_str()) => Content::Same,
        (Attr::Known(pin), SourceFact::Files(content)) if pin != *content => return Err(other_than_pinned(content)),
        (Attr::Known(pin), _) => other(&pin),
        (Attr::Null, SourceFact::Files(content)) => other(content),
        (Attr::Null, _) if !is_given(config) => Content::Same,
        // What it turns out to be has to be compared then: files, that is, by their hash.
        (Attr::Unknown, _) | (Attr::Null, SourceFact::Nothing) => Content::Other(None),
        (Attr::Null, SourceFact::Missing(_)) => {
            match (prior.source == planned.source, prior.rootfs == planned.rootfs) {
                (true, true) => Content::Same,
                _ => Content::Other(None),
            }
        }
        // Any other source for an image that is there already, such as an imported one, is recorded.
        (Attr::Null, _) if !is_given(prior) => Content::Same,
        (Attr::Null, _) if may_be_newer(prior, planned, facts) || asks_anew(prior, planned) => Content::Other(None),
        (Attr::Null, SourceFact::OneOfSeveral) => {
            let other_type = planned.vm.is_unknown()
                || (prior.vm != planned.vm
                    && prior.r#type.known().map(String::as_str) != Some(image_type(&planned.vm).as_str()));
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

/// Whether the source had other content when the state was last refreshed, and that is to be swapped in, as far as is known.
fn may_be_newer(prior: &ImageModel, planned: &ImageModel, facts: &Facts) -> bool {
    let is_old = |upstream: &Fingerprint| prior.fingerprint.known().is_some_and(|old| old != upstream.as_str());
    planned.refresh != Attr::Known(false) && facts.upstream.as_ref().is_some_and(is_old)
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

/// The source as image servers have it with the architecture: `images:alpine/edge/arm64`, whether it says so itself or the image
/// does.
fn full_name(image: &ImageModel) -> Attr<String> {
    match (image.source.known(), image.architecture.known()) {
        (Some(source), Some(architecture)) => Attr::Known(with_architecture(source.clone(), Some(architecture))),
        _ => image.source.clone(),
    }
}

/// Whether the alias alone says which image is meant.
pub(in crate::provider::image) fn follows_alias(config: &ImageModel, planned: &ImageModel) -> bool {
    !config.alias.is_null() && config.fingerprint.is_null() && !is_given(planned)
}

/// The content that the configuration demands.
pub(super) fn pin(config: &ImageModel) -> Attr<Fingerprint> {
    match &config.fingerprint {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        // Validation has refused what is none.
        Attr::Known(digits) => Fingerprint::parse(digits).map_or(Attr::Unknown, Attr::Known),
    }
}
