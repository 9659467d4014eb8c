//! One life of the process: listen, say where, serve, and end without leaving anything behind.

use std::convert::Infallible;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::ServingStatus;

use super::error::Error;
use super::lifetime::{abandoned, interrupted};
use super::listener::{self, Listener};
use super::services::Services;
use super::tls::MutualTls;
use super::{About, GrpcService, debug, handshake, logging, panic, print};
use crate::tfplugin::stop::Stop;
use crate::tfplugin::wire::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::tfplugin::wire::proto::plugin::grpc_controller_server::GrpcControllerServer;
use crate::tfplugin::wire::proto::plugin::grpc_stdio_server::GrpcStdioServer;

/// Threads that serve requests. They wait for servers most of the time, and each costs start-up time and memory.
const MAX_THREADS: usize = 4;

/// What a client may send before we have read it, so that states of megabytes come in one go. HTTP/2's own 64 KiB would
/// stop for an answer that often.
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Time for answers and running requests to finish after `Shutdown`. Terraform kills the process after two seconds.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// Time for running requests to reach a safe point when nobody is left to kill the process.
const ABANDONED_GRACE: Duration = Duration::from_secs(10);

/// Serves the Terraform that started us, until it says `Shutdown` or is gone.
pub(super) fn serve<S: GrpcService>(about: &About, service: impl FnOnce(Stop) -> S) -> Result<(), Error> {
    live(about, async {
        let abandoned = abandoned().map_err(Error::Signals)?;
        let crypto = Arc::new(ring::default_provider());
        let tls = MutualTls::from_environment(&crypto)?;
        let listener = listener::bind(&crypto)?;
        print(&handshake::line(&listener.address, tls.as_ref().map(|tls| &tls.certificate)))?;
        serve_until(abandoned, listener, tls.map(|tls| tls.acceptor), service).await
    })
}

/// Serves any Terraform that attaches, until interrupted.
pub(super) fn serve_debugger<S: GrpcService>(about: &About, service: impl FnOnce(Stop) -> S) -> Result<(), Error> {
    live(about, async {
        let interrupted = interrupted().map_err(Error::Signals)?;
        let listener = listener::bind(&ring::default_provider())?;
        print(&debug::instructions(about, &listener.address))?;
        serve_until(interrupted, listener, None, service).await
    })
}

/// Runs a whole life, and leaves behind no thread that could keep the process.
fn live(about: &About, life: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    logging::start(about);
    panic::install_hook();
    let runtime = runtime().map_err(Error::Runtime)?;
    let outcome = runtime.block_on(life);
    runtime.shutdown_background();
    outcome
}

fn runtime() -> std::io::Result<Runtime> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
    runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

async fn serve_until<S: GrpcService>(
    ended_from_outside: impl Future<Output = ()>,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    service: impl FnOnce(Stop) -> S,
) -> Result<(), Error> {
    // The address is the socket on disk: it goes last.
    let Listener { address, incoming } = listener;
    tracing::debug!(network = address.network(), address = address.location(), mutual_tls = tls.is_some(), "serving");
    let (sender, connections) = mpsc::channel(1);
    tokio::spawn(super::connection::accept(incoming, tls, sender));

    let (stop, end) = (Stop::new(), CancellationToken::new());
    let server = router(service(stop.clone()), end.clone()).await.serve_with_incoming_shutdown(
        ReceiverStream::new(connections).map(Ok::<_, Infallible>),
        end.clone().cancelled_owned(),
    );
    tokio::pin!(server);

    let grace = tokio::select! {
        biased;
        () = end.cancelled() => SHUTDOWN_GRACE,
        () = ended_from_outside => ABANDONED_GRACE,
        // After a `Shutdown` it may have ended, too, while requests still run.
        outcome = &mut server => return Ok(outcome?),
    };
    end.cancel();
    stop.request();
    let finished = async { tokio::join!(server, stop.idle()).0 };
    match tokio::time::timeout(grace, finished).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => {
            tracing::warn!(seconds = grace.as_secs(), "left while requests were running");
            Ok(())
        }
    }
}

/// The provider's service beside go-plugin's. No timeouts and no keepalive: an apply may run for hours.
async fn router<S: GrpcService>(provider: S, end: CancellationToken) -> Router {
    let services = Services::new(end);
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("plugin", ServingStatus::Serving).await;
    Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .add_service(provider)
        .add_service(GrpcControllerServer::new(services.clone()))
        .add_service(GrpcStdioServer::new(services.clone()))
        .add_service(GrpcBrokerServer::new(services))
        .add_service(health_service)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use tokio_rustls::rustls::crypto::ring;

    use super::serve_until;
    use crate::tfplugin::process::listener::bind;
    use crate::tfplugin::wire::proto::tfplugin5::provider_server::{Provider, ProviderServer};

    struct Nothing;

    impl Provider for Nothing {}

    #[tokio::test]
    async fn a_running_request_is_cancelled_and_then_waited_for() {
        let finished = Arc::new(AtomicBool::new(false));
        let request_finished = Arc::clone(&finished);
        let terraform_is_gone = async {};
        let listener = bind(&ring::default_provider()).unwrap();

        let ended = serve_until(terraform_is_gone, listener, None, |stop| {
            let running = stop.begin();
            tokio::spawn(async move {
                running.token().cancelled().await;
                tokio::time::sleep(Duration::from_millis(100)).await;
                request_finished.store(true, Ordering::SeqCst);
            });
            ProviderServer::new(Nothing)
        });

        ended.await.unwrap();
        assert!(finished.load(Ordering::SeqCst), "the process left while a request was running");
    }
}
