//! The ways in which an image comes to a server. Each begins an operation and waits for its end.

use std::pin::pin;
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Client, secret, stopped};
use crate::incus::answer::Malformed;
use crate::incus::operation::Operation;
use crate::incus::progress;
use crate::incus::requests::{self, Body, Request};
use crate::incus::{
    Copy, Endpoint, Error, Files, Fingerprint, Project, Publish, Push, ServerUrl, Source, Upload, wait,
};

/// How long a stop waits for an answer that is due.
const PATIENCE: Duration = Duration::from_secs(5);

/// An image that an operation of ours brought in, or found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The image.
    pub fingerprint: Fingerprint,
    /// When the operation was begun, by the server's clock: an image with an earlier `uploaded_at` was there before.
    pub started_at: OffsetDateTime,
    /// The operation's identifier.
    pub operation: String,
}

impl Client {
    /// Uploads an image; [`Error::AlreadyExists`] if the project has it. There must be such a project: Incus 6.0.4 takes an upload to
    /// an unknown one to its last byte, refuses it, and never removes the bytes.
    pub async fn upload(
        &self,
        project: &Project,
        upload: &Upload,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let what = match &upload.files {
            Files::Unified { path } => format!("upload {}", path.display()),
            Files::Split { metadata, rootfs, .. } => format!("upload {} and {}", metadata.display(), rootfs.display()),
        };
        let outcome = self.bring_in(&what, requests::upload(project, upload), stop).await;
        outcome.map_err(|error| already_there(error, upload.fingerprint.as_ref()))
    }

    /// Has the server fetch an image. If the project has it already, that may be silent success, and the image's fields are
    /// overwritten: [`Client::has_brought_in`] tells. [`Error::AlreadyExists`] where it is seen at once; they are then, too.
    pub async fn copy(&self, project: &Project, copy: &Copy, stop: &CancellationToken) -> Result<Imported, Error> {
        let what = format!("copy {}", copy.source);
        let outcome = self.bring_in(&what, requests::copy(project, copy), stop).await;
        match outcome.map_err(|error| already_there(hiding(error, &copy.source), copy.source.fingerprint())) {
            // No alias was asked for: one is reported as taken only when the image was there, and has it itself.
            Err(Error::Operation { message, fingerprint: Some(fingerprint), address, .. })
                if message.contains("Alias already exists") =>
            {
                Err(Error::AlreadyExists { fingerprint, address })
            }
            outcome => outcome,
        }
    }

    /// Makes an image of an instance. That is never tried twice: it would be two images.
    pub async fn publish(
        &self,
        project: &Project,
        publish: &Publish,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let what = format!("publish {}", publish.instance);
        self.bring_in(&what, requests::publish(project, publish), stop).await
    }

    /// Has another server send an image, which it has in `their_project`; `endpoint` is how it reaches this one.
    /// [`Error::AlreadyExists`] if the project has it.
    pub async fn push(
        &self,
        project: &Project,
        push: &Push,
        endpoint: &Endpoint,
        them: &Client,
        their_project: &Project,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let what = format!("push image {} to {}", push.fingerprint, endpoint.url);
        let token = self.begun(&what, requests::expect(project, push)).await?;
        let expected = Operation::from_json(&token).map_err(|malformed| self.decode(&what, malformed))?;
        let secret = secret(&token).map_err(|malformed| self.decode(&what, malformed))?;
        let (what, secret) = (&what, &secret);
        let attempt = |url: ServerUrl| async move {
            let certificate = endpoint.certificate.as_deref();
            let request = requests::push(their_project, &push.fingerprint, &url, certificate, project, secret);
            let begun = them.begun_unless(what, request, stop).await?;
            wait::finish(them.transport(), what, &begun, stop).await
        };
        let outcome = endpoint.first_reached(attempt).await;
        self.withdraw(secret).await;
        match outcome {
            Ok(_) => Ok(Imported {
                fingerprint: push.fingerprint.clone(),
                started_at: expected.created_at,
                operation: expected.id,
            }),
            Err(error) => Err(about(already_there(error, Some(&push.fingerprint)), &push.fingerprint)),
        }
    }

    async fn bring_in(
        &self,
        what: &str,
        request: Result<Request, http::Error>,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let begun = self.begun_unless(what, request, stop).await?;
        self.imported(what, &begun, stop).await
    }

    /// The image that an operation brings in.
    pub(super) async fn imported(
        &self,
        what: &str,
        begun: &Value,
        stop: &CancellationToken,
    ) -> Result<Imported, Error> {
        let operation = wait::finish(self.transport(), what, begun, stop).await?;
        match operation.fingerprint {
            Some(fingerprint) => {
                Ok(Imported { fingerprint, started_at: operation.created_at, operation: operation.id })
            }
            None => Err(self.decode(what, Malformed("the operation names no image".to_owned()))),
        }
    }

    /// The operation that a request began, unless `stop` fires before. What is short is answered at once, so that answer is still
    /// awaited: an operation that nobody knows of could not be cancelled.
    async fn begun_unless(
        &self,
        what: &str,
        request: Result<Request, http::Error>,
        stop: &CancellationToken,
    ) -> Result<Value, Error> {
        if stop.is_cancelled() {
            return Err(stopped(what));
        }
        let patience = match request.as_ref().map(Request::body) {
            Ok(Body::Json(_)) => PATIENCE,
            _ => Duration::ZERO,
        };
        let mut begun = pin!(progress::told(what, None, self.begun(what, request)));
        tokio::select! {
            begun = &mut begun => begun,
            () = stop.cancelled() => timeout(patience, begun).await.unwrap_or_else(|_| Err(stopped(what))),
        }
    }
}

/// The error with the server's words, which may repeat the address that they are about.
fn hiding(error: Error, source: &Source) -> Error {
    match error {
        Error::Server { what, address, status, message } => {
            Error::Server { what, address, status, message: source.hidden_in(&message) }
        }
        Error::Operation { what, address, message, fingerprint, started_at } => {
            Error::Operation { what, address, message: source.hidden_in(&message), fingerprint, started_at }
        }
        other => other,
    }
}

/// The error with the image that it is about: the operation of a server that sends one names none, and it may have arrived.
fn about(mut error: Error, image: &Fingerprint) -> Error {
    if let Error::Operation { fingerprint, .. } | Error::Stopped { fingerprint, .. } = &mut error {
        fingerprint.get_or_insert_with(|| image.clone());
    }
    error
}

/// The error of a transfer, told apart where the very image is there.
pub(super) fn already_there(error: Error, expected: Option<&Fingerprint>) -> Error {
    let Error::Operation { message, fingerprint, address, .. } = &error else { return error };
    let words = [
        "same fingerprint already exists",
        // Of two at once the database refuses the second.
        "UNIQUE constraint failed: images.project_id, images.fingerprint", // 6.0.4
        "Image record already exists",                                     // 7.3
    ];
    let is_there = words.iter().any(|words| message.contains(words));
    match fingerprint.as_ref().or(expected).cloned() {
        Some(fingerprint) if is_there => Error::AlreadyExists { fingerprint, address: address.clone() },
        _ => error,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
