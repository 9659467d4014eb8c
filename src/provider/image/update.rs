//! Changing an image in place: its fields by one write, its names one by one. The state is what the server then holds, also after
//! a failure.

use std::collections::BTreeSet;

use super::ImageResource;
use super::fields;
use super::model::ImageModel;
use super::names;
use super::read;
use super::superseded;
use super::truth::{managed, state};
use super::wanted::Wanted;
use crate::incus::{Alias, Fingerprint};
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

/// Turns the image `prior` into `planned`, which has the same content.
pub(super) async fn update(
    target: &Target,
    prior: &ImageModel,
    planned: Object<ImageResource>,
    slot: &Slot<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Stored { state: planned, private } = planned;
    let fingerprint = read::fingerprint(prior)?;
    let outcome = change(target, &fingerprint, prior, &planned).await;
    let reached = fields::existing(target, &fingerprint).await;
    if let Err(failures) = outcome {
        if let Ok(image) = reached {
            slot.set(Stored { state: state(&image, prior), private });
        }
        return Err(failures);
    }
    let (private, failure) = superseded::remove(target, private, context).await;
    slot.set(Stored { state: state(&reached?, &planned), private });
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Gives the image `fingerprint`, which `prior` describes, what is planned.
pub(super) async fn change(
    target: &Target,
    fingerprint: &Fingerprint,
    prior: &ImageModel,
    planned: &ImageModel,
) -> Result<(), Diagnostics> {
    let wanted = Wanted::from_plan(planned)?;
    let image = fields::existing(target, fingerprint).await?;
    let has: BTreeSet<&Alias> = image.aliases.iter().map(|alias| &alias.name).collect();
    let mut missing: Vec<&Alias> = wanted.names.iter().filter(|name| !has.contains(name)).collect();
    let before = managed(prior);
    let is_surplus = |name: &&Alias| has.contains(*name) && !wanted.names.contains(*name);
    let mut surplus: Vec<&Alias> = before.iter().filter(is_surplus).collect();
    names::ensure_free(target, &missing, planned, &BTreeSet::new()).await?;

    fields::write(target, fingerprint, |own| wanted.fields(own)).await?;
    // The primary name keeps its description.
    if let (Some(from), Some(to)) = (primary(prior, &surplus), primary(planned, &missing)) {
        names::rename(target, from, to, planned).await?;
        surplus.retain(|name| *name != from);
        missing.retain(|name| *name != to);
    }
    for name in missing {
        names::add(target, name, fingerprint, planned).await?;
    }
    for name in surplus {
        target.client.delete_alias(&target.project, name).await.map_err(|error| diagnose(&error))?;
    }
    Ok(())
}

/// The primary name in a state, if it is among `names`.
fn primary<'a>(state: &ImageModel, names: &[&'a Alias]) -> Option<&'a Alias> {
    names.iter().copied().find(|name| state.alias.known().is_some_and(|alias| alias == name.as_str()))
}
