//! Terraform's side: a server of the plugin protocol, version 5, and what a provider is written with. Knows nothing of Incus.

pub mod action;
pub mod attr;
pub mod consistency;
pub mod context;
pub mod data_source;
pub mod diagnostic;
pub mod erased;
pub mod function;
pub mod list_resource;
pub mod model;
pub mod path;
pub mod process;
pub mod provider;
pub mod resource;
pub mod saved;
pub mod schema;
pub mod stop;
pub mod typed;
pub mod types;
pub mod value;
pub mod wire;
