//! Creating an image: names are looked at first, the image comes in without them, and gets them one by one when it is what it is
//! to be.

use super::ImageResource;
use super::adopt;
use super::incoming::{Arrival, Incoming};
use super::model::ImageModel;
use super::moves::Moves;
use super::names;
use super::notes::{Notes, Origin};
use super::source::is_given;
use super::truth::state;
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

/// What is said of an image whose names were not given to the end.
const WHEN_STOPPED: &str = "The image was not finished, and was removed again.";

/// Creates the planned image and puts it into `slot`.
pub(super) async fn create(
    connections: &Connections,
    target: &Target,
    planned: Object<ImageResource>,
    slot: &Slot<ImageResource>,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    let Stored { state: planned, private } = planned;
    if !is_given(&planned) {
        let notes = Notes { origin: Origin::Adopted, ..private };
        return adopt::named(connections, target, &planned, notes, slot, context).await;
    }
    let incoming = Incoming::prepare(connections, target, &planned).await?;
    let (planned, private) = incoming.with_copied_names(planned, private);
    let mut moves = Moves::new(target, &planned, &incoming.wanted, incoming.ours(&planned), WHEN_STOPPED);
    moves.ensure_free(&incoming.names(), &incoming.leftovers()).await?;
    let image = match incoming.bring_in(&context.stop).await? {
        Arrival::Ours(image) => image,
        Arrival::There(fingerprint) if adopts(&planned) => {
            let notes = Notes { origin: Origin::Imported, ..private };
            return adopt::image(connections, target, &fingerprint, &planned, notes, slot, context).await;
        }
        Arrival::There(fingerprint) => return Err(names::exists(target, &fingerprint, &planned).into()),
        Arrival::Unknown(error) => return Err(error.into()),
        Arrival::Overtaken(fingerprint) => return Err(names::overtaken(target, &fingerprint, &planned).into()),
    };

    let notes = Notes { origin: Origin::Created, originals: incoming.originals(&image), ..private };
    slot.set(Stored { state: state(&image, &planned), private: notes.clone() });
    let finished = async {
        incoming.settle(&image).await?;
        moves.to(&incoming.names(), &image.fingerprint, &context.stop).await?;
        names::describe(target, &image.fingerprint, &incoming.wanted, &ImageModel::default()).await?;
        incoming.finished(&image.fingerprint).await
    };
    match finished.await {
        Ok(finished) => {
            slot.set(Stored { state: state(&finished, &planned), private: notes });
            Ok(())
        }
        Err(failure) => {
            let mut failures = Diagnostics::from(failure);
            failures.extend(moves.back(&image.fingerprint).await);
            match incoming.take_back(&image).await {
                Ok(stays) => {
                    slot.clear();
                    failures.extend(stays);
                }
                Err(remains) => failures.push(remains),
            }
            Err(failures)
        }
    }
}

/// Whether an image that is there already may be taken under management.
pub(super) fn adopts(planned: &ImageModel) -> bool {
    planned.adopt_existing.is_true()
}
