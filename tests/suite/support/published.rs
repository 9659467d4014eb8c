//! The configurations that users copy: the examples, and the HCL blocks in README.md and docs/. Where they are and what they
//! need; nothing is run here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A configuration that users copy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Published {
    /// The folder or the file, and for a block the line it begins in.
    pub(crate) place: String,
    /// What stands in files ending in `.tf`.
    pub(crate) text: String,
    /// What stands in files ending in `.tfquery.hcl`, for `terraform query`.
    pub(crate) query: String,
}

impl Published {
    /// Settings of the command line itself, which are no configuration.
    pub(crate) fn is_cli_configuration(&self) -> bool {
        has_block(&self.text, "provider_installation")
    }

    /// Whether it says which provider `incus` is.
    pub(crate) fn names_provider(&self) -> bool {
        has_block(&self.text, "terraform")
    }

    /// The minor version of Terraform 1 that knows all of it.
    pub(crate) fn needs(&self) -> u64 {
        match self {
            newest if has_block(&newest.text, "action") || !newest.query.is_empty() => 14,
            newer if has_block(&newer.text, "import") && newer.text.contains("identity = {") => 12,
            _ => 0,
        }
    }

    /// Whether it needs other providers, which only the network has.
    pub(crate) fn needs_others(&self) -> bool {
        self.text.contains("\"lxc/incus\"")
    }
}

/// Whether a block of this kind stands at the margin.
fn has_block(text: &str, kind: &str) -> bool {
    let begins = |line: &str| line.strip_prefix(kind).is_some_and(|rest| rest.starts_with([' ', '{']));
    text.lines().any(begins)
}

/// The examples, a folder each. An `import` block in a file of its own goes with the resource beside it.
pub(crate) fn examples() -> Vec<Published> {
    let mut folders: BTreeMap<String, Published> = BTreeMap::new();
    for (file, text) in files("examples", |name| name.ends_with(".tf") || name.ends_with(".tfquery.hcl")) {
        let (folder, name) = file.rsplit_once('/').expect("a folder");
        if name.starts_with("import-by-") {
            let resource = fs::read_to_string(root().join(folder).join("resource.tf")).expect("the resource");
            folders.insert(file.clone(), Published { place: file, text: resource + &text, ..Published::default() });
            continue;
        }
        let example = folders.entry(folder.to_owned()).or_default();
        folder.clone_into(&mut example.place);
        let content = if name.ends_with(".tf") { &mut example.text } else { &mut example.query };
        content.push_str(&text);
    }
    folders.into_values().collect()
}

/// What stands in a file of the examples, without its `terraform` block: a workspace has one of its own.
pub(crate) fn configuration(file: &str) -> String {
    let text = fs::read_to_string(root().join("examples").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (_, configuration) = text.split_once("\n}\n").expect("a terraform block");
    configuration.to_owned()
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
            let content: String = inside.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect();
            let is_query = has_block(&content, "list");
            let (text, query) = if is_query { (String::new(), content) } else { (content, String::new()) };
            blocks.push(Published { place: format!("{page}:{number}"), text, query });
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
    let page = "```hcl\na {}\n```\n- b\n\n  ```terraform\n  list {\n    c = 1\n  }\n  ```\n\n```sh\nd\n```\n";
    let block = |place: &str, text: &str, query: &str| Published {
        place: place.to_owned(),
        text: text.to_owned(),
        query: query.to_owned(),
    };
    let expected = [block("p.md:1", "a {}\n", ""), block("p.md:6", "", "list {\n  c = 1\n}\n")];
    assert_eq!(blocks_in("p.md", page), expected);
}
