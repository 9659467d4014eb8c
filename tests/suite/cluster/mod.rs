//! Clusters: whichever member is asked, and whichever dies meanwhile. What a cluster has in common with any server is tested in
//! `remotes`.

mod copies;
mod members;
mod operations;

/// The address of the resource that [`image`] declares.
const IMAGE: &str = "incus_image.image";

/// A resource with these arguments.
fn image(arguments: &str) -> String {
    format!("resource \"incus_image\" \"image\" {{\n  {arguments}\n}}\n")
}
