//! The schema as `terraform providers schema -json` prints it, beside a copy in the repository: a change of it is seen in
//! review. `UPDATE=1` (`make docs`) writes the copy.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::support::lab::Lab;

/// What every command line prints. Newer ones print more, which docs/ shows as well.
const PARTS: [&str; 4] = ["provider", "resource_schemas", "data_source_schemas", "functions"];

#[test]
fn the_schema_is_the_one_in_the_repository() {
    let Some(lab) = Lab::start() else { return };
    let printed = lab.terraform("").run(["providers", "schema", "-json"]);
    printed.succeeds();
    let printed: Value = serde_json::from_str(printed.stdout()).expect("JSON");
    let providers = printed["provider_schemas"].as_object().expect("providers");
    let incus = providers.values().next().expect("the provider");
    let parts = PARTS.into_iter().filter_map(|part| Some((part.to_owned(), incus.get(part)?.clone())));
    let schema = format!("{:#}\n", Value::Object(parts.collect::<Map<_, _>>()));

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/fixtures/schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file, schema).expect("schema.json");
        return;
    }
    let committed = fs::read_to_string(file).expect("schema.json");
    let differs = schema.lines().zip(committed.lines()).find(|(now, before)| now != before);
    assert!(schema == committed, "the schema has changed, first at {differs:?}: `make docs` records it");
}
