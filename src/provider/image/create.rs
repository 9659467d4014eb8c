//! Creating an image, so that a failure at any point leaves nothing behind and loses nothing.
//!
//! Names are looked at first. The image comes in without names and with a marker, gets its fields, then its names one by one, and
//! at last loses the marker. What an interrupted create has left is known by the marker and used or removed by the next.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::ImageResource;
use super::content::Transfer;
use super::fields;
use super::marker::{Marker, without_marker};
use super::model::ImageModel;
use super::names;
use super::notes::{Notes, Origin};
use super::truth;
use super::wanted::Wanted;
use crate::incus::{Alias, Error, Fingerprint, Image, ImageFields, Imported, architecture};
use crate::provider::connections::{Connections, Target};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;
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
    let wanted = Wanted::from_plan(&planned)?;
    let source = planned.source.known().map_or("", String::as_str);
    let marker = Marker::new(&target.remote, &target.project, &wanted.names, source);
    let transfer = Transfer::planned(&planned, &wanted, marker.properties(), connections).await?;
    let before = target.client.images(&target.project).await.map_err(|error| diagnose(&error))?;
    let creation = Creation { target, planned: &planned, wanted, marker, before };

    let leftovers = creation.leftovers();
    let wanted: Vec<_> = creation.wanted.names.iter().collect();
    names::ensure_free(target, &wanted, &planned, &leftovers).await?;
    let image = creation.bring_in(&transfer, stop).await?;

    let notes = Notes { origin: Origin::Created, ..private };
    slot.set(Stored { state: truth::state(&image, &planned), private: notes.clone() });
    let mut added = image.aliases.iter().map(|alias| alias.name.clone()).collect();
    match creation.finish(&image, &mut added, stop).await {
        Ok(finished) => {
            slot.set(Stored { state: truth::state(&finished, &planned), private: notes });
            Ok(())
        }
        Err(failure) => {
            let mut failures = Diagnostics::from(failure);
            match creation.take_back(&image.fingerprint, &added).await {
                Ok(()) => slot.clear(),
                Err(remains) => failures.push(remains),
            }
            Err(failures)
        }
    }
}

struct Creation<'a> {
    target: &'a Target,
    planned: &'a ImageModel,
    wanted: Wanted,
    marker: Marker,
    /// The images that were there before.
    before: Vec<Image>,
}

