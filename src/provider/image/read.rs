//! Finding a managed image on its server.

use super::extra::Originals;
use super::marker::is_marked;
use super::model::ImageModel;
use super::notes::{Notes, Origin};
use super::source::is_given;
use super::truth::update_source;
use crate::incus::{Alias, Fingerprint, Image};
use crate::provider::connections::Target;
use crate::provider::diagnostics::{diagnose, explain};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;

/// The image that `state` describes when it is refreshed, and the notes on it; nothing if it is gone. One that only an alias names
/// is the one that has the alias now, and somebody else's if that is another than before.
pub(super) async fn refreshed(
    target: &Target,
    state: &ImageModel,
    notes: Notes,
) -> Result<Option<(Image, Notes)>, Diagnostic> {
    let Some(found) = find(target, state, &notes).await? else { return Ok(None) };
    let has_alias = found.names().any(|name| state.alias.is(name.as_str()));
    let image = match notes.follows_alias && !has_alias {
        true => named(target, state).await?.unwrap_or(found),
        false => found,
    };
    let is_other = notes.follows_alias && !state.fingerprint.is(image.fingerprint.as_str());
    let notes = match is_other {
        true => Notes { origin: Origin::Adopted, originals: Originals::new(), ..notes },
        false => notes,
    };
    Ok(Some((image, notes)))
}

/// The image that `state` describes; nothing if it is gone.
///
/// It is found by its fingerprint. A server that follows the image's source has put a newer image in its place, under the same
/// names: so the one behind the primary name is it too, if it has the same source, or if ours never had one. Likewise, if it has
/// the content of our files, or that of the source that is looked after: then an apply was cut off at its very end. Otherwise
/// somebody else uses that name now.
pub(super) async fn find(target: &Target, state: &ImageModel, notes: &Notes) -> Result<Option<Image>, Diagnostic> {
    let Target { client, project, .. } = target;
    let fingerprint = fingerprint(state)?;
    if let Some(image) = client.one_of_many(project, &fingerprint).await? {
        return Ok(Some(image));
    }
    Ok(named(target, state).await?.filter(|image| {
        let source: Attr<_> = image.update_source.as_ref().map(update_source).into();
        let is_from_our_files =
            notes.hashed.as_ref().is_some_and(|files| files.fingerprint == image.fingerprint.as_str());
        let is_followed = !source.is_null() && source == state.update_source;
        let is_swapped_in = state.refresh.is_true() && notes.upstream.as_deref() == Some(image.fingerprint.as_str());
        !is_given(state) || is_followed || ((is_from_our_files || is_swapped_in) && !is_marked(image))
    }))
}

/// The image behind the primary name.
async fn named(Target { client, project, .. }: &Target, state: &ImageModel) -> Result<Option<Image>, Diagnostic> {
    let Some(Ok(alias)) = state.alias.known().map(|alias| Alias::parse(alias)) else { return Ok(None) };
    let Some(entry) = client.alias(project, &alias).await? else { return Ok(None) };
    client.image(project, &entry.target).await.map_err(|error| diagnose(&error))
}

/// The fingerprint in a state.
pub(super) fn fingerprint(state: &ImageModel) -> Result<Fingerprint, Diagnostic> {
    let digits = state.fingerprint.known().map_or("", String::as_str);
    Fingerprint::parse(digits).map_err(|error| explain("Unable to read the fingerprint in the state", &error))
}
