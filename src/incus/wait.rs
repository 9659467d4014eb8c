//! Waits for operations, and cancels them. Not for starting them.

use std::future;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::Level;

use super::answer::{Answer, Malformed};
use super::operation::{Operation, State};
use super::transport::{Received, Transport};
use super::{Error, INTERVAL, requests};

/// Between two attempts to cancel, or to wait after a failed wait.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits until the operation has ended, and returns its end if that is success. When `stop` fires, the operation is
/// cancelled as soon as the server allows it.
pub(crate) async fn finish(
    transport: &Transport,
    what: &str,
    begun: &Value,
    stop: &CancellationToken,
) -> Result<Operation, Error> {
    let mut operation = Operation::from_json(begun).map_err(|malformed| transport.not_understood(what, malformed))?;
    while operation.state == State::Running {
        tokio::select! {
            () = block(transport, what, &operation.id) => operation = look(transport, what, operation).await?,
            () = report(transport, what, &operation) => {}
            () = stop.cancelled() => return Err(cancel(transport, what, operation).await),
        }
    }
    match &operation.state {
        State::Failed(message) => Err(failure(transport, what, &operation, message.clone())),
        State::Running | State::Succeeded => Ok(operation),
    }
}

/// Blocks until the operation has ended, or the connection.
async fn block(transport: &Transport, what: &str, id: &str) {
    if transport.send(what, requests::wait(id)).await.is_err() {
        sleep(PAUSE).await;
    }
}

/// The operation as it is now. Incus forgets it five seconds after its end.
async fn look(transport: &Transport, what: &str, operation: Operation) -> Result<Operation, Error> {
    let ask = || transport.send(what, requests::operation(&operation.id));
    let answer = match ask().await {
        // The operation has ended, and what it did must not be lost for one bad answer.
        Ok(Received { answer: Answer::Refused { status: 500.., .. }, .. }) | Err(Error::Interrupted { .. }) => {
            sleep(PAUSE).await;
            ask().await?.answer
        }
        // Of a cluster, after many attempts: it has been waited for long enough.
        Err(Error::Server { message, .. }) => {
            let lost = format!("the server or cluster member that was at it can't be asked any more ({message})");
            return Err(failure(transport, what, &operation, lost));
        }
        outcome => outcome?.answer,
    };
    match answer {
        Answer::Done(now) => Operation::from_json(&now).map_err(|malformed| transport.not_understood(what, malformed)),
        Answer::Refused { status: 404, .. } => {
            let lost = "the server no longer knows the operation; was it restarted?".to_owned();
            Err(failure(transport, what, &operation, lost))
        }
        Answer::Refused { message, .. } => Err(failure(transport, what, &operation, message)),
        Answer::Begun(_) => {
            Err(transport.not_understood(what, Malformed("an operation within an operation".to_owned())))
        }
    }
}

/// Says in the log how far the operation is; never ends.
async fn report(transport: &Transport, what: &str, operation: &Operation) {
    if !tracing::enabled!(Level::INFO) {
        return future::pending().await;
    }
    loop {
        sleep(INTERVAL).await;
        if let Ok(Operation { progress, .. }) = look(transport, what, operation.clone()).await {
            let progress = progress.map(|progress| format!(": {progress}")).unwrap_or_default();
            tracing::info!(operation = operation.id, "still at it: {what}{progress}");
        }
    }
}

/// Cancels the operation and waits for its end. Incus refuses until a download has begun, and for other operations always.
async fn cancel(transport: &Transport, what: &str, mut operation: Operation) -> Error {
    while operation.state == State::Running {
        // Whether that was allowed shows in the operation itself.
        let _ = transport.send(what, requests::cancel(&operation.id)).await;
        operation = match look(transport, what, operation).await {
            Ok(operation) => operation,
            Err(error) => return error,
        };
        if operation.state == State::Running {
            sleep(PAUSE).await;
        }
    }
    Error::Stopped { what: what.to_owned(), fingerprint: operation.fingerprint, started_at: Some(operation.created_at) }
}

fn failure(transport: &Transport, what: &str, operation: &Operation, message: String) -> Error {
    Error::Operation {
        what: what.to_owned(),
        address: transport.address().to_owned(),
        message,
        fingerprint: operation.fingerprint.clone(),
        started_at: operation.created_at,
    }
}
