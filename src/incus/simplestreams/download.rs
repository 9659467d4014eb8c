//! Fetches the index files of an image server: the one place that talks to it. Not for understanding them.

use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use super::catalog::Catalog;
use super::error::{Hindrance, ImageServerError};
use super::products;
use crate::incus::tls::{self, Otherwise, Trust};
use crate::incus::{Certificate, Pin, ServerUrl};

const CONNECT: Duration = Duration::from_secs(10);

/// For all files together.
const WHOLE: Duration = Duration::from_secs(60);

/// Some image servers look at who asks.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The way to one image server.
#[derive(Debug)]
pub(super) struct Download {
    server: ServerUrl,
    certificate: Option<Certificate>,
    /// Made when it is first needed: it reads the certificates that this machine trusts.
    http: OnceCell<reqwest::Client>,
}

impl Download {
    pub(super) fn new(server: ServerUrl, certificate: Option<Certificate>) -> Self {
        Self { server, certificate, http: OnceCell::new() }
    }

    pub(super) fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    pub(super) fn server(&self) -> &ServerUrl {
        &self.server
    }

    /// Fetches and reads all that the server lists.
    pub(super) async fn catalog(&self) -> Result<Catalog, ImageServerError> {
        let too_slow = |_| ImageServerError::TooSlow { server: self.server.clone(), seconds: WHOLE.as_secs() };
        tokio::time::timeout(WHOLE, self.read()).await.map_err(too_slow)?
    }

    async fn read(&self) -> Result<Catalog, ImageServerError> {
        let url = self.url("streams/v1/index.json");
        let index = self.file(&url).await?;
        let paths = products::paths(&index).map_err(|source| ImageServerError::Malformed { url, source })?;
        let mut images = Vec::new();
        for path in paths {
            let url = self.url(&path);
            let file = self.file(&url).await?;
            let listed = Catalog::images_of(&file).map_err(|source| ImageServerError::Malformed { url, source })?;
            images.extend(listed);
        }
        Ok(Catalog::new(images))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{}", self.server, path.trim_start_matches('/'))
    }

    async fn file(&self, url: &str) -> Result<bytes::Bytes, ImageServerError> {
        let http = self.http.get_or_try_init(async || self.client()).await?;
        let begun = Instant::now();
        let response = http.get(url).send().await.map_err(|error| self.broken(url, error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(ImageServerError::Status { url: url.to_owned(), status: status.as_u16() });
        }
        let body = response.bytes().await.map_err(|error| self.broken(url, error))?;
        let milliseconds = begun.elapsed().as_millis();
        tracing::debug!(url, bytes = body.len(), milliseconds, "read a file of an image server");
        Ok(body)
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
        builder.build().map_err(|error| self.impossible(error))
    }

    fn impossible(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageServerError {
        ImageServerError::Client { server: self.server.clone(), source: source.into() }
    }

    fn broken(&self, url: &str, error: reqwest::Error) -> ImageServerError {
        let source = error.without_url();
        if source.is_builder() {
            return self.impossible(source);
        }
        match source.is_connect() {
            true => {
                let hindrance = Hindrance::of(&source);
                ImageServerError::Unreachable { server: self.server.clone(), hindrance, source }
            }
            false => ImageServerError::Interrupted { url: url.to_owned(), source },
        }
    }
}
