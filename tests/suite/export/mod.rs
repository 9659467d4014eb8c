//! Exports: the files that come of them, on the disk and as the `incus` client writes them; what others do to the files and to the
//! image; and what is left when one is interrupted.

mod action;
mod action_command_line;
mod again;
mod destroyed;
mod drift;
mod faults;
mod foreign;
mod image_servers;
mod import;
mod kinds;
mod moved;
mod protocol;
mod refusals;
mod use_cases;

use std::fs;
use std::path::Path;

/// The address of the resource that [`export`] declares.
const EXPORT: &str = "incus_image_export.backup";

/// An export with these arguments.
fn export(arguments: &str) -> String {
    format!("resource \"incus_image_export\" \"backup\" {{\n  {arguments}\n}}\n")
}

/// The names of all files in a directory, sorted, those of hidden ones too.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The files have the same content, byte for byte.
#[track_caller]
fn same(one: &Path, other: &Path) {
    let read = |path: &Path| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(read(one) == read(other), "{} and {} differ", one.display(), other.display());
}
