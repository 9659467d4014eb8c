//! The configurations that users copy: the examples, and the HCL blocks in README.md and docs/. Where they are and what they
//! need; nothing is run here.

use std::fs;
use std::path::{Path, PathBuf};

/// A configuration that users copy.
#[derive(Debug)]
pub(crate) struct Published {
    /// The file, and for a block the line it begins in.
    pub(crate) place: String,
    pub(crate) text: String,
}

impl Published {
    /// Settings of the command line itself, which are no configuration.
    pub(crate) fn is_cli_configuration(&self) -> bool {
        self.has_block("provider_installation")
    }

    /// What `terraform query` takes, in files of another kind.
    pub(crate) fn is_query(&self) -> bool {
        self.has_block("list")
    }

    /// The minor version of Terraform 1 that knows all of it.
    pub(crate) fn needs(&self) -> u64 {
        match self {
            newest if newest.has_block("action") || newest.is_query() => 14,
            newer if newer.has_block("import") && newer.text.contains("identity = {") => 12,
            _ => 0,
        }
    }

    /// Whether it needs other providers, which only the network has.
    pub(crate) fn needs_others(&self) -> bool {
        self.text.contains("\"lxc/incus\"")
    }

    /// Whether a block of this kind stands at the margin.
    pub(crate) fn has_block(&self, kind: &str) -> bool {
        let begins = |line: &str| line.strip_prefix(kind).is_some_and(|rest| rest.starts_with([' ', '{']));
        self.text.lines().any(begins)
    }
}

/// The examples. An `import` block stands in a file of its own and goes with the resource beside it.
pub(crate) fn examples() -> Vec<Published> {
    let files = files("examples", |name| name.ends_with(".tf") || name.ends_with(".tfquery.hcl"));
    let files = files.into_iter().map(|(place, text)| {
        let beside = |name: &str| fs::read_to_string(root().join(&place).with_file_name(name)).expect(name);
        let text = if place.contains("/import-by-") { beside("resource.tf") + &text } else { text };
        Published { place, text }
    });
    files.collect()
}

/// The HCL blocks in README.md and docs/.
pub(crate) fn blocks() -> Vec<Published> {
    let mut pages = files("docs", |name| name.ends_with(".md"));
    pages.push(("README.md".to_owned(), fs::read_to_string(root().join("README.md")).expect("README.md")));
    pages.iter().flat_map(|(page, text)| blocks_in(page, text)).collect()
}

fn blocks_in(page: &str, text: &str) -> Vec<Published> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if matches!(line.trim(), "```hcl" | "```terraform") {
            let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
            let text = inside.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect();
            blocks.push(Published { place: format!("{page}:{number}"), text });
        }
    }
    blocks
}

/// The files below a folder that are chosen by their names: path and text, in order.
fn files(folder: &str, chosen: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let (mut folders, mut files) = (vec![root().join(folder)], Vec::<PathBuf>::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let name = |path: &Path| path.strip_prefix(root()).expect("below the root").display().to_string();
    let chosen = files.into_iter().filter(|path| chosen(&name(path)));
    chosen.map(|path| (name(&path), fs::read_to_string(&path).expect("UTF-8"))).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn blocks_are_found_where_they_stand() {
    let page = "# A\n\n```hcl\na {}\n```\n- b\n\n  ```terraform\n  b {\n    c = 1\n  }\n  ```\n\n```sh\nd\n```\n";
    let found: Vec<_> = blocks_in("p.md", page).into_iter().map(|block| (block.place, block.text)).collect();
    let expected = [("p.md:3", "a {}\n"), ("p.md:8", "b {\n  c = 1\n}\n")];
    assert_eq!(found, expected.map(|(place, text)| (place.to_owned(), text.to_owned())));
}
