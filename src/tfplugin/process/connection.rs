//! Accepted connections: with or without TLS, over a unix socket or TCP, all the same to gRPC.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::listener::Incoming;

/// Time for a client to finish its TLS handshake. Terraform needs milliseconds.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause after a failed accept, which is a lack of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Any stream of bytes.
trait Stream: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// A connection that may be served: with mutual TLS, its client has proved who it is.
pub(super) struct Connection(Pin<Box<dyn Stream>>);

/// Accepts without end. Each TLS handshake runs in a task of its own: a client that stays silent holds up nobody else.
pub(super) async fn accept(incoming: Incoming, tls: Option<TlsAcceptor>, connections: mpsc::Sender<Connection>) {
    loop {
        match incoming.accept().await {
            Ok(stream) => match tls.clone() {
                Some(tls) => drop(tokio::spawn(authenticate(stream, tls, connections.clone()))),
                None => drop(connections.send(Connection(stream)).await),
            },
            Err(error) => {
                tracing::warn!(%error, "unable to accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn authenticate(stream: Pin<Box<dyn Stream>>, tls: TlsAcceptor, connections: mpsc::Sender<Connection>) {
    match tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => drop(connections.send(Connection(Box::pin(stream))).await),
        Ok(Err(error)) => tracing::warn!(%error, "refused a client that did not prove to be our Terraform"),
        Err(_) => tracing::warn!("gave up on a client that did not finish its TLS handshake"),
    }
}

impl Incoming {
    async fn accept(&self) -> io::Result<Pin<Box<dyn Stream>>> {
        match self {
            Self::Unix(listener) => Ok(Box::pin(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::pin(stream))
            }
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(cx, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_shutdown(cx)
    }
}
