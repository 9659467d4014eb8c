//! The house rules that the compiler and clippy do not hold: who may name whom, who may do I/O, how long a file may get.
//! They read the sources as text; comments and test modules are theirs to write as they like. And that the table of arguments in
//! `tests/README.md` is true.

use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;

/// Where files, sockets and the environment are touched: folders and files.
const EDGES: &[&str] = &[
    "src/incus/files.rs",
    "src/incus/oidc/issuer.rs",
    "src/incus/remotes/config.rs",
    "src/incus/remotes/credentials.rs",
    "src/incus/remotes/environment.rs",
    "src/incus/remotes/helper.rs",
    "src/incus/remotes/socket.rs",
    "src/incus/remotes/tokens.rs",
    "src/incus/simplestreams/download.rs",
    "src/incus/transport/",
    "src/main.rs",
    "src/provider/export/disk.rs",
    "src/provider/image/files.rs",
    "src/tfplugin/process/",
];

/// Files of these names only compute, wherever they are: values in, values out, nothing to wait for.
const PURE: &[&str] =
    &["/choice.rs", "/copy.rs", "/filter.rs", "/found.rs", "/plan.rs", "/requests.rs", "/schema.rs", "/upload.rs"];

/// The only files that may write to standard output, which belongs to the handshake.
const STDOUT: &[&str] = &["src/tfplugin/process/mod.rs"];

#[test]
fn incus_names_nothing_of_terraform() {
    let room = code(|file| file.starts_with("src/incus/"));
    forbid("incus/ knows nothing of Terraform", room, &["terraform", "tfplugin", "crate::provider"]);
}

#[test]
fn tfplugin_names_nothing_of_incus() {
    let room = code(|file| file.starts_with("src/tfplugin/"));
    forbid("tfplugin/ knows nothing of Incus", room, &["incus", "crate::provider"]);
}

#[test]
fn only_the_wire_names_protobuf_types() {
    let others = code(|file| file.starts_with("src/") && !file.starts_with("src/tfplugin/wire/"));
    forbid("protobuf stays in tfplugin/wire/", others, &["prost", "proto::tfplugin"]);
    let others = code(|file| file.starts_with("src/") && !file.starts_with("src/tfplugin/"));
    forbid("protobuf stays in tfplugin/", others, &["tonic", "proto::"]);
    let others = code(|file| file.starts_with("src/tfplugin/") && !served(file));
    forbid("only the process and the wire serve", others, &["tonic", "proto::"]);
}

fn served(file: &str) -> bool {
    file.starts_with("src/tfplugin/wire/") || file.starts_with("src/tfplugin/process/")
}

#[test]
fn only_the_edges_touch_the_world() {
    let inner = code(|file| file.starts_with("src/") && !EDGES.iter().any(|edge| file.starts_with(edge)));
    let words = [
        "std::fs",
        "tokio::fs",
        "std::net",
        "tokio::net",
        "std::env::",
        "env::var",
        "process::command",
        "reqwest::client",
    ];
    forbid("input and output stay at the edges", inner, &words);
}

#[test]
fn planning_and_request_building_wait_for_nothing() {
    let pure = code(|file| file.starts_with("src/") && PURE.iter().any(|name| file.ends_with(name)));
    forbid("this file only computes", pure, &["async", ".await", "std::fs", "tokio::"]);
}

#[test]
fn stdout_belongs_to_the_handshake() {
    let others = code(|file| file.starts_with("src/") && !STDOUT.contains(&file));
    forbid("stdout belongs to the handshake", others, &["print!(", "println!(", "stdout()"]);
}

#[test]
fn no_source_file_panics() {
    let sources = code(|file| file.starts_with("src/"));
    let words = [".unwrap()", ".expect(", "todo!(", "unimplemented!(", "panic!(", "unreachable!("];
    forbid("an error is returned, not thrown", sources, &words);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> =
        files().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "a file begins with `//!`: what it is for, and what not\n{}", silent.join("\n"));
}

#[test]
fn no_file_is_long() {
    let length = |text: &str| text.lines().count();
    let long = files().into_iter().filter(|(_, text)| length(text) > LONGEST_FILE);
    let long: Vec<_> = long.map(|(file, text)| format!("{file} has {}", length(&text))).collect();
    assert!(long.is_empty(), "a file has one subject and at most {LONGEST_FILE} lines\n{}", long.join("\n"));
}

