//! Reads of single images that share a list: of hundreds of images, each need not be asked for. A list is asked for once several
//! reads of one project are under way at the same time, and answers those that come soon after too. Once this process has written
//! to the server, nothing is shared any more: no answer is older than a write of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use super::Client;
use crate::incus::{Error, Fingerprint, Image, Project};

/// As many reads at once are made one by one.
const HANDFUL: usize = 3;

/// For how long a list answers.
const FRESH: Duration = Duration::from_secs(1);

/// The reads of one server.
#[derive(Debug, Default)]
pub(super) struct SharedReads {
    projects: Mutex<HashMap<Project, Arc<Reads>>>,
    has_written: AtomicBool,
}

/// The reads of one project.
#[derive(Debug, Default)]
struct Reads {
    under_way: AtomicUsize,
    list: AsyncMutex<Option<List>>,
}

#[derive(Debug)]
struct List {
    received_at: Instant,
    images: HashMap<Fingerprint, Image>,
}

/// A read that is under way, until it is dropped.
struct UnderWay<'a>(&'a AtomicUsize);

impl SharedReads {
    /// From now on, lists may be older than what this process has done.
    pub(super) fn note_write(&self) {
        self.has_written.store(true, Ordering::SeqCst);
    }

    fn of(&self, project: &Project) -> Arc<Reads> {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(projects.entry(project.clone()).or_default())
    }
}

impl Reads {
    /// The image in a list that is there and answers still.
    fn recent(&self, fingerprint: &Fingerprint) -> Option<Image> {
        let list = self.list.try_lock().ok()?;
        list.as_ref().filter(|list| list.is_fresh())?.images.get(fingerprint).cloned()
    }
}

impl List {
    fn is_fresh(&self) -> bool {
        self.received_at.elapsed() < FRESH
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Client {
    /// As [`image`](Self::image), for one of perhaps many that are read at the same time. It may be some moments old.
    pub async fn one_of_many(&self, project: &Project, fingerprint: &Fingerprint) -> Result<Option<Image>, Error> {
        let shared = &self.shared.reads;
        if shared.has_written.load(Ordering::SeqCst) {
            return self.image(project, fingerprint).await;
        }
        let reads = shared.of(project);
        let before = reads.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(&reads.under_way);
        let listed = match reads.recent(fingerprint) {
            None if before >= HANDFUL => self.in_shared_list(project, &reads, fingerprint).await?,
            recent => recent,
        };
        match listed {
            Some(image) if !shared.has_written.load(Ordering::SeqCst) => Ok(Some(image)),
            // What is not in the list is gone, has come since, or is not understood: that shows only one by one.
            _ => self.image(project, fingerprint).await,
        }
    }

    async fn in_shared_list(
        &self,
        project: &Project,
        reads: &Reads,
        fingerprint: &Fingerprint,
    ) -> Result<Option<Image>, Error> {
        let mut list = reads.list.lock().await;
        if let Some(list) = list.as_ref().filter(|list| list.is_fresh()) {
            return Ok(list.images.get(fingerprint).cloned());
        }
        let images = self.images(project).await?.into_iter().map(|image| (image.fingerprint.clone(), image));
        let new = list.insert(List { images: images.collect(), received_at: Instant::now() });
        Ok(new.images.get(fingerprint).cloned())
    }
}
