//! Removing an image.

use super::ImageResource;
use super::read::find;
use super::superseded;
use super::truth::managed;
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::Object;
use crate::tfplugin::saved::Stored;

/// Removes the image, and those whose place it took. One that others have named stays, and only loses the names that are ours.
pub(super) async fn delete(
    target: &Target,
    object: Object<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Stored { state, private } = object;
    if let (_, Some(failure)) = superseded::remove(target, private, context).await {
        return Err(failure.into());
    }
    let Target { client, project, remote } = target;
    let Some(image) = find(target, &state).await? else { return Ok(()) };
    let ours = managed(&state);
    let (ours, others): (Vec<_>, Vec<_>) =
        image.aliases.iter().map(|alias| &alias.name).partition(|name| ours.contains(name));
    if others.is_empty() {
        client.delete_image(project, &image.fingerprint, &context.stop).await.map_err(|error| diagnose(&error))?;
        return Ok(());
    }
    for name in ours {
        client.delete_alias(project, name).await.map_err(|error| diagnose(&error))?;
    }
    let others: Vec<_> = others.into_iter().map(ToString::to_string).collect();
    let detail = format!(
        "Image {} stays in project {project} of remote {remote}, because it has names that this resource does not manage: {}. \
         It is no longer under management.",
        image.fingerprint,
        others.join(", ")
    );
    context.warn(Diagnostic::warning("The image was not deleted", detail));
    Ok(())
}
