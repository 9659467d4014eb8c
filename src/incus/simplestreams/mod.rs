//! Image servers that speak simplestreams: index files that list images, the names by which Incus finds them, and the images'
//! files. Only `download` does I/O.

mod catalog;
mod download;
mod error;
mod file;
mod image;
mod products;
mod server;

pub use catalog::Catalog;
pub use error::{Hindrance, ImageServerError};
pub use file::StreamFile;
pub use image::StreamImage;
pub use server::ImageServer;
