//! An image on its way to the server: without names and with a marker, until it is what was wanted. A failure at any point leaves
//! nothing; what an interruption leaves is known by the marker, and used or removed the next time.

use std::collections::BTreeSet;
use std::fmt::Display;

use tokio_util::sync::CancellationToken;

use super::content::{Request, Transfer, is_unknown_to_the_server};
use super::copied;
use super::create::adopts;
use super::extra::Originals;
use super::fields;
use super::marker::{Marker, has_only, is_marked, markers, without_marker};
use super::model::ImageModel;
use super::notes::Notes;
use super::source;
use super::wanted::Wanted;
use crate::incus::{Alias, Error, Fingerprint, Image, ImageFields, Imported, Turn};
use crate::provider::connections::{Connections, Target};
use crate::provider::diagnostics::diagnose;
use crate::provider::unfinished::UnderWay;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// A planned image, and the server it is to come to.
pub(super) struct Incoming<'a> {
    connections: &'a Connections,
    pub(super) target: &'a Target,
    pub(super) wanted: Wanted,
    /// The names that `copy_aliases` brings.
    copied: BTreeSet<Alias>,
    marker: Marker,
    transfer: Transfer,
    /// The argument that says where it comes from.
    source: Path,
    under_way: UnderWay<'a>,
    _turn: Turn,
    /// The images that were there before, as far as they matter.
    before: Vec<Image>,
}

/// How an image came to be on the server.
pub(super) enum Arrival {
    /// It was brought there, now or by an interrupted run of ours.
    Ours(Box<Image>),
    /// It was there, and is as it was.
    There(Fingerprint),
    /// Somebody else has brought it in at the same time. What was overwritten is not known.
    Overtaken(Fingerprint),
    /// It did not come: the server does not find it, which may be because it looks at an old index.
    Unknown(Diagnostic),
}

