//! Old images whose place another took. They are noted until they are gone.

use tokio_util::sync::CancellationToken;

use super::notes::Notes;
use crate::incus::{Error, Fingerprint};
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostic;

/// Removes the noted images. One that somebody else has named stays and is forgotten; one that can't be removed stays noted.
pub(super) async fn remove(
    connections: &Connections,
    target: &Target,
    notes: Notes,
    context: &mut Context,
) -> (Notes, Option<Diagnostic>) {
    let mut remaining = Vec::new();
    let mut failure = None;
    for digits in notes.superseded {
        let Ok(fingerprint) = Fingerprint::parse(&digits) else { continue };
        if connections.was_adopted(target, &fingerprint) {
            continue;
        }
        if let Err(error) = remove_one(target, &fingerprint, context).await {
            failure = Some(unremoved(target, &fingerprint, &error));
            remaining.push(digits);
        }
    }
    (Notes { superseded: remaining, ..notes }, failure)
}

async fn remove_one(target: &Target, fingerprint: &Fingerprint, context: &mut Context) -> Result<(), Error> {
    let Target { client, project, remote } = target;
    let Some(image) = client.image(project, fingerprint).await? else { return Ok(()) };
    if image.aliases.is_empty() {
        return client.delete_image(project, fingerprint, &CancellationToken::new()).await.map(drop);
    }
    let names: Vec<_> = image.aliases.iter().map(|alias| alias.name.to_string()).collect();
    let detail = format!(
        "Image {fingerprint} stays in project {project} of remote {remote}, because it has names that this resource does not \
         manage: {}. It is no longer under management.",
        names.join(", ")
    );
    context.warn(Diagnostic::warning("The old image was not deleted", detail));
    Ok(())
}

fn unremoved(target: &Target, fingerprint: &Fingerprint, error: &Error) -> Diagnostic {
    let detail = format!(
        "The new content is in service. The old image {fingerprint} is still in project {} of remote {}; the next apply removes \
         it. {error}.",
        target.project, target.remote
    );
    Diagnostic::error("Unable to remove the old image", detail)
}
