//! Changing an image in place: its fields by one write, its names one by one. The state is what the server then holds, also after
//! a failure.

use std::collections::BTreeSet;

use super::ImageResource;
use super::copied;
use super::extra::Originals;
use super::fields;
use super::incoming::unmarked;
use super::model::ImageModel;
use super::moves::Moves;
use super::names;
use super::notes::Notes;
use super::read;
use super::superseded;
use super::truth::{managed, state};
use super::wanted::Wanted;
use crate::incus::{Alias, Image};
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

/// What is said of an image that was there, and was not given all its names.
const WHEN_STOPPED: &str = "The image stays, without the names that it was being given.";

/// Turns the image `prior` into `planned`, which has the same content.
pub(super) async fn update(
    connections: &Connections,
    target: &Target,
    prior: &ImageModel,
    planned: Object<ImageResource>,
    slot: &Slot<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Stored { state: planned, private: notes } = planned;
    let image = fields::existing(target, &read::fingerprint(prior)?).await?;
    let (planned, notes) = match planned.copied_aliases.is_unknown() {
        true => {
            let names = copied::look(&image.fingerprint, &planned, connections, target, context).await?;
            copied::known(planned, notes, &names)
        }
        false => (planned, notes),
    };
    let outcome = change(target, &image, prior, &planned, &notes, context).await;
    let reached = fields::existing(target, &image.fingerprint).await;
    let originals = match outcome {
        Ok(originals) => originals,
        Err(failures) => {
            if let Ok(reached) = reached {
                let originals = covered(&planned, &image, &reached, &notes)?;
                slot.set(Stored { state: state(&reached, prior), private: Notes { originals, ..notes } });
            }
            return Err(failures);
        }
    };
    // Also where the image can't be read again: what its own properties were is known nowhere else.
    slot.set(Stored { state: prior.clone(), private: Notes { originals: originals.clone(), ..notes.clone() } });
    let (notes, failure) = superseded::remove(connections, target, Notes { originals, ..notes }, context).await;
    slot.set(Stored { state: state(&reached?, &planned), private: notes });
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Which own properties of the image `before` are covered after a change that failed, and may have got that far or not.
fn covered(planned: &ImageModel, before: &Image, reached: &Image, notes: &Notes) -> Result<Originals, Diagnostic> {
    let wanted = Wanted::from_plan(planned)?;
    let written = unmarked(wanted.fields(before.fields(), &notes.originals));
    Ok(match reached.properties == written.properties {
        true => wanted.covered(&before.properties, &notes.originals),
        false => notes.originals.clone(),
    })
}

/// Gives `image`, which `prior` describes, what is planned. Says which of its own properties are covered then.
pub(super) async fn change(
    target: &Target,
    image: &Image,
    prior: &ImageModel,
    planned: &ImageModel,
    notes: &Notes,
    context: &Context,
) -> Result<Originals, Diagnostics> {
    let fingerprint = &image.fingerprint;
    let wanted = Wanted::from_plan(planned)?;
    if let Some(other) = wanted.other_architecture(&image.architecture) {
        return Err(other.into());
    }
    let has: BTreeSet<&Alias> = image.names().collect();
    let mut missing: Vec<&Alias> = wanted.names.iter().filter(|name| !has.contains(name)).collect();
    let before = managed(prior);
    let is_surplus = |name: &&Alias| has.contains(*name) && !wanted.names.contains(*name);
    let mut surplus: Vec<&Alias> = before.iter().filter(is_surplus).collect();
    let superseded = superseded::fingerprints(notes);
    let ours = superseded.iter().chain([fingerprint]).collect();
    let mut moves = Moves::new(target, planned, &wanted, ours, WHEN_STOPPED);
    moves.ensure_free(&missing, &BTreeSet::new()).await?;

    let originals = wanted.covered(&image.properties, &notes.originals);
    fields::write(target, fingerprint, |own| unmarked(wanted.fields(own, &notes.originals))).await?;
    // The primary name keeps its description.
    if let (Some(from), Some(to)) = (primary(prior, &surplus), primary(planned, &missing))
        && names::rename(target, from, to, fingerprint, planned).await?
    {
        surplus.retain(|name| *name != from);
        missing.retain(|name| *name != to);
    }
    if let Err(failure) = moves.to(&missing, fingerprint, &context.stop).await {
        let mut failures = Diagnostics::from(failure);
        failures.extend(moves.back(fingerprint).await);
        return Err(failures);
    }
    for name in surplus {
        names::release(target, name, fingerprint).await?;
    }
    names::describe(target, fingerprint, &wanted, prior).await?;
    Ok(originals)
}

/// The primary name in a state, if it is among `names`.
fn primary<'a>(state: &ImageModel, names: &[&'a Alias]) -> Option<&'a Alias> {
    names.iter().copied().find(|name| state.alias.is(name.as_str()))
}
