//! Fetches the files of an image server: the one place that talks to it. Index files are kept, and asked for again only if they
//! have changed. Not for understanding them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::sync::{Mutex, OnceCell};

use super::catalog::Catalog;
use super::error::{Hindrance, ImageServerError};
use super::file::StreamFile;
use super::products;
use crate::incus::tls::{self, Otherwise, Trust};
use crate::incus::{Certificate, Content, Error, Pin, ServerUrl};

const CONNECT: Duration = Duration::from_secs(10);

/// For all files together.
const WHOLE: Duration = Duration::from_secs(60);

/// The longest index file for which there is room before it has come, in bytes.
const MOST_FORESEEN: usize = 64 << 20;

/// Some image servers look at who asks.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The way to one image server.
#[derive(Debug)]
pub(super) struct Download {
    server: ServerUrl,
    certificate: Option<Certificate>,
    /// Made when it is first needed: it reads the certificates that this machine trusts.
    http: OnceCell<reqwest::Client>,
    /// The index files that the server can tell from newer ones, by URL.
    kept: Mutex<HashMap<String, Kept>>,
}

/// An index file, and by what the server knows it.
#[derive(Clone, Debug)]
struct Kept {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
    body: Bytes,
}

/// An index file, and whether it is what it was the last time.
struct IndexFile {
    body: Bytes,
    is_unchanged: bool,
}

impl Download {
    pub(super) fn new(server: ServerUrl, certificate: Option<Certificate>) -> Self {
        Self { server, certificate, http: OnceCell::new(), kept: Mutex::default() }
    }

    pub(super) fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    pub(super) fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Fetches and reads all that the server lists; `known` where nothing has changed since.
    pub(super) async fn catalog(&self, known: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>, ImageServerError> {
        let too_slow = |_| ImageServerError::TooSlow { server: self.server.clone(), seconds: WHOLE.as_secs() };
        tokio::time::timeout(WHOLE, self.read(known)).await.map_err(too_slow)?
    }

    async fn read(&self, known: Option<&Arc<Catalog>>) -> Result<Arc<Catalog>, ImageServerError> {
        let url = self.url("streams/v1/index.json");
        let index = self.file(&url).await?;
        let mut is_known = index.is_unchanged;
        let paths = products::paths(&index.body).map_err(|source| ImageServerError::Malformed { url, source })?;
        let mut files = Vec::new();
        for path in paths {
            let url = self.url(&path);
            let file = self.file(&url).await?;
            is_known &= file.is_unchanged;
            files.push((url, file.body));
        }
        if let Some(known) = known.filter(|_| is_known) {
            return Ok(Arc::clone(known));
        }
        let mut images = Vec::new();
        for (url, file) in files {
            let listed = Catalog::images_of(&file).map_err(|source| ImageServerError::Malformed { url, source })?;
            images.extend(listed);
        }
        Ok(Arc::new(Catalog::new(images)))
    }

    /// Opens a file of an image, which is read as it comes.
    pub(super) async fn open(&self, file: &StreamFile) -> Result<Content, Error> {
        let url = self.url(&file.path);
        // Packed once more on its way it would have another hash.
        let unpacked = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        let response = self.get(&url, unpacked).await?;
        let (server, broken) = (self.server.clone(), url.clone());
        let content = response.bytes_stream().map_err(move |error| broken_off(&server, &broken, error).into());
        Ok(file.checked(url, content.boxed()))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}", self.server, path.trim_start_matches('/'))
    }

    /// An index file: what was kept of it, if it is unchanged.
    async fn file(&self, url: &str) -> Result<IndexFile, ImageServerError> {
        let kept = self.kept.lock().await.get(url).cloned();
        let mut response = self.get(url, kept.as_ref().map(Kept::condition).unwrap_or_default()).await?;
        if let Some(kept) = kept.filter(|_| response.status() == StatusCode::NOT_MODIFIED) {
            return Ok(IndexFile { body: kept.body, is_unchanged: true });
        }
        let validators = [header::ETAG, header::LAST_MODIFIED].map(|name| response.headers().get(name).cloned());
        let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let mut body = BytesMut::with_capacity(length.min(MOST_FORESEEN));
        while let Some(bytes) = response.chunk().await.map_err(|error| broken_off(&self.server, url, error))? {
            body.extend_from_slice(&bytes);
        }
        let body = body.freeze();
        let [etag, last_modified] = validators;
        if etag.is_some() || last_modified.is_some() {
            let kept = Kept { etag, last_modified, body: body.clone() };
            self.kept.lock().await.insert(url.to_owned(), kept);
        }
        Ok(IndexFile { body, is_unchanged: false })
    }

    /// The answer to a request for a file, its body still to come.
    async fn get(&self, url: &str, headers: HeaderMap) -> Result<reqwest::Response, ImageServerError> {
        let http = self.http.get_or_try_init(async || self.client()).await?;
        let begun = Instant::now();
        let response = http.get(url).headers(headers).send().await;
        let response = response.map_err(|error| broken_off(&self.server, url, error))?;
        let status = response.status();
        let milliseconds = begun.elapsed().as_millis();
        tracing::debug!(url, status = status.as_u16(), milliseconds, "asked an image server");
        match status.is_success() || status == StatusCode::NOT_MODIFIED {
            true => Ok(response),
            false => Err(ImageServerError::Status { url: url.to_owned(), status: status.as_u16() }),
        }
    }

    fn client(&self) -> Result<reqwest::Client, ImageServerError> {
        let plain = self.server.is_plain();
        let tls = match plain {
            true => tls::trusting_nobody(),
            false => {
                let pin = self.certificate.clone().map(Pin::Certificate);
                tls::of_image_server(Trust { pin, otherwise: Otherwise::ThisMachine })
            }
        };
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| self.impossible(error))?)
            // No redirect may lead from https to http.
            .https_only(!plain)
            .connect_timeout(CONNECT)
            .user_agent(USER_AGENT);
        let builder = if self.server.is_loopback() { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| self.impossible(error))
    }

    fn impossible(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageServerError {
        impossible(&self.server, source)
    }
}

impl Kept {
    /// Asks for the file only if it is another one by now.
    fn condition(&self) -> HeaderMap {
        let etag = self.etag.clone().map(|etag| (header::IF_NONE_MATCH, etag));
        let date = self.last_modified.clone().map(|date| (header::IF_MODIFIED_SINCE, date));
        etag.into_iter().chain(date).collect()
    }
}

fn impossible(server: &ServerUrl, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageServerError {
    ImageServerError::Client { server: server.clone(), source: source.into() }
}

fn broken_off(server: &ServerUrl, url: &str, error: reqwest::Error) -> ImageServerError {
    let source = error.without_url();
    if source.is_builder() {
        return impossible(server, source);
    }
    match source.is_connect() {
        true => {
            let hindrance = Hindrance::of(&source);
            ImageServerError::Unreachable { server: server.clone(), hindrance, source }
        }
        false => ImageServerError::Interrupted { url: url.to_owned(), source },
    }
}
