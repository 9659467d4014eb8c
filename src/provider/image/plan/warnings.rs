//! Planning: what the user ought to know about a plan.

use super::content::pin;
use super::{Facts, SourceFact};
use crate::incus::{Fingerprint, architecture};
use crate::provider::image::model::ImageModel;
use crate::provider::image::notes::{Fate, Notes, Superseded};
use crate::provider::image::wanted::other_architecture;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The warning about a file that the apply needs. One whose hash is to become known is about to be made.
pub(super) fn missing(facts: &Facts, config: &ImageModel) -> Vec<Diagnostic> {
    let (SourceFact::Missing(file), Attr::Null | Attr::Known(_)) = (&facts.source, pin(config)) else {
        return Vec::new();
    };
    let detail = "It must be there when the configuration is applied. The path is relative to the working directory.";
    vec![Diagnostic::warning(format!("The file {} is not there", file.display()), detail).at(Path::attribute("source"))]
}

/// The warnings about old images that the apply removes, or takes names from.
pub(super) fn unremoved(notes: &Notes) -> Vec<Diagnostic> {
    let removed = |old: &Superseded| {
        let fingerprint = &old.fingerprint;
        match old.fate {
            Fate::Goes => {
                let detail = "It could not be removed when other content took its place. Applying removes it.";
                Diagnostic::warning(format!("The old image {fingerprint} is still there"), detail)
            }
            Fate::Stays => {
                let names: Vec<_> = old.names.iter().map(String::as_str).collect();
                let detail = format!(
                    "They could not be deleted when other content took its place: {}. Applying deletes them; the image stays.",
                    names.join(", ")
                );
                Diagnostic::warning(format!("The old image {fingerprint} still has names of this resource"), detail)
            }
        }
    };
    notes.superseded.iter().map(removed).collect()
}

/// The warning about an image that the server is to keep up to date, and of which it does not know the source.
pub(super) fn unfollowable(prior: &ImageModel, planned: &ImageModel) -> Option<Diagnostic> {
    let turned_on = planned.auto_update.is_true() && prior.auto_update == Attr::Known(false);
    (turned_on && prior.update_source.is_null()).then(|| {
        let detail = "The server has not noted where the image came from, so it will not find newer versions of it. Replacing the image \
                      changes that: terraform apply -replace=ADDRESS.";
        Diagnostic::warning("The image can't be kept up to date", detail).at(Path::attribute("auto_update"))
    })
}

/// The warning about an image that the server is going to remove some day.
pub(super) fn passing(prior: &ImageModel) -> Option<Diagnostic> {
    prior.cached.is_true().then(|| {
        let detail = "It came with an instance that was made from it, and the server removes it when that has not been done for some days \
                      (images.remote_cache_expiry). With a `source`, replacing it brings it in to stay: terraform apply -replace=ADDRESS.";
        Diagnostic::warning("The image is only a cached copy", detail)
    })
}

/// The warning about files that have changed while the image is pinned to what it is.
pub(super) fn passed_over(config: &ImageModel, facts: &Facts) -> Option<Diagnostic> {
    let (Attr::Known(pin), SourceFact::Files(content)) = (pin(config), &facts.source) else { return None };
    (pin != *content).then(|| {
        let detail = format!("They hash to {content}. The image stays {pin}, as long as `fingerprint` says so.");
        Diagnostic::warning("The source files are not those of the image", detail).at(Path::attribute("fingerprint"))
    })
}

/// The error about files that are not what the configuration demands.
pub(super) fn other_than_pinned(content: &Fingerprint) -> Diagnostic {
    let detail = format!("The source files hash to {content}. Give that as `fingerprint` if they are the right ones.");
    Diagnostic::error("The content is not the pinned one", detail).at(Path::attribute("fingerprint"))
}

/// The warning about an image for another architecture. It is no error before the apply: a plan comes before a destroy too.
pub(super) fn misfit(prior: &ImageModel, planned: &ImageModel) -> Option<Diagnostic> {
    let (Attr::Known(is), Attr::Known(asked)) = (&prior.architecture, &planned.architecture) else { return None };
    let warning = other_architecture(is, asked).into_warning();
    Some(warning).filter(|_| !architecture::same(is, asked))
}
