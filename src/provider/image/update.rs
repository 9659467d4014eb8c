//! Changing an image in place: its fields by one write, its names one by one. The state is what the server then holds, also after
//! a failure.

use std::collections::BTreeSet;

use super::ImageResource;
use super::fields;
use super::model::ImageModel;
use super::names;
use super::read::fingerprint;
use super::truth::{managed, state};
use super::wanted::Wanted;
use crate::incus::Alias;
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

/// Turns the image `prior` into `planned`.
pub(super) async fn update(
    target: &Target,
    prior: &ImageModel,
    planned: Object<ImageResource>,
    slot: &Slot<ImageResource>,
) -> Result<(), Diagnostics> {
    let Stored { state: planned, private } = planned;
    let outcome = change(target, prior, &planned).await;
    // Names that went before the failure are the planned ones, names that stayed the prior ones: the server tells.
    let reached = fields::existing(target, &fingerprint(prior)?).await;
    match (outcome, reached) {
        (Ok(()), Ok(image)) => {
            slot.set(Stored { state: state(&image, &planned), private });
            Ok(())
        }
        (Ok(()), Err(error)) => Err(error.into()),
        (Err(failures), reached) => {
            if let Ok(image) = reached {
                let kept = ImageModel { alias: prior.alias.clone(), aliases: prior.aliases.clone(), ..prior.clone() };
                slot.set(Stored { state: state(&image, &kept), private });
            }
            Err(failures)
        }
    }
}

async fn change(target: &Target, prior: &ImageModel, planned: &ImageModel) -> Result<(), Diagnostics> {
    let wanted = Wanted::from_plan(planned)?;
    let image = fields::existing(target, &fingerprint(prior)?).await?;
    let has: BTreeSet<&Alias> = image.aliases.iter().map(|alias| &alias.name).collect();
    let mut missing: Vec<&Alias> = wanted.names.iter().filter(|name| !has.contains(name)).collect();
    let before = managed(prior);
    let mut surplus: Vec<&Alias> =
        before.iter().filter(|name| has.contains(name) && !wanted.names.contains(name)).collect();
    names::ensure_free(target, &missing, planned, &BTreeSet::new()).await?;

    fields::write(target, &image.fingerprint, |own| wanted.fields(own)).await?;
    // The primary name keeps its description.
    if let (Some(from), Some(to)) = (primary(prior, &surplus), primary(planned, &missing)) {
        names::rename(target, from, to, planned).await?;
        surplus.retain(|name| *name != from);
        missing.retain(|name| *name != to);
    }
    for name in missing {
        names::add(target, name, &image.fingerprint, planned).await?;
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
