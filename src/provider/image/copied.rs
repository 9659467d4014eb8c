//! `copy_aliases`: the names that an image has at its source, beside those that are configured.

use std::collections::BTreeSet;

use super::facts::source;
use super::model::ImageModel;
use super::notes::Notes;
use super::source::SourceArgument;
use super::truth::managed;
use super::upstream::{Sought, Upstream, UpstreamImage, image_type, look_up};
use crate::incus::{Alias, Fingerprint};
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// The names of an image at its source.
pub(super) fn names(upstream: &UpstreamImage) -> BTreeSet<Alias> {
    upstream.aliases.iter().filter_map(|name| Alias::parse(name).ok()).collect()
}

/// The plan and the notes for an image that has these names at its source.
pub(super) fn known(planned: ImageModel, notes: Notes, names: &BTreeSet<Alias>) -> (ImageModel, Notes) {
    let configured = managed(&ImageModel { copied_aliases: Attr::Null, ..planned.clone() });
    let beside = names.difference(&configured).map(ToString::to_string).collect();
    let copied = names.iter().map(ToString::to_string).collect();
    (ImageModel { copied_aliases: Attr::Known(beside), ..planned }, Notes { copied, ..notes })
}

/// The names that the image `fingerprint`, which is there already, has at its source.
pub(super) async fn look(
    fingerprint: &Fingerprint,
    planned: &ImageModel,
    connections: &Connections,
    target: &Target,
    context: &mut Context,
) -> Result<BTreeSet<Alias>, Diagnostic> {
    let Some(SourceArgument::Remote { remote, .. }) = source(planned, connections)? else {
        return Ok(BTreeSet::new());
    };
    let server = connections.source_server(&remote, &planned.source_project, &target.place())?;
    let incus = target.client.server().await?;
    let name = fingerprint.as_str();
    let sought = Sought { remote: &remote, name, image_type: image_type(&planned.vm), architecture: None };
    match look_up(&server, &sought, incus.architectures()).await {
        Upstream::Image(image) => Ok(names(&image)),
        Upstream::Silent(error) => Err(error),
        Upstream::Nothing(_) => {
            let detail =
                format!("Remote {remote:?} does not have image {fingerprint} any more, and so no names for it.");
            context.warn(Diagnostic::warning("No names were copied", detail).at(Path::attribute("copy_aliases")));
            Ok(BTreeSet::new())
        }
    }
}
