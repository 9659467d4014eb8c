//! An image server whose images are read once for all who ask at about the same time. Not for how they are fetched, see
//! `download`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::Mutex;

use super::catalog::Catalog;
use super::download::Download;
use super::error::ImageServerError;
use super::file::StreamFile;
use crate::incus::{Certificate, Content, Error, FileHead, Fingerprint, ImageContent, Piece, ServerUrl};

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
        let known = latest.as_ref().and_then(|reading| reading.catalog.as_ref().ok());
        let catalog = self.shared.download.catalog(known).await.map_err(Arc::new);
        *latest = Some(Reading { begun, ended: Instant::now(), catalog: catalog.clone() });
        catalog
    }

    /// The files of an image, in the order in which they make its fingerprint.
    ///
    /// # Errors
    /// Where the server does not list the image.
    pub async fn files_of(&self, fingerprint: &Fingerprint) -> Result<Vec<StreamFile>, Error> {
        let catalog = self.catalog().await?;
        let image = catalog.images().iter().find(|image| image.fingerprint == *fingerprint);
        let absent = || ImageServerError::NoImage { server: self.url().clone(), fingerprint: fingerprint.clone() };
        Ok(image.ok_or_else(absent)?.files().cloned().collect())
    }

    /// Opens a file of an image, to be read from there. It ends with an error where it is not the file that the server lists.
    ///
    /// # Errors
    /// Where the server does not give it out.
    pub async fn open(&self, file: &StreamFile) -> Result<Content, Error> {
        self.shared.download.open(file).await
    }

    /// The content of an image. Each file is asked for when it is its turn.
    ///
    /// # Errors
    /// As [`files_of`](Self::files_of).
    pub async fn content(&self, fingerprint: &Fingerprint) -> Result<ImageContent, Error> {
        let files = self.files_of(fingerprint).await?;
        let size = files.iter().map(|file| file.size).fold(0, u64::saturating_add);
        let images = self.clone();
        let pieces = stream::iter(files).then(move |file| {
            let images = images.clone();
            async move {
                let head = Piece::File(FileHead { half: file.half, name: Some(file.name().to_owned()) });
                let bytes = images.open(&file).await?.map_ok(Piece::Bytes);
                Ok::<_, Error>(stream::once(async { Ok(head) }).chain(bytes))
            }
        });
        Ok(ImageContent { size: Some(size), is_oci: false, pieces: pieces.try_flatten().boxed() })
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
