//! The harness: real daemons, real command lines, and a host that speaks the plugin protocol.

pub(crate) mod api;
pub(crate) mod cable;
pub(crate) mod cluster;
pub(crate) mod core;
mod daemon;
pub(crate) mod host;
pub(crate) mod http_proxy;
pub(crate) mod images;
pub(crate) mod issuer;
pub(crate) mod lab;
pub(crate) mod machine;
pub(crate) mod outcome;
pub(crate) mod proxy;
pub(crate) mod published;
pub(crate) mod registry;
pub(crate) mod running;
pub(crate) mod simplestreams;
pub(crate) mod terraform;
mod web;
