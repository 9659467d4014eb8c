//! Looking images up: the data sources `incus_images` and `incus_image`, and the list resource `incus_image`. Arguments become a
//! `filter`, a server's images a `listing` of `found` images, and the one is applied to the other.

mod choice;
mod filter;
mod found;
mod list;
mod listing;
mod model;
mod one;
mod query;

pub(super) use list::ImagesDataSource;
pub(super) use one::ImageDataSource;
pub(in crate::provider) use query::ImageListResource;
