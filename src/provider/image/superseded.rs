//! Old images whose place another took. They are noted until they are gone, or have at least lost the names that were ours.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::names;
use super::notes::{Fate, Notes, Superseded};
use crate::incus::{Alias, Error, Fingerprint};
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostic;

/// The noted images.
pub(super) fn fingerprints(notes: &Notes) -> BTreeSet<Fingerprint> {
    notes.superseded.iter().filter_map(|old| Fingerprint::parse(&old.fingerprint).ok()).collect()
}

/// Removes the noted images. One that somebody else has named stays and is forgotten; one that can't be removed stays noted.
pub(super) async fn remove(
    connections: &Connections,
    target: &Target,
    notes: Notes,
    context: &mut Context,
) -> (Notes, Option<Diagnostic>) {
    let mut remaining = Vec::new();
    let mut failure = None;
    for old in notes.superseded {
        let Ok(fingerprint) = Fingerprint::parse(&old.fingerprint) else { continue };
        if connections.adopted.has(target, &fingerprint) {
            continue;
        }
        if let Err(error) = remove_one(target, &fingerprint, &old, context).await {
            failure = Some(unremoved(target, &old, &error));
            remaining.push(old);
        }
    }
    (Notes { superseded: remaining, ..notes }, failure)
}

async fn remove_one(
    target: &Target,
    fingerprint: &Fingerprint,
    old: &Superseded,
    context: &mut Context,
) -> Result<(), Error> {
    let Target { client, project, .. } = target;
    for name in old.names.iter().filter_map(|name| Alias::parse(name).ok()) {
        names::release(target, &name, fingerprint).await?;
    }
    if old.fate == Fate::Stays {
        return Ok(());
    }
    let Some(image) = client.image(project, fingerprint).await? else { return Ok(()) };
    if image.aliases.is_empty() {
        return client.delete_image(project, fingerprint, &CancellationToken::new()).await.map(drop);
    }
    let names: Vec<_> = image.names().collect();
    context.warn(Diagnostic::warning("The old image was not deleted", names::of_others(target, fingerprint, &names)));
    Ok(())
}

fn unremoved(target: &Target, old: &Superseded, error: &Error) -> Diagnostic {
    let fingerprint = &old.fingerprint;
    let (summary, remains) = match old.fate {
        Fate::Goes => (
            "Unable to remove the old image",
            format!("The old image {fingerprint} is still in {target}; the next apply removes it."),
        ),
        Fate::Stays => (
            "Unable to take names from the old image",
            format!(
                "The old image {fingerprint} in {target} may still have names that nobody wants any more: {}. The next apply deletes \
                 them.",
                old.names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            ),
        ),
    };
    Diagnostic::error(summary, format!("The new content is in service. {remains} {error}."))
}
