//! That the guide to troubleshooting has an entry for every message that users can see, in its words. The sources are read as
//! text; what stands in the place of a placeholder does not matter.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands before the text of a message.
const BEGINNINGS: &[&str] =
    &["Diagnostic::error(", "Diagnostic::warning(", "explain(", "#[error(", "let summary =", "let what ="];

/// Errors that only whoever starts the program by hand or develops it sees.
const UNSEEN: &[&str] = &["src/tfplugin/process/", "src/tfplugin/wire/error.rs", "src/tfplugin/typed.rs"];

#[test]
fn every_message_has_an_entry() {
    let guide = fs::read_to_string(root().join("docs/guides/troubleshooting.md")).expect("the guide");
    let guide = words(&guide.replace("**", ""));
    let missing: BTreeSet<_> = messages().into_iter().filter(|message| !guide.contains(&words(message))).collect();
    assert!(missing.is_empty(), "docs/guides/troubleshooting.md explains each of these: {missing:#?}");
}

#[test]
fn messages_are_found_in_their_places() {
    let code = "Diagnostic::error(\n    format!(\"No {} \\\"{x:?}\\\"\"), d)\nexplain(&format!(\"Unable \\\n   to\"), e);\nlet what = format!(\"ask\");";
    assert_eq!(messages_in(code), ["No … \"…\"", "Unable to", "Unable to ask"]);
}

/// The texts of all messages, with `…` for their placeholders.
fn messages() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if is_seen(&path) {
                let text = fs::read_to_string(&path).expect("a source");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.extend(messages_in(&lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    found
}

fn is_seen(path: &Path) -> bool {
    let is_test = path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests");
    !is_test && !UNSEEN.iter().any(|unseen| path.starts_with(root().join(unseen)))
}

fn messages_in(code: &str) -> Vec<String> {
    let begun = BEGINNINGS.iter().flat_map(|beginning| code.match_indices(beginning));
    let mut begun: Vec<_> = begun.map(|(start, beginning)| (start, beginning, start + beginning.len())).collect();
    begun.sort_unstable();
    let found = begun.into_iter().filter_map(|(_, beginning, end)| {
        let rest = code.get(end..)?.trim_start().trim_start_matches('&');
        let text = literal(rest.strip_prefix("format!(").unwrap_or(rest).trim_start())?;
        let is_verb = beginning == "let what =" && text.starts_with(char::is_lowercase);
        Some(if is_verb { format!("Unable to {text}") } else { text })
    });
    // One that is a placeholder alone is what another error says.
    found.filter(|text| text.chars().any(char::is_alphabetic)).collect()
}

/// The string literal that the code begins with.
fn literal(code: &str) -> Option<String> {
    let mut letters = code.strip_prefix('"')?.chars();
    let (mut text, mut depth) = (String::new(), 0_u32);
    loop {
        match (letters.next()?, depth) {
            ('"', _) => return Some(words(&text)),
            // A line that goes on, or a quotation mark.
            ('\\', _) => text.extend(letters.next().filter(|next| *next != '\n')),
            ('{', _) => depth += 1,
            ('}', _) => {
                depth = depth.saturating_sub(1);
                text.push('…');
            }
            (letter, 0) => text.push(letter),
            _ => {}
        }
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
