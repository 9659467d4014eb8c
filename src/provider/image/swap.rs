//! Content swap: a new image takes the place of the old one under the same names. No name is missing or half-way at any moment.
//!
//! The new image comes in beside the old one and is finished; then the names move, each in one step, the primary one last: up to
//! there a failure puts everything back, from there on the new content is in service. At last the old image goes.

use super::ImageResource;
use super::create::adopts;
use super::extra::Originals;
use super::incoming::{Arrival, Incoming};
use super::model::ImageModel;
use super::moves::Moves;
use super::names;
use super::notes::{Fate, Notes, Origin, Superseded};
use super::source::is_given;
use super::superseded;
use super::truth::{managed, state};
use super::update::update;
use super::{fields, read};
use crate::incus::{Fingerprint, Image};
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

/// What is said of an image in whose place another was on its way.
const WHEN_STOPPED: &str = "The old content stays in service, and what was begun was undone.";

/// Puts the planned content into the place of `prior`.
pub(super) async fn swap(
    connections: &Connections,
    target: &Target,
    prior: &ImageModel,
    planned: Object<ImageResource>,
    slot: &Slot<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Stored { state: planned, private: notes } = planned;
    let incoming = Incoming::prepare(connections, target, &planned).await?;
    let (planned, notes) = incoming.with_copied_names(planned, notes);
    let old = read::fingerprint(prior)?;
    connections.managed.note(target, &old);
    let superseded = superseded::fingerprints(&notes);
    let mut ours = incoming.ours(&planned);
    ours.extend(superseded.iter().chain([&old]));
    let mut moves = Moves::new(target, &planned, &incoming.wanted, ours, WHEN_STOPPED);
    moves.ensure_free(&incoming.names(), &incoming.leftovers()).await?;
    let arrival = incoming.bring_in(&context.stop).await;
    let (image, found) = match arrival.map_err(|failures| with_old_size(failures, prior))? {
        Arrival::Ours(image) => (*image, None),
        // The source's content has not changed after all.
        Arrival::There(fingerprint) if fingerprint == old => {
            let planned = Stored { state: planned.clone(), private: up_to_date(notes, &old) };
            return update(connections, target, prior, planned, slot, context).await;
        }
        // What is only newer may wait.
        Arrival::Unknown(error) if planned.refresh.is_true() && prior.source == planned.source => {
            context.warn(waits(error));
            let kept = Stored { state: planned.clone(), private: notes };
            return update(connections, target, prior, kept, slot, context).await;
        }
        Arrival::Unknown(error) => return Err(error.into()),
        Arrival::There(fingerprint) if adopts(&planned) => {
            let image = fields::existing(target, &fingerprint).await?;
            let found = image.fields();
            (image, Some(found))
        }
        Arrival::There(fingerprint) => return Err(names::exists(target, &fingerprint, &planned).into()),
        Arrival::Overtaken(fingerprint) => return Err(names::overtaken(target, &fingerprint, &planned).into()),
    };
    let fingerprint = &image.fingerprint;
    let moved = async {
        match found {
            // It is somebody else's as long as it may be put back: no marker says that it is ours.
            Some(_) => {
                incoming.clear_leftovers(fingerprint).await?;
                fields::write(target, fingerprint, |own| incoming.wanted.fields(own, &Originals::new())).await?;
            }
            None => incoming.settle(&image).await?,
        }
        moves.to(&incoming.names(), fingerprint, &context.stop).await
    };
    if let Err(failure) = moved.await {
        let mut failures = Diagnostics::from(failure);
        failures.extend(moves.back(fingerprint).await);
        failures.extend(match found {
            Some(found) => fields::write(target, fingerprint, |_| found.clone()).await.err(),
            None => incoming.take_back(&image).await.unwrap_or_else(Some),
        });
        return Err(failures);
    }
    if found.is_some() {
        connections.adopted.note(target, fingerprint);
    }

    let notes = up_to_date(notes, fingerprint);
    let notes = succeeded(notes, prior, &incoming, &image, &old, context);
    slot.set(Stored { state: state(&image, &planned), private: notes.clone() });
    let (notes, failure) = retire(connections, &incoming, prior, fingerprint, notes, context).await;
    let image = fields::existing(target, fingerprint).await?;
    slot.set(Stored { state: state(&image, &planned), private: notes });
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// The notes once the source has given this image: what the name of an earlier source stood for is of no concern any more.
fn up_to_date(notes: Notes, image: &Fingerprint) -> Notes {
    Notes { upstream: notes.upstream.map(|_| image.to_string()), ..notes }
}

/// The warning that newer content is not to be had yet.
fn waits(error: Diagnostic) -> Diagnostic {
    let detail = format!("{} The image keeps the content that it has until then.", error.detail);
    Diagnostic { detail, ..error }
}

/// The failures, with the size of the old image where the project has no room for both.
fn with_old_size(failures: Diagnostics, prior: &ImageModel) -> Diagnostics {
    let size = prior.size.known().copied().unwrap_or_default();
    let told = |failure: Diagnostic| match failure.detail.contains("limits.disk") {
        true => {
            let detail = format!("{} Until it is swapped, the old image is there too: {size} bytes.", failure.detail);
            Diagnostic { detail, ..failure }
        }
        false => failure,
    };
    failures.into_iter().map(told).collect()
}

/// The notes on the image that took the place of `old`, which goes unless it is somebody else's.
fn succeeded(
    notes: Notes,
    prior: &ImageModel,
    incoming: &Incoming<'_>,
    image: &Image,
    old: &Fingerprint,
    context: &mut Context,
) -> Notes {
    let originals = incoming.originals(image);
    let (origin, fate) = match notes.origin {
        Origin::Adopted => (Origin::Imported, Fate::Stays),
        // It may have been adopted.
        Origin::Forgotten if !is_given(prior) => {
            context.warn(perhaps_theirs(incoming.target, old));
            (Origin::Imported, Fate::Stays)
        }
        ours @ (Origin::Created | Origin::Imported | Origin::Forgotten) => (ours, Fate::Goes),
    };
    let names = managed(prior).difference(&incoming.wanted.names).map(ToString::to_string).collect();
    let old = Superseded { fingerprint: old.to_string(), names, fate };
    let superseded = notes.superseded.into_iter().chain(Some(old).filter(Superseded::is_due)).collect();
    Notes { origin, originals, superseded, ..notes }
}

/// The warning about an old image of which is not known whose it was.
fn perhaps_theirs(target: &Target, old: &Fingerprint) -> Diagnostic {
    let detail = format!(
        "The provider was ended in the middle of an earlier apply, and Terraform forgot with it whether image {old} in {target} was \
         there before. So it stays. It is no longer under management."
    );
    Diagnostic::warning("The old image was not deleted", detail)
}

/// Removes the old image and the names that nobody wants any more, and at last the marker from the new one: as long as it has
/// that, an interrupted swap is found and completed.
async fn retire(
    connections: &Connections,
    incoming: &Incoming<'_>,
    prior: &ImageModel,
    image: &Fingerprint,
    notes: Notes,
    context: &mut Context,
) -> (Notes, Option<Diagnostic>) {
    if let Err(failure) = names::describe(incoming.target, image, &incoming.wanted, prior).await {
        return (notes, Some(failure));
    }
    let noted = notes.clone();
    let (notes, failure) = superseded::remove(connections, incoming.target, notes, context).await;
    match incoming.finished(image).await {
        Ok(_) => (notes, failure),
        Err(unfinished) => (noted, Some(unfinished)),
    }
}
