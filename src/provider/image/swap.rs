//! Content swap: a new image takes the place of the old one under the same names. No name is missing or half-way at any moment.
//!
//! The new image comes in beside the old one and is finished; then the names move, each in one step, the primary one last: up to
//! there a failure puts everything back, from there on the new content is in service. At last the old image goes.

use std::collections::BTreeSet;

use super::ImageResource;
use super::incoming::{Arrival, Incoming, stopped};
use super::model::ImageModel;
use super::names;
use super::notes::Notes;
use super::superseded;
use super::truth::{managed, state};
use super::update::change;
use super::{fields, read};
use crate::incus::{Alias, AliasEntry, Error, Fingerprint, Image};
use crate::provider::connections::{Connections, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::{Object, Slot};
use crate::tfplugin::saved::Stored;

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
    let old = read::fingerprint(prior)?;
    let mut move_ = Move { target, incoming: &incoming, old: &old, moved: Vec::new(), added: BTreeSet::new() };
    move_.ensure_free().await?;
    let image = match incoming.bring_in(&context.stop).await? {
        Arrival::Ours(image) => image,
        // The source's content has not changed after all.
        Arrival::There(fingerprint) if fingerprint == old => {
            change(target, &fingerprint, prior, &planned).await?;
            let image = fields::existing(target, &fingerprint).await?;
            slot.set(Stored { state: state(&image, &planned), private: notes });
            return Ok(());
        }
        Arrival::There(fingerprint) => return Err(names::exists(target, &fingerprint).into()),
    };
    if let Err(failure) = move_.to(&image, context).await {
        let mut failures = Diagnostics::from(failure);
        failures.extend(move_.back(&image.fingerprint).await.err());
        return Err(failures);
    }

    let notes = Notes { superseded: notes.superseded.into_iter().chain([old.to_string()]).collect(), ..notes };
    let service = Stored { state: state(&image, &planned), private: notes };
    slot.set(service.clone());
    let notes = retire(&incoming, prior, &image.fingerprint, service.private, context).await;
    let image = fields::existing(target, &image.fingerprint).await?;
    let (notes, failure) = notes;
    slot.set(Stored { state: state(&image, &planned), private: notes });
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Finishes the new image and removes the old one, with the names that nobody wants any more.
async fn retire(
    incoming: &Incoming<'_>,
    prior: &ImageModel,
    image: &Fingerprint,
    notes: Notes,
    context: &mut Context,
) -> (Notes, Option<Diagnostic>) {
    let Target { client, project, .. } = incoming.target;
    if let Err(failure) = incoming.finished(image).await {
        return (notes, Some(failure));
    }
    for surplus in managed(prior).difference(&incoming.wanted.names) {
        if let Err(error) = client.delete_alias(project, surplus).await {
            return (notes, Some(diagnose(&error)));
        }
    }
    superseded::remove(incoming.target, notes, context).await
}

/// The names on their way from the old image to the new one.
struct Move<'a> {
    target: &'a Target,
    incoming: &'a Incoming<'a>,
    old: &'a Fingerprint,
    /// The entries that point at the new image now, as they were before.
    moved: Vec<AliasEntry>,
    /// The names that the new image got, and the old one did not have.
    added: BTreeSet<Alias>,
}

impl Move<'_> {
    /// Makes sure that nobody else has one of the names.
    async fn ensure_free(&self) -> Result<(), Diagnostics> {
        let wanted: Vec<_> = self.incoming.wanted.names.iter().collect();
        let mut ours = self.incoming.leftovers();
        ours.insert(self.old);
        names::ensure_free(self.target, &wanted, self.incoming.planned, &ours).await
    }

    /// Finishes the new image and moves the names to it, the primary one last.
    async fn to(&mut self, image: &Image, context: &Context) -> Result<(), Diagnostic> {
        self.incoming.settle(image).await?;
        let planned = self.incoming.planned;
        let is_primary = |name: &Alias| planned.alias.known().is_some_and(|alias| alias == name.as_str());
        let (last, first): (Vec<_>, Vec<_>) = self.incoming.wanted.names.iter().partition(|name| is_primary(name));
        for name in first.into_iter().chain(last) {
            if context.stop.is_cancelled() {
                return Err(stopped());
            }
            self.one(name, &image.fingerprint).await?;
        }
        Ok(())
    }

    async fn one(&mut self, name: &Alias, image: &Fingerprint) -> Result<(), Diagnostic> {
        let Target { client, project, .. } = self.target;
        match client.alias(project, name).await.map_err(|error| diagnose(&error))? {
            None => {
                names::add(self.target, name, image, self.incoming.planned).await?;
                self.added.insert(name.clone());
            }
            Some(entry) if entry.target == *image => {}
            Some(entry) if entry.target == *self.old => {
                client.retarget_alias(project, &entry, image).await.map_err(|error| diagnose(&error))?;
                self.moved.push(entry);
            }
            Some(entry) => return Err(names::taken(self.target, name, &entry.target, self.incoming.planned)),
        }
        Ok(())
    }

    /// Puts every name back and removes the new image.
    async fn back(&self, image: &Fingerprint) -> Result<(), Diagnostic> {
        let Target { client, project, .. } = self.target;
        for before in &self.moved {
            let back = async {
                match client.alias(project, &before.name).await? {
                    Some(now) if now.target == *image => client.retarget_alias(project, &now, self.old).await,
                    _ => Ok(()),
                }
            };
            back.await.map_err(|error: Error| self.stuck(before, &error))?;
        }
        self.incoming.take_back(image, &self.added).await
    }

    fn stuck(&self, alias: &AliasEntry, error: &Error) -> Diagnostic {
        let detail = format!(
            "The alias {} should point at image {} again. The next apply completes the change. {error}.",
            alias.name, self.old
        );
        Diagnostic::error("Unable to put a name back", detail)
    }
}
