//! A Terraform and OpenTofu provider for the images of Incus servers, in three rooms: [`tfplugin`] is Terraform's side,
//! [`incus`] is Incus's side, and [`provider`] is what the user sees. Arrows go one way: `provider` uses the other two,
//! which know nothing of it nor of each other.

pub mod incus;
pub mod provider;
pub mod tfplugin;
