//! Creating an image: names are looked at first, the image comes in without them, and gets them one by one when it is what it is
//! to be.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::ImageResource;
use super::fields;
use super::incoming::{Arrival, Incoming, stopped};
use super::names;
use super::notes::{Notes, Origin};
use super::truth;
use crate::incus::{Alias, Image};
use crate::provider::connections::{Connections, Target};
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

/// Creates the planned image and puts it into `slot`.
pub(super) async fn create(
    connections: &Connections,
    target: &Target,
    planned: Object<ImageResource>,
    slot: &Slot<ImageResource>,
    stop: &CancellationToken,
) -> Result<(), Diagnostics> {
    let Stored { state: planned, private } = planned;
    let incoming = Incoming::prepare(connections, target, &planned).await?;
    let wanted: Vec<_> = incoming.wanted.names.iter().collect();
    names::ensure_free(target, &wanted, &planned, &incoming.leftovers()).await?;
    let image = match incoming.bring_in(stop).await? {
        Arrival::Ours(image) => image,
        Arrival::There(fingerprint) => return Err(names::exists(target, &fingerprint).into()),
    };

    let notes = Notes { origin: Origin::Created, ..private };
    let store = |image: &Image| slot.set(Stored { state: truth::state(image, &planned), private: notes.clone() });
    store(&image);
    let mut added = image.aliases.iter().map(|alias| alias.name.clone()).collect();
    match finish(&incoming, &image, &mut added, stop).await {
        Ok(finished) => {
            store(&finished);
            Ok(())
        }
        Err(failure) => {
            let mut failures = Diagnostics::from(failure);
            match incoming.take_back(&image.fingerprint, &added).await {
                Ok(()) => slot.clear(),
                Err(remains) => failures.push(remains),
            }
            Err(failures)
        }
    }
}

/// Gives the image what it is to have. `added` holds the names that it got from us, also on failure.
async fn finish(
    incoming: &Incoming<'_>,
    image: &Image,
    added: &mut BTreeSet<Alias>,
    stop: &CancellationToken,
) -> Result<Image, Diagnostic> {
    incoming.settle(image).await?;
    for name in &incoming.wanted.names {
        if stop.is_cancelled() {
            return Err(stopped());
        }
        if !added.contains(name) {
            names::add(incoming.target, name, &image.fingerprint, incoming.planned).await?;
            added.insert(name.clone());
        }
    }
    incoming.finished(&image.fingerprint).await?;
    fields::existing(incoming.target, &image.fingerprint).await
}
