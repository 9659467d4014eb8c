//! The examples that belong to a page, in the layout of the registries.

use std::fs;

use super::root;

/// An example as a block of Markdown.
///
/// # Panics
/// Where there is none: everything that the provider serves has one.
pub(super) fn example(file: &str) -> String {
    block("terraform", file).unwrap_or_else(|| panic!("examples/{file} is missing"))
}

/// How an object that exists comes under management, by each way that has an example.
pub(super) fn imports(folder: &str) -> Vec<String> {
    let ways = [
        ("By an `import` block with the import id:", "terraform", "import-by-string-id.tf"),
        ("By an `import` block with the identity, in Terraform 1.12 or newer:", "terraform", "import-by-identity.tf"),
        ("By the command line:", "shell", "import.sh"),
    ];
    let shown = ways.into_iter().filter_map(|(words, language, file)| {
        let block = block(language, &format!("{folder}/{file}"))?;
        Some(format!("{words}\n\n{block}"))
    });
    shown.collect()
}

fn block(language: &str, file: &str) -> Option<String> {
    let text = fs::read_to_string(root().join("examples").join(file)).ok()?;
    Some(format!("```{language}\n{}\n```", text.trim_end()))
}
