//! Image servers that speak simplestreams: index files that list images, and the names by which Incus finds them. Not for
//! downloading images; the Incus server does that. Only `download` does I/O.

mod catalog;
mod download;
mod error;
mod image;
mod products;
mod server;

pub use catalog::Catalog;
pub use error::{Hindrance, ImageServerError};
pub use image::StreamImage;
pub use server::ImageServer;
