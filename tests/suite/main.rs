//! The test suite: one binary, a module for each kind of test.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod cli;
mod dist;
mod export;
mod cluster;
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
