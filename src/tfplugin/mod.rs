//! Terraform's side: a server of the plugin protocol, version 5, and what a provider is written with. Knows nothing of Incus.

pub mod process;
pub mod stop;
pub mod wire;
