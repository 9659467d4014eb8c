//! Looking a source's name up on its image server.

use crate::incus::simplestreams::{Catalog, ImageServer};
use crate::incus::{Fingerprint, ImageType};
use crate::provider::diagnostics::explain;
use crate::tfplugin::diagnostic::{Diagnostic, Severity};
use crate::tfplugin::path::Path;

/// The image that a source means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sought<'a> {
    /// The remote, for error texts.
    pub(super) remote: &'a str,
    /// The name there.
    pub(super) name: &'a str,
    /// Container or virtual machine.
    pub(super) image_type: ImageType,
    /// The architecture, in any spelling; the server's own where absent.
    pub(super) architecture: Option<&'a str>,
}

/// What an image server has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Upstream {
    /// This image, now.
    Image(Fingerprint),
    /// Nothing: the name is wrong.
    Nothing(Diagnostic),
    /// The image server can't be asked from here. The Incus server, which copies from it, may fare better.
    Silent(Diagnostic),
}

/// Looks up what `sought` means to an Incus server whose own architectures are `native`.
pub(super) async fn look_up(server: &ImageServer, sought: &Sought<'_>, native: &[String]) -> Upstream {
    let path = Path::attribute("source");
    let catalog = match server.catalog().await {
        Ok(catalog) => catalog,
        Err(error) => {
            let warning =
                explain(&format!("Unable to look {:?} up on remote {:?}", sought.name, sought.remote), &*error);
            return Upstream::Silent(Diagnostic { severity: Severity::Warning, ..warning }.at(path));
        }
    };
    match catalog.resolve(sought.name, Some(sought.image_type), sought.architecture, native) {
        Some(image) => Upstream::Image(image.fingerprint.clone()),
        None => Upstream::Nothing(nothing(&catalog, sought).at(path)),
    }
}

fn nothing(catalog: &Catalog, sought: &Sought<'_>) -> Diagnostic {
    let others: Vec<_> = catalog
        .with_alias(sought.name)
        .map(|image| format!("a {} image for {}", image.image_type, image.architecture))
        .collect();
    let advice = match (others.is_empty(), catalog.nearest(sought.name).as_slice()) {
        (false, _) => format!("There is, under that name, {}.", others.join(" and ")),
        (true, []) => format!("`incus image list {}:` shows what there is.", sought.remote),
        (true, nearest) => format!("Did you mean {}?", nearest.join(" or ")),
    };
    let architecture = sought.architecture.map(|architecture| format!(" for {architecture}")).unwrap_or_default();
    let detail = format!("It has no {} image {:?}{architecture}. {advice}", sought.image_type, sought.name);
    Diagnostic::error(format!("Unable to find the image on remote {:?}", sought.remote), detail)
}
