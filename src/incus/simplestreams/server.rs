//! An image server whose images are read once for all who ask at about the same time. Not for how they are fetched, see
//! `download`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::catalog::Catalog;
use super::download::Download;
use super::error::ImageServerError;
use crate::incus::{Certificate, ServerUrl};

/// How old an answer may be.
const MAX_AGE: Duration = Duration::from_secs(60);

/// An image server. Copies share what was read.
#[derive(Clone, Debug)]
pub struct ImageServer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    download: Download,
    latest: Mutex<Option<Reading>>,
}

/// What was read, or why nothing was.
#[derive(Clone, Debug)]
struct Reading {
    begun: Instant,
    ended: Instant,
    catalog: Result<Arc<Catalog>, Arc<ImageServerError>>,
}

impl ImageServer {
    /// The image server at an address, which may show this certificate, or one that this machine trusts. Nothing is contacted.
    pub fn new(url: ServerUrl, certificate: Option<Certificate>) -> Self {
        Self { shared: Arc::new(Shared { download: Download::new(url, certificate), latest: Mutex::new(None) }) }
    }

    /// The certificate that it may show, whoever signed it.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.shared.download.certificate()
    }

    /// Its address.
    pub fn url(&self) -> &ServerUrl {
        self.shared.download.server()
    }

    /// Its images, as they were at most a minute ago.
    pub async fn catalog(&self) -> Result<Arc<Catalog>, Arc<ImageServerError>> {
        let asked = Instant::now();
        let mut latest = self.shared.latest.lock().await;
        if let Some(reading) = latest.as_ref().filter(|reading| reading.answers(asked, Instant::now())) {
            return reading.catalog.clone();
        }
        let begun = Instant::now();
        let catalog = self.shared.download.catalog().await.map(Arc::new).map_err(Arc::new);
        *latest = Some(Reading { begun, ended: Instant::now(), catalog: catalog.clone() });
        catalog
    }
}

impl Reading {
    /// A failure answers only those who waited for it: a hundred shall not wait for a hundred of them.
    fn answers(&self, asked: Instant, now: Instant) -> bool {
        match self.catalog {
            Ok(_) => now.duration_since(self.begun) <= MAX_AGE,
            Err(_) => asked <= self.ended,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
