//! Removing an image.

use super::ImageResource;
use super::model::ImageModel;
use super::names;
use super::read::find;
use super::source::is_given;
use super::superseded;
use super::truth::{instant, managed};
use crate::incus::Image;
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;
use crate::tfplugin::resource::Object;
use crate::tfplugin::saved::Stored;

/// Removes the image, and those whose place it took. One that others have named stays, and only loses the names that are ours.
pub(super) async fn delete(
    connections: &Connections,
    target: &Target,
    object: Object<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Stored { state, private: notes } = object;
    if keeps(&state) {
        return Ok(());
    }
    if let (_, Some(failure)) = superseded::remove(connections, target, notes.clone(), context).await {
        return Err(failure.into());
    }
    let Target { client, project, .. } = target;
    let ours = managed(&state);
    // Whoever takes a name of it over does so before it goes, or finds the name free.
    let turns = client.turn_at(&ours).await;
    let Some(image) = find(target, &state, &notes).await? else { return Ok(()) };
    if connections.adopted.has(target, &image.fingerprint) || is_successor(connections, target, &state, &image) {
        return Ok(());
    }
    let (ours, others): (Vec<_>, Vec<_>) = image.names().partition(|name| ours.contains(name));
    if others.is_empty() {
        client.delete_image(project, &image.fingerprint, &context.stop).await?;
        return Ok(());
    }
    drop(turns);
    for name in ours {
        names::release(target, name, &image.fingerprint).await?;
    }
    let detail = names::of_others(target, &image.fingerprint, &others);
    context.warn(Diagnostic::warning("The image was not deleted", detail));
    Ok(())
}

/// Whether this run has brought the image in for another object, in the place of the one that `state` means: the content may be
/// the same.
fn is_successor(connections: &Connections, target: &Target, state: &ImageModel, image: &Image) -> bool {
    connections.created.has(target, &image.fingerprint) && state.uploaded_at != instant(image.uploaded_at)
}

/// Whether destroying leaves the image where it is.
pub(super) fn keeps(state: &ImageModel) -> bool {
    state.keep_on_destroy.known().copied().unwrap_or_else(|| !is_given(state))
}

/// The warning of a plan that destroys what it keeps.
pub(super) fn warning(state: &ImageModel) -> Option<Diagnostic> {
    if !keeps(state) {
        return None;
    }
    let why = match state.keep_on_destroy {
        Attr::Known(_) => "`keep_on_destroy` is set",
        _ => "it has no `source`: it was there before (keep_on_destroy = false would delete it)",
    };
    let id = state.id.known().map_or("", String::as_str);
    let detail = format!("{id} stays on the server and is only forgotten, because {why}.");
    Some(Diagnostic::warning("The image will not be deleted", detail).at(Path::attribute("keep_on_destroy")))
}
