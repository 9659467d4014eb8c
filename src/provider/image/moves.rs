//! Names on their way to an image: each in one step, and all the way back if it fails. A name is never missing in between.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::model::ImageModel;
use super::names;
use super::wanted::{AliasConflict, Wanted};
use crate::incus::{Alias, AliasEntry, Error, Fingerprint};
use crate::provider::connections::Target;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};

/// The wanted names of one image, and what was done to give it them.
pub(super) struct Moves<'a> {
    target: &'a Target,
    planned: &'a ImageModel,
    wanted: &'a Wanted,
    /// The images that may be relieved of a name: the one whose place is taken, and the one that is adopted.
    ours: BTreeSet<&'a Fingerprint>,
    /// The entries that point at the image now, as they were before.
    moved: Vec<AliasEntry>,
    /// The names that no image had before.
    added: BTreeSet<Alias>,
    /// What becomes of the image when the run is stopped in between.
    when_stopped: &'static str,
}

impl<'a> Moves<'a> {
    pub(super) fn new(
        target: &'a Target,
        planned: &'a ImageModel,
        wanted: &'a Wanted,
        ours: BTreeSet<&'a Fingerprint>,
        when_stopped: &'static str,
    ) -> Moves<'a> {
        Moves { target, planned, wanted, ours, moved: Vec::new(), added: BTreeSet::new(), when_stopped }
    }

    /// Makes sure that every one of `names` is free or may be taken, or belongs to one of `leftovers`, which go before the names are
    /// given; and that the server takes those that are new to it. Where one is the very image's that is to come, there is more to it
    /// than the name.
    pub(super) async fn ensure_free(
        &self,
        names: &[&Alias],
        leftovers: &BTreeSet<&Fingerprint>,
    ) -> Result<(), Diagnostics> {
        let Target { client, project, .. } = self.target;
        let mut refused = Diagnostics::default();
        let mut is_there = None;
        for name in names {
            match client.alias(project, name).await? {
                None => refused.extend(self.unacceptable(name).await?),
                Some(entry) if self.may_move(&entry) || leftovers.contains(&entry.target) => {}
                Some(entry) if self.wanted.fingerprint.as_ref() == Some(&entry.target) => is_there = Some(entry.target),
                Some(entry) => refused.push(names::taken(self.target, name, &entry.target, self.planned)),
            }
        }
        refused.extend(is_there.map(|image| names::exists(self.target, &image, self.planned)));
        if refused.has_errors() { Err(refused) } else { Ok(()) }
    }

    /// Why the server does not take a new name. It is asked about itself only where that matters.
    async fn unacceptable(&self, name: &Alias) -> Result<Option<Diagnostic>, Diagnostic> {
        let Err(reason) = name.strict() else { return Ok(None) };
        let server = self.target.client.server().await?;
        Ok(server.refuses(reason).then(|| names::refused_by_rule(name, reason, server.version(), self.planned)))
    }

    fn may_move(&self, entry: &AliasEntry) -> bool {
        self.wanted.alias_conflict == AliasConflict::TakeOver || self.ours.contains(&entry.target)
    }

    /// Gives the image `names`, the primary one last.
    pub(super) async fn to(
        &mut self,
        names: &[&Alias],
        image: &Fingerprint,
        stop: &CancellationToken,
    ) -> Result<(), Diagnostic> {
        let (last, first): (Vec<_>, Vec<_>) =
            names.iter().copied().partition(|name| self.planned.alias.is(name.as_str()));
        for name in first.into_iter().chain(last) {
            if stop.is_cancelled() {
                return Err(Diagnostic::error("Stopped", format!("{} Apply again to go on.", self.when_stopped)));
            }
            self.one(name, image).await?;
        }
        Ok(())
    }

    async fn one(&mut self, name: &Alias, image: &Fingerprint) -> Result<(), Diagnostic> {
        let Target { client, project, .. } = self.target;
        let _turns = client.turn_at([name]).await;
        match client.alias(project, name).await? {
            None => {
                let description = self.wanted.descriptions.get(name).map_or("", String::as_str);
                // Noted first: a request whose answer is lost may have been carried out.
                self.added.insert(name.clone());
                let outcome = client.create_alias(project, name, image, description).await;
                outcome.map_err(|error| names::refused(self.target, name, &error, self.planned))?;
            }
            Some(entry) if entry.target == *image => {}
            Some(entry) if self.may_move(&entry) => {
                self.moved.push(entry.clone());
                client.retarget_alias(project, &entry, image).await?;
            }
            Some(entry) => return Err(names::taken(self.target, name, &entry.target, self.planned)),
        }
        Ok(())
    }

    /// Puts every name back that can be. Says which can't.
    pub(super) async fn back(&self, image: &Fingerprint) -> Diagnostics {
        let mut failures = Diagnostics::default();
        for before in &self.moved {
            failures.extend(self.one_back(before, image).await.map_err(|error| stuck(before, &error)).err());
        }
        for name in &self.added {
            failures.extend(names::release(self.target, name, image).await.map_err(|error| diagnose(&error)).err());
        }
        failures
    }

    async fn one_back(&self, before: &AliasEntry, image: &Fingerprint) -> Result<(), Error> {
        let Target { client, project, .. } = self.target;
        let _turns = client.turn_at([&before.name]).await;
        match client.alias(project, &before.name).await? {
            Some(now) if now.target == *image => client.retarget_alias(project, &now, &before.target).await,
            _ => Ok(()),
        }
    }
}

fn stuck(alias: &AliasEntry, error: &Error) -> Diagnostic {
    let detail = format!(
        "The alias {} should point at image {} again. The next apply completes the change. {error}.",
        alias.name, alias.target
    );
    Diagnostic::error("Unable to put a name back", detail)
}
