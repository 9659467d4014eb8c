//! The rules that core holds every answer against. Each takes what was asked and answered, and returns what is wrong.

mod answered;
mod applied;
mod extras;
mod identity;
mod planned;
mod schemas;

pub(crate) use self::answered::{decoded, diagnostics, private_kept, round_trip, wholly_known};
pub(crate) use self::applied::{Ending, applied, compatible};
pub(crate) use self::extras::{called, function, invoked, listed, not_deferred};
pub(crate) use self::identity::{identified, identity, identity_schema, planned_identity};
pub(crate) use self::planned::{planned, replacing};
pub(crate) use self::schemas::{RESERVED_IN_PROVIDERS, RESERVED_IN_RESOURCES, schema};
pub(crate) use super::breach::Breach;
