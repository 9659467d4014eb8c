//! Where images come from, beside files and image servers: the web, instances, and other projects and servers.

mod arguments;
mod copied_names;
mod exchange;
mod instances;
mod relayed;
mod web;

/// The address of the resource that [`image`] declares.
const IMAGE: &str = "incus_image.image";

/// A resource with these arguments.
fn image(arguments: &str) -> String {
    format!("resource \"incus_image\" \"image\" {{\n  {arguments}\n}}\n")
}