#[test]
fn the_table_has_every_argument() {
    let model = fs::read_to_string(root().join("src/provider/image/model.rs")).expect("the model");
    let image = model.split("\n}\n").find(|part| part.contains("struct ImageModel")).expect("the image");
    let is_argument = |line: &&str| line.contains(" = Optional") || line.contains(": Option<");
    let arguments = image.lines().filter(is_argument).filter_map(|line| line.trim().split(':').next());
    let arguments: Vec<_> = arguments.map(|argument| format!("`{argument}`")).collect();
    let rows: Vec<_> = table().into_iter().map(|(argument, _)| argument).collect();
    assert_eq!(rows, arguments, "tests/README.md has a row for each argument, in the order of the schema");
}

#[test]
fn the_table_names_tests_that_exist() {
    let files = files();
    let exists = |cell: &str| {
        let (module, test) = cell.trim_matches('`').rsplit_once("::").unwrap_or_default();
        let file = match module.replace("::", "/") {
            path if path.contains('/') => format!("tests/suite/{path}.rs"),
            name => format!("tests/suite/cli/{name}.rs"),
        };
        files.iter().any(|(name, text)| *name == file && text.contains(&format!("#[test]\nfn {test}() {{\n")))
    };
    for (argument, cells) in table() {
        assert_eq!(cells.len(), 5, "{argument} has a cell in each column");
        let missing: Vec<_> = cells.iter().filter(|cell| *cell != "–" && !exists(cell)).collect();
        assert!(missing.is_empty(), "tests/README.md says that {argument} is held by {missing:?}");
    }
}

#[test]
fn the_rules_see_code_and_nothing_else() {
    let text =
        "use a; // b\n/// c\nfn d() {}\n\n#[cfg(test)]\nmod tests {\n    e();\n}\nf();\n#[cfg(test)]\nmod tests;\n";
    let seen: Vec<_> = without_tests_and_comments(text).collect();
    assert_eq!(seen, [(1, "use a; "), (3, "fn d() {}"), (4, ""), (9, "f();")]);
}

/// A line of code: `file:line` and its text.
type Line = (String, String);

#[track_caller]
fn forbid(rule: &str, lines: Vec<Line>, words: &[&str]) {
    let names = |text: &str| words.iter().any(|word| text.to_lowercase().contains(word));
    let breaches = lines.into_iter().filter(|(_, text)| names(text));
    let breaches: Vec<_> = breaches.map(|(place, text)| format!("{place}: {}", text.trim())).collect();
    assert!(breaches.is_empty(), "{rule}: none of {words:?}\n{}", breaches.join("\n"));
}

/// The table in `tests/README.md`: an argument of `incus_image`, and the tests that hold what it means.
fn table() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(root().join("tests/README.md")).expect("the page about tests");
    let rows = text.lines().skip_while(|line| !line.starts_with("| argument |")).skip(2);
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = rows.take_while(|line| line.starts_with('|')).map(cells);
    rows.filter_map(|row| row.split_first().map(|(argument, tests)| (argument.clone(), tests.to_vec()))).collect()
}

/// The code of every file chosen by its path.
fn code(chosen: impl Fn(&str) -> bool) -> Vec<Line> {
    let files = files().into_iter().filter(|(file, _)| chosen(file) && !file.ends_with("/tests.rs"));
    let lines = files.flat_map(|(file, text)| {
        let numbered =
            without_tests_and_comments(&text).map(|(number, line)| (format!("{file}:{number}"), line.to_owned()));
        numbered.collect::<Vec<_>>()
    });
    lines.collect()
}

/// Line numbers, from 1, and code. A test module ends where a line closes it at the margin, as rustfmt writes it.
fn without_tests_and_comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_tests = false;
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        in_tests |= line.starts_with("#[cfg(") && line.contains("test");
        let ends = in_tests && (line == "}" || line.ends_with("mod tests;"));
        let seen = !in_tests && !line.trim_start().starts_with("//");
        in_tests &= !ends;
        seen.then(|| (number, line.split_once("// ").map_or(line, |(code, _)| code)))
    })
}

/// Every Rust file of the repository, by its path from the root, with its text.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = ["src", "tests", "benches"].iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                files.push((name, fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
