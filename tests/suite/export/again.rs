//! An export that becomes an image again: the same one.

use super::export;
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

const AGAIN: &str = "incus_image.again";

/// The export of `alpine`, and an image of its files in the project `web`, with more arguments.
fn round_trip(more: &str) -> String {
    let image = format!(
        "resource \"incus_image\" \"again\" {{
  alias   = \"again\"
  project = \"web\"
  source  = incus_image_export.backup.path
  {more}
}}
"
    );
    export("alias = \"alpine\"\n  path = \"backup\"") + &image
}

#[track_caller]
fn is_again(lab: &Lab, image: &ImageFiles) {
    let again = lab.api().get("/1.0/images/aliases/again?project=web");
    assert_eq!(again["target"], image.fingerprint.as_str());
    let held = lab.api().get(&format!("/1.0/images/{}?project=web", image.fingerprint));
    assert_eq!(held["type"], lab.image("alpine")["type"]);
}

#[test]
fn export_and_import_in_one_apply_give_the_same_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    for image in [lab.images().unified("one"), lab.images().split("two"), lab.images().virtual_machine("three")] {
        lab.by_hand("alpine", &image);
        let run = lab.terraform(&round_trip(""));
        run.settles();
        is_again(&lab, &image);
        assert_eq!(run.state(AGAIN)["fingerprint"], run.state("incus_image_export.backup")["fingerprint"]);
        run.destroy().succeeds();
        lab.delete_images();
    }
}

#[test]
fn other_content_goes_all_the_way_in_one_apply_where_the_fingerprint_is_handed_on() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let (old, new) = (lab.images().split("alpine"), lab.images().version(2).unified("alpine"));
    lab.by_hand("alpine", &old);
    let run = lab.terraform(&round_trip("fingerprint = incus_image_export.backup.fingerprint"));
    run.run(["plan", "-no-color"]).succeeds().does_not_show("Warning: The file backup is not there");
    run.settles();
    is_again(&lab, &old);
    lab.incus(["image", "alias", "delete", "alpine"]);
    lab.by_hand("alpine", &new);
    run.settles();
    is_again(&lab, &new);
}

#[test]
fn an_image_of_the_same_run_is_exported_by_its_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    let config = |image: &ImageFiles| {
        let image =
            format!("resource \"incus_image\" \"alpine\" {{\n  alias = \"alpine\"\n  {}\n}}\n", image.arguments());
        image + &export("fingerprint = incus_image.alpine.fingerprint\n  path = \"backup\"")
    };
    let old = lab.images().unified("alpine");
    let run = lab.terraform(&config(&old));
    run.settles();
    let new = lab.images().version(2).unified("alpine");
    run.settles();
    super::same(&run.path("backup"), &new.source);
}
