//! Reads that share a list: of hundreds of images, each need not be asked for, nor all of them for each look-up. For reads of single
//! images, a list is asked for once several of one project are under way at the same time, and answers those that come soon after
//! too. Once this process has written to the server, these share nothing any more: no answer is older than a write of its own.

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

/// All images of a project, in their order, and where each one is among them.
#[derive(Debug, Clone)]
struct List {
    begun_at: Instant,
    received_at: Instant,
    images: Arc<Vec<Image>>,
    positions: Arc<HashMap<Fingerprint, usize>>,
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
        list.as_ref().filter(|list| list.is_fresh())?.image(fingerprint)
    }
}

impl List {
    fn new(begun_at: Instant, images: Vec<Image>) -> Self {
        let positions =
            images.iter().enumerate().map(|(position, image)| (image.fingerprint.clone(), position)).collect();
        Self { begun_at, received_at: Instant::now(), images: Arc::new(images), positions: Arc::new(positions) }
    }

    fn image(&self, fingerprint: &Fingerprint) -> Option<Image> {
        self.images.get(*self.positions.get(fingerprint)?).cloned()
    }

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
            None if before >= HANDFUL => self.shared_list(project, &reads, List::is_fresh).await?.image(fingerprint),
            recent => recent,
        };
        match listed {
            Some(image) if !shared.has_written.load(Ordering::SeqCst) => Ok(Some(image)),
            // What is not in the list is gone, has come since, or is not understood: that shows only one by one.
            _ => self.image(project, fingerprint).await,
        }
    }

    /// As [`images`](Self::images), for one of perhaps many look-ups at the same time: those that wait for one list share the next
    /// one. It is asked for after all of them came, so none of them gets anything old.
    pub async fn images_for_many(&self, project: &Project) -> Result<Arc<Vec<Image>>, Error> {
        let came_at = Instant::now();
        let list = self.shared_list(project, &self.shared.reads.of(project), |list| list.begun_at >= came_at).await?;
        Ok(list.images)
    }

    /// The list that is there, if it will do, or a new one.
    async fn shared_list(
        &self,
        project: &Project,
        reads: &Reads,
        will_do: impl Fn(&List) -> bool,
    ) -> Result<List, Error> {
        let mut list = reads.list.lock().await;
        if let Some(list) = list.as_ref().filter(|list| will_do(list)) {
            return Ok(list.clone());
        }
        let begun_at = Instant::now();
        Ok(list.insert(List::new(begun_at, self.images(project).await?)).clone())
    }
}
