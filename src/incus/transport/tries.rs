//! The attempts at one request: where to, and the pauses between them. The rule is that of `again`.

use std::time::Instant;

use super::again::{self, Effect, Failure, Server};
use super::way::Way;
use super::{Route, Transport};
use crate::incus::Error;

/// The attempts at one request.
pub(super) struct Tries<'a> {
    route: &'a Route,
    effect: Effect,
    failed: usize,
    first_failure: Option<Instant>,
}

impl<'a> Tries<'a> {
    pub(super) fn new(transport: &'a Transport, effect: Effect) -> Self {
        Self { route: &transport.route, effect, failed: 0, first_failure: None }
    }

    /// The way for the next attempt. Who never was there is not waited for.
    pub(super) async fn way(&mut self) -> Result<Way, Error> {
        loop {
            let network = match self.route {
                Route::Socket(way) => return Ok(way.clone()),
                Route::Network(network) => network,
            };
            let is_new = network.is_new();
            match network.open().await {
                Ok(open) => return Ok(open.way),
                Err(error) if is_new => return Err(error),
                Err(error) => self.pause(error).await?,
            }
        }
    }

    /// Waits after an attempt that failed, or returns the error for good. Others are warned of this way.
    pub(super) async fn failed(&mut self, way: &Way, error: Error) -> Result<(), Error> {
        if let (Route::Network(network), Some(_)) = (self.route, Failure::of(&error)) {
            network.leave(way).await;
        }
        self.pause(error).await
    }

    async fn pause(&mut self, error: Error) -> Result<(), Error> {
        let since = self.first_failure.get_or_insert_with(Instant::now).elapsed();
        let judge = |failure| again::pause(self.effect, self.server(), failure, self.failed, since);
        let Some(pause) = Failure::of(&error).and_then(judge) else { return Err(error) };
        self.failed = self.failed.saturating_add(1);
        tokio::time::sleep(pause).await;
        Ok(())
    }

    fn server(&self) -> Server {
        match self.route {
            Route::Socket(_) => Server::Local,
            Route::Network(network) if network.has_elsewhere() => Server::Cluster,
            Route::Network(_) => Server::Remote,
        }
    }
}