impl Creation<'_> {
    /// What interrupted creates of this resource have left.
    fn leftovers(&self) -> BTreeSet<&Fingerprint> {
        let ours = self.before.iter().filter(|image| self.is_ours(image));
        ours.map(|image| &image.fingerprint).collect()
    }

    fn is_ours(&self, image: &Image) -> bool {
        self.marker.is_on(image, &self.wanted.names)
    }

    fn earlier(&self, fingerprint: &Fingerprint) -> Option<&Image> {
        self.before.iter().find(|image| image.fingerprint == *fingerprint)
    }

    /// Brings the image in, without names and marked as ours.
    async fn bring_in(&self, transfer: &Transfer, stop: &CancellationToken) -> Result<Image, Diagnostics> {
        let known = self.wanted.fingerprint.as_ref();
        if let Some(earlier) = known.and_then(|fingerprint| self.earlier(fingerprint)) {
            if self.is_ours(earlier) {
                return Ok(earlier.clone());
            }
            self.make_way(earlier).await?;
        }
        let imported = self.transfer(transfer, stop).await?;
        match self.earlier(&imported.fingerprint) {
            // A copy that lands on an image that is there succeeds and overwrites its fields.
            Some(earlier) if known.is_none() && !self.is_ours(earlier) => {
                fields::write(self.target, &earlier.fingerprint, |_| earlier.fields()).await?;
                self.make_way(earlier).await?;
                let imported = self.transfer(transfer, stop).await?;
                Ok(fields::existing(self.target, &imported.fingerprint).await?)
            }
            Some(_) => Ok(fields::existing(self.target, &imported.fingerprint).await?),
            None => {
                let image = fields::existing(self.target, &imported.fingerprint).await?;
                if image.uploaded_at < imported.started_at {
                    fields::write(self.target, &image.fingerprint, unmarked).await?;
                    return Err(names::exists(self.target, &image.fingerprint).into());
                }
                Ok(image)
            }
        }
    }

    /// Runs the transfer; a half-made image of a failed one is removed.
    async fn transfer(&self, transfer: &Transfer, stop: &CancellationToken) -> Result<Imported, Diagnostics> {
        let error = match transfer.run(self.target, stop).await {
            Ok(imported) => return Ok(imported),
            Err(Error::AlreadyExists { fingerprint, .. }) => {
                return Err(names::exists(self.target, &fingerprint).into());
            }
            Err(error) => error,
        };
        let mut failures = Diagnostics::from(diagnose(&error).at(Path::attribute("source")));
        if let Error::Operation { fingerprint: Some(fingerprint), .. }
        | Error::Stopped { fingerprint: Some(fingerprint), .. } = &error
        {
            let image =
                self.target.client.image(&self.target.project, fingerprint).await.map_err(|error| diagnose(&error))?;
            if image.is_some_and(|image| self.is_ours(&image)) {
                failures.extend(self.delete(fingerprint).await.err());
            }
        }
        Err(failures)
    }

    /// Removes an image that is in the way if it is a mere cached copy, which no other request turns into a lasting one.
    async fn make_way(&self, image: &Image) -> Result<(), Diagnostic> {
        match image.cached {
            true => self.delete(&image.fingerprint).await,
            false => Err(names::exists(self.target, &image.fingerprint)),
        }
    }

    /// Gives the image what it is to have. `added` holds the names that it got from us, also on failure.
    async fn finish(
        &self,
        image: &Image,
        added: &mut BTreeSet<Alias>,
        stop: &CancellationToken,
    ) -> Result<Image, Diagnostic> {
        let Creation { target, planned, wanted, marker, .. } = self;
        self.check(image)?;
        for leftover in self.leftovers().into_iter().filter(|leftover| **leftover != image.fingerprint) {
            self.delete(leftover).await?;
        }
        fields::write(target, &image.fingerprint, |own| {
            let mut fields = wanted.fields(own);
            fields.properties.extend(marker.properties());
            fields
        })
        .await?;
        let has: BTreeSet<_> = image.aliases.iter().map(|alias| &alias.name).collect();
        for name in wanted.names.iter().filter(|name| !has.contains(name)) {
            if stop.is_cancelled() {
                return Err(Diagnostic::error("Stopped", "The image was not finished and is removed."));
            }
            names::add(target, name, &image.fingerprint, planned).await?;
            added.insert(name.clone());
        }
        fields::write(target, &image.fingerprint, unmarked).await?;
        fields::existing(target, &image.fingerprint).await
    }

    /// Whether the image is the one that was meant.
    fn check(&self, image: &Image) -> Result<(), Diagnostic> {
        match &self.wanted.architecture {
            Some(wanted) if !architecture::same(wanted, &image.architecture) => {
                let detail =
                    format!("The image's architecture is {}, not {wanted}. It is removed again.", image.architecture);
                Err(Diagnostic::error("The image is for another architecture", detail)
                    .at(Path::attribute("architecture")))
            }
            _ => Ok(()),
        }
    }

    /// Removes the new image, unless somebody else has named it since.
    async fn take_back(&self, fingerprint: &Fingerprint, added: &BTreeSet<Alias>) -> Result<(), Diagnostic> {
        let Target { client, project, .. } = self.target;
        let Some(image) =
            client.image(project, fingerprint).await.map_err(|error| self.remains(fingerprint, &error))?
        else {
            return Ok(());
        };
        if image.aliases.iter().all(|alias| added.contains(&alias.name)) {
            return self.delete(fingerprint).await;
        }
        for name in added {
            client.delete_alias(project, name).await.map_err(|error| self.remains(fingerprint, &error))?;
        }
        fields::write(self.target, fingerprint, unmarked).await
    }

    async fn delete(&self, fingerprint: &Fingerprint) -> Result<(), Diagnostic> {
        // Cleaning up is not stopped: it is what a stop asks for.
        let deletion =
            self.target.client.delete_image(&self.target.project, fingerprint, &CancellationToken::new()).await;
        deletion.map(drop).map_err(|error| self.remains(fingerprint, &error))
    }

    fn remains(&self, fingerprint: &Fingerprint, error: &Error) -> Diagnostic {
        let detail = format!(
            "Image {fingerprint} is still in project {} of remote {}; the next apply removes it or uses it. {error}",
            self.target.project, self.target.remote
        );
        Diagnostic::error("Unable to remove an unfinished image", detail)
    }
}

fn unmarked(fields: ImageFields) -> ImageFields {
    ImageFields { properties: without_marker(fields.properties), ..fields }
}
