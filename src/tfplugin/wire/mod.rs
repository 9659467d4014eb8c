//! The wire: generated protobuf messages, value encoding, and the service that turns RPCs into calls on the traits.

mod answers;
mod convert;
mod error;
pub mod json;
pub mod msgpack;
pub mod proto;
mod rpcs;
mod service;

pub use error::DecodeError;
pub use service::service;