impl<'a> Incoming<'a> {
    /// Finds out what it takes to bring the planned image in.
    pub(super) async fn prepare(
        connections: &'a Connections,
        target: &'a Target,
        planned: &ImageModel,
    ) -> Result<Incoming<'a>, Diagnostics> {
        let mut wanted = Wanted::from_plan(planned)?;
        let content = planned.source.known().or(planned.source_instance.known()).map_or("", String::as_str);
        let marker = Marker::new(&target.remote, &target.project, &wanted.names, content);
        let request = Request { planned, wanted: &wanted, properties: marker.properties(), target };
        let (transfer, upstream) = Transfer::prepare(request, connections).await?;
        wanted.fingerprint = wanted.fingerprint.or_else(|| transfer.fingerprint().cloned());
        let copied = match (&planned.copy_aliases, &upstream) {
            (Attr::Known(true), Some(upstream)) => copied::names(upstream),
            _ => BTreeSet::new(),
        };
        wanted.names.extend(copied.iter().cloned());
        if let (Transfer::Exchange(_) | Transfer::Relay(..), Some(upstream)) = (&transfer, upstream) {
            wanted.expire_by_default(upstream.expires_at);
        }
        let turn = connections.turn(target, wanted.fingerprint.as_ref().map_or(content, Fingerprint::as_str)).await;
        let under_way = connections.unfinished.begin(marker.property());
        let before = before(connections, target, &wanted, &marker).await?;
        let source = source::argument(planned);
        Ok(Incoming { connections, target, wanted, copied, marker, transfer, source, under_way, _turn: turn, before })
    }

    /// The plan and the notes, with the names that the image gets from its source.
    pub(super) fn with_copied_names(&self, planned: ImageModel, notes: Notes) -> (ImageModel, Notes) {
        copied::known(planned, notes, &self.copied)
    }

    /// The names that the image is to have.
    pub(super) fn names(&self) -> Vec<&Alias> {
        self.wanted.names.iter().collect()
    }

    /// The image that may be relieved of the wanted names, because it is to be adopted.
    pub(super) fn ours(&self, planned: &ImageModel) -> BTreeSet<&Fingerprint> {
        self.wanted.fingerprint.iter().filter(|_| adopts(planned)).collect()
    }

    /// What interrupted runs for this resource have left.
    pub(super) fn leftovers(&self) -> BTreeSet<&Fingerprint> {
        let ours = self.before.iter().filter(|image| self.is_ours(image));
        ours.map(|image| &image.fingerprint).collect()
    }

    fn is_ours(&self, image: &Image) -> bool {
        // One that is under way here is no leftover: resources without names may have the same source.
        self.marker.is_on(image, &self.wanted.names) && !markers(image).any(|marker| self.under_way.is_anothers(marker))
    }

    fn earlier(&self, fingerprint: &Fingerprint) -> Option<&Image> {
        self.before.iter().find(|image| image.fingerprint == *fingerprint)
    }

    /// Brings the image in, without names and marked as ours.
    pub(super) async fn bring_in(&self, stop: &CancellationToken) -> Result<Arrival, Diagnostics> {
        if let Some(earlier) = self.wanted.fingerprint.as_ref().and_then(|fingerprint| self.earlier(fingerprint)) {
            if self.is_ours(earlier) {
                return Ok(Arrival::Ours(Box::new(earlier.clone())));
            }
            return match self.makes_way(earlier).await? {
                true => self.transfer(stop).await,
                false => Ok(Arrival::There(earlier.fingerprint.clone())),
            };
        }
        let arrival = self.transfer(stop).await?;
        let Arrival::There(fingerprint) = &arrival else { return Ok(arrival) };
        match self.earlier(fingerprint) {
            Some(earlier) if self.makes_way(earlier).await? => self.transfer(stop).await,
            _ => Ok(arrival),
        }
    }

    /// Removes an image that is in the way, if it is a mere cached copy: no other request turns that into a lasting image. One that a
    /// resource has stays, and one that has other names than the wanted ones. Whether the place is free.
    async fn makes_way(&self, earlier: &Image) -> Result<bool, Diagnostic> {
        let Target { client, project, .. } = self.target;
        if !earlier.cached || self.connections.managed.has(self.target, &earlier.fingerprint) {
            return Ok(false);
        }
        let now = client.image(project, &earlier.fingerprint).await?;
        if now.is_some_and(|now| !now.cached || !has_only(&now, &self.wanted.names)) {
            return Ok(false);
        }
        self.delete(&earlier.fingerprint).await.map(|()| true)
    }

    /// Runs the transfer. A half-made image of a failed one is removed, one that it merely landed on is put back as it was.
    async fn transfer(&self, stop: &CancellationToken) -> Result<Arrival, Diagnostics> {
        if let Some(meanwhile) = self.come_meanwhile().await? {
            return Ok(Arrival::There(meanwhile));
        }
        let imported = match self.transfer.run(self.target, stop).await {
            Ok(imported) => imported,
            Err(Error::AlreadyExists { fingerprint, .. }) => return Ok(self.landed_on(&fingerprint).await?),
            Err(error) if is_unknown_to_the_server(&error) => {
                return Ok(Arrival::Unknown(diagnose(&error).at(self.source.clone())));
            }
            Err(error) => return Err(self.failed(&error).await),
        };
        let arrived = async {
            let image = fields::existing(self.target, &imported.fingerprint).await?;
            match self.has_brought_in(&imported, &image).await? {
                true => Ok(Arrival::Ours(Box::new(image))),
                false => self.landed_on(&imported.fingerprint).await,
            }
        };
        match arrived.await {
            Ok(arrival) => Ok(arrival),
            Err(failure) => {
                let mut failures = Diagnostics::from(failure);
                failures.extend(self.remove_if_ours(&imported.fingerprint).await.err());
                Err(failures)
            }
        }
    }

    /// The image, if somebody has brought it in since the images were listed. A copy would land on it and overwrite its fields.
    async fn come_meanwhile(&self) -> Result<Option<Fingerprint>, Diagnostic> {
        let Target { client, project, .. } = self.target;
        match &self.wanted.fingerprint {
            Some(fingerprint) if self.transfer.may_land() && self.earlier(fingerprint).is_none() => {
                let there = client.image(project, fingerprint).await?;
                Ok(there.filter(|image| !image.cached).map(|image| image.fingerprint))
            }
            _ => Ok(None),
        }
    }

    async fn has_brought_in(&self, imported: &Imported, image: &Image) -> Result<bool, Error> {
        let Target { client, project, .. } = self.target;
        match self.transfer.may_land() {
            true => client.has_brought_in(project, imported, image.uploaded_at).await,
            false => Ok(true),
        }
    }

    /// Puts an image back as it was on which the transfer has landed: a copy onto an image that is there succeeds, and overwrites
    /// its fields.
    async fn landed_on(&self, fingerprint: &Fingerprint) -> Result<Arrival, Diagnostic> {
        match self.earlier(fingerprint) {
            Some(earlier) if self.is_ours(earlier) => {
                Ok(Arrival::Ours(Box::new(fields::existing(self.target, fingerprint).await?)))
            }
            Some(earlier) => {
                fields::write(self.target, fingerprint, |_| earlier.fields()).await?;
                Ok(Arrival::There(fingerprint.clone()))
            }
            None => self.met(fields::existing(self.target, fingerprint).await?).await,
        }
    }

    /// What becomes of an image on which the transfer has landed and that was not there before. An interrupted run of ours may have
    /// left the server at work on it.
    async fn met(&self, image: Image) -> Result<Arrival, Diagnostic> {
        if self.marker.is_on_of_another_run(&image, &self.wanted.names) {
            return Ok(Arrival::Ours(Box::new(image)));
        }
        if self.marker.without(image.properties.clone()) == image.properties {
            return Ok(Arrival::There(image.fingerprint));
        }
        let without_ours = |own: ImageFields| ImageFields { properties: self.marker.without(own.properties), ..own };
        fields::write(self.target, &image.fingerprint, without_ours).await?;
        Ok(Arrival::Overtaken(image.fingerprint))
    }

    /// Why the transfer failed, after cleaning up.
    async fn failed(&self, error: &Error) -> Diagnostics {
        let mut failures = Diagnostics::from(diagnose(error).at(self.source.clone()));
        if let Error::Operation { fingerprint: Some(fingerprint), .. }
        | Error::Stopped { fingerprint: Some(fingerprint), .. } = error
        {
            failures.extend(self.remove_if_ours(fingerprint).await.err());
        }
        failures
    }

    async fn remove_if_ours(&self, fingerprint: &Fingerprint) -> Result<(), Diagnostic> {
        let Target { client, project, .. } = self.target;
        match client.image(project, fingerprint).await {
            // A copy that landed on somebody's image has marked that one.
            Ok(Some(image))
                if self.is_ours(&image) && self.earlier(fingerprint).is_none_or(|earlier| self.is_ours(earlier)) =>
            {
                self.delete(fingerprint).await
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.remains(fingerprint, &error)),
        }
    }

    /// Checks the image that came, removes what else an interrupted run has left, and gives the image its fields.
    pub(super) async fn settle(&self, image: &Image) -> Result<(), Diagnostic> {
        if let Some(other) = self.wanted.other_architecture(&image.architecture) {
            let detail = format!("{} It is removed again.", other.detail);
            return Err(Diagnostic { detail, ..other });
        }
        if let Some(wanted) = self.wanted.fingerprint.as_ref().filter(|wanted| **wanted != image.fingerprint) {
            let detail = format!(
                "The image is {}, not {wanted}. It is removed again. Correct `fingerprint`, or give another `source`.",
                image.fingerprint
            );
            return Err(
                Diagnostic::error("The content is not the pinned one", detail).at(Path::attribute("fingerprint"))
            );
        }
        self.clear_leftovers(&image.fingerprint).await?;
        fields::write(self.target, &image.fingerprint, |own| {
            let mut fields = self.wanted.fields(unmarked(own), &Originals::new());
            fields.properties.extend(self.marker.properties());
            fields
        })
        .await
        .map(drop)
    }

    /// Removes what interrupted runs have left, other than the image. What looked so may be another process's, and finished by now:
    /// then it stays.
    pub(super) async fn clear_leftovers(&self, image: &Fingerprint) -> Result<(), Diagnostic> {
        for leftover in self.leftovers().into_iter().filter(|leftover| *leftover != image) {
            self.remove_if_ours(leftover).await?;
        }
        Ok(())
    }

    /// Takes the marker from the image, which is finished, and says how it is then. Its fields are given to it once more, for a copy of
    /// others may have landed on it. Nothing is asked afterwards: whoever is interrupted then has lost an image that nobody knows to be
    /// ours.
    pub(super) async fn finished(&self, fingerprint: &Fingerprint) -> Result<Image, Diagnostic> {
        let wanted = |own| self.wanted.fields(unmarked(own), &Originals::new());
        let image = fields::write(self.target, fingerprint, wanted).await?;
        self.connections.created.note(self.target, fingerprint);
        self.under_way.finish();
        Ok(image)
    }

    /// Which of the image's own properties its fields cover.
    pub(super) fn originals(&self, image: &Image) -> Originals {
        self.wanted.covered(&without_marker(image.properties.clone()), &Originals::new())
    }

    /// Removes the image again. If somebody else has named it since it came, it stays, is no longer ours, and the answer says so.
    ///
    /// # Errors
    /// Where it is still there, and ours: names that could not be taken from it are no reason to forget it.
    pub(super) async fn take_back(&self, image: &Image) -> Result<Option<Diagnostic>, Diagnostic> {
        let Target { client, project, .. } = self.target;
        let fingerprint = &image.fingerprint;
        let now = client.image(project, fingerprint).await.map_err(|error| self.remains(fingerprint, &error))?;
        let Some(now) = now else { return Ok(None) };
        let before: BTreeSet<&Alias> = image.names().collect();
        let since: Vec<_> = now.names().filter(|name| !before.contains(name)).collect();
        let others: Vec<_> = since.iter().filter(|name| !self.wanted.names.contains(name)).copied().collect();
        if since.is_empty() {
            return self.delete(fingerprint).await.map(|()| None);
        }
        if others.is_empty() {
            let why = format!("It still has names of this resource: {}", listed(&since));
            return Err(self.remains(fingerprint, &why));
        }
        fields::write(self.target, fingerprint, unmarked).await?;
        Ok(Some(self.stays(fingerprint, &others)))
    }

    async fn delete(&self, fingerprint: &Fingerprint) -> Result<(), Diagnostic> {
        // Cleaning up is not stopped: it is what a stop asks for.
        let Target { client, project, .. } = self.target;
        let deletion = client.delete_image(project, fingerprint, &CancellationToken::new()).await;
        deletion.map(drop).map_err(|error| self.remains(fingerprint, &error))
    }

    fn remains(&self, fingerprint: &Fingerprint, why: &dyn Display) -> Diagnostic {
        let target = self.target;
        let detail = format!("Image {fingerprint} is still in {target}; the next apply uses it or removes it. {why}.");
        Diagnostic::error("Unable to remove an unfinished image", detail)
    }

    fn stays(&self, fingerprint: &Fingerprint, others: &[&Alias]) -> Diagnostic {
        let detail = format!(
            "Image {fingerprint} stays in {}, because somebody has named it since it came: {}. It is not under management.",
            self.target,
            listed(others)
        );
        Diagnostic::error("The unfinished image was not removed", detail)
    }
}

/// All images that are there, where it is not known which one will come. Else that one, and what interrupted runs have left for this
/// resource: for that, one look at all images is enough for a whole run.
async fn before(
    connections: &Connections,
    target: &Target,
    wanted: &Wanted,
    marker: &Marker,
) -> Result<Vec<Image>, Error> {
    let Target { client, project, .. } = target;
    let Some(coming) = wanted.fingerprint.as_ref().filter(|_| !wanted.follows_source()) else {
        return client.images(project).await;
    };
    let look = async {
        let images = client.images(project).await?;
        Ok(images.into_iter().filter(is_marked).collect())
    };
    let left = connections.unfinished.left(target.key(""), look).await?;
    let left = left.iter().filter(|image| marker.is_on(image, &wanted.names)).map(|image| &image.fingerprint);
    let mut before = Vec::new();
    for fingerprint in left.chain([coming]).collect::<BTreeSet<_>>() {
        before.extend(client.image(project, fingerprint).await?);
    }
    Ok(before)
}

fn listed(names: &[&Alias]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The fields of an image that is finished.
pub(super) fn unmarked(fields: ImageFields) -> ImageFields {
    ImageFields { properties: without_marker(fields.properties), ..fields }
}
