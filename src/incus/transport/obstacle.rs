//! What a failed connection says about its cause. Not for words, see `error`.

use std::error::Error as StdError;
use std::io;
use std::iter;

use crate::incus::Obstacle;

/// What was in the way to a unix socket.
pub(super) fn at_socket(error: &reqwest::Error) -> Obstacle {
    match kinds(error).next() {
        Some(io::ErrorKind::NotFound) => Obstacle::Missing,
        Some(io::ErrorKind::PermissionDenied) => Obstacle::Forbidden,
        Some(io::ErrorKind::ConnectionRefused) => Obstacle::Refused,
        _ => Obstacle::Other,
    }
}

/// What was in the way to a server on the network.
pub(super) fn on_network(error: &reqwest::Error) -> Obstacle {
    if error.is_timeout() {
        return Obstacle::Silence;
    }
    // The resolver has no kind of error of its own.
    if causes(error).any(|cause| cause.to_string() == "dns error") {
        return Obstacle::Unresolvable;
    }
    match kinds(error).next() {
        Some(io::ErrorKind::ConnectionRefused) => Obstacle::Closed,
        Some(io::ErrorKind::TimedOut) => Obstacle::Silence,
        _ => Obstacle::Other,
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    // Not the `source` of a reference, which would not live as long.
    iter::successors(Some(first), |error| (**error).source())
}

/// What the operating system said, outermost first.
fn kinds(error: &reqwest::Error) -> impl Iterator<Item = io::ErrorKind> {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}
