//! The documentation in `docs/`, as the registries show it: made from what the provider serves and from `examples/`. This
//! test holds that `docs/` is what would be made now; with `UPDATE=1` (`make docs`) it writes it. Guides are written by hand.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod examples;
mod pages;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file's path below `docs/`, and its text.
type Pages = BTreeMap<PathBuf, String>;

#[test]
fn the_documentation_is_up_to_date() {
    let docs = root().join("docs");
    let (made, mut found) = (pages::all(), Pages::new());
    read(&docs, &docs, &mut found);
    if std::env::var_os("UPDATE").is_some() {
        update(&docs, &made, &found);
        return;
    }
    let files: BTreeSet<_> = made.keys().chain(found.keys()).collect();
    let stale: Vec<_> = files.into_iter().filter(|file| made.get(*file) != found.get(*file)).collect();
    assert!(
        stale.is_empty(),
        "`make docs` brings these up to date, commit them with what they follow from: {stale:#?}"
    );
}

/// Reads all pages below `folder`, but for the guides.
fn read(docs: &Path, folder: &Path, pages: &mut Pages) {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    for path in entries.filter(|path| *path != docs.join("guides")) {
        if path.is_dir() {
            read(docs, &path, pages);
        } else {
            let name = path.strip_prefix(docs).expect("below docs/").to_owned();
            pages.insert(name, fs::read_to_string(&path).expect("a page"));
        }
    }
}

fn update(docs: &Path, made: &Pages, found: &Pages) {
    for superseded in found.keys().filter(|file| !made.contains_key(*file)) {
        fs::remove_file(docs.join(superseded)).expect("a page to remove");
    }
    for (file, text) in made {
        let path = docs.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a page to write");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
