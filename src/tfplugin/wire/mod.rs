//! The wire: generated protobuf messages, value encoding, and the service that turns RPCs into calls on the traits.

pub mod proto;
