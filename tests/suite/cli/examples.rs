//! The examples: `terraform` takes each as it stands.

use std::fs;
use std::path::Path;

use crate::support::lab::Lab;

#[test]
fn every_example_is_valid() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for file in [
        "provider/provider.tf",
        "resources/incus_image/resource.tf",
        "data-sources/incus_image/data-source.tf",
        "data-sources/incus_images/data-source.tf",
        "functions/image_fingerprint/function.tf",
    ] {
        let text = fs::read_to_string(examples.join(file)).expect(file);
        // The workspace has a `terraform` block of its own.
        let (_, config) = text.split_once("\n}\n").expect("a terraform block");
        run.config(config).validate().succeeds();
    }
}

#[test]
fn every_example_is_formatted() {
    let Some(lab) = Lab::start() else { return };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    lab.terraform("").run(["fmt", "-check", "-recursive", examples.to_str().expect("UTF-8")]).succeeds();
}
