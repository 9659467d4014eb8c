//! The test suite: one binary, a module for each kind of test.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod cli;
mod cluster;
mod dist;
mod export;
mod guides;
mod harness;
mod house;
mod identity;
mod lookup;
mod process;
mod protocol;
mod query;
mod remotes;
mod sources;
mod support;
mod swap;
