//! What a plan warns of, because the apply would stumble over it on the server, unless something changes it first.

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

#[test]
fn a_name_that_another_image_has() {
    let Some(lab) = Lab::start() else { return };
    let theirs = lab.images().split("theirs");
    lab.by_hand("alpine", &theirs);
    let files = lab.images().split("alpine");
    let named = |names: &str| alpine(&format!("{names}\n  {}", files.arguments()));

    let run = lab.terraform(&named("alias = \"alpine\""));
    run.plan().creates(ALPINE).shows("Warning: The alias alpine is taken").shows(&theirs.fingerprint);
    run.apply().fails_with("Error: The alias alpine is taken");
    run.config(&named("alias = \"alpine\"\n  alias_conflict = \"take_over\""));
    run.plan().creates(ALPINE).shows("Warning: The alias alpine is taken from another image");
    run.config(&named("alias = \"mine\"")).settles().does_not_show("is taken");

    run.config(&named("alias = \"mine\"\n  aliases = [\"alpine\"]"));
    run.plan().updates(ALPINE).shows("Warning: The alias alpine is taken").shows("aliases = [\"alpine\"]");
    lab.incus(["image", "alias", "delete", "alpine"]);
    run.settles().does_not_show("is taken");
}

#[test]
fn a_name_that_moves_within_the_run_is_no_matter() {
    let Some(lab) = Lab::start() else { return };
    let (one, other) = (lab.images().split("one"), lab.images().unified("other"));
    let named = |first: &str, second: &str| {
        format!(
            "resource \"incus_image\" \"one\" {{\n  alias = \"{first}\"\n  {}\n}}\nresource \"incus_image\" \"other\" {{\n  alias = \"{second}\"\n  {}\n}}\n",
            one.arguments(),
            other.arguments()
        )
    };
    let run = lab.terraform(&named("aa", "bb"));
    run.settles();
    run.config(&named("bb", "cc"));
    run.plan().updates("incus_image.one").updates("incus_image.other");
    run.run(["plan", "-no-color", "-input=false"]).succeeds().does_not_show("is taken");
    let replaced = ["apply", "-no-color", "-input=false", "-auto-approve", "-replace=incus_image.one"];
    run.config(&named("aa", "bb")).run(replaced).succeeds().does_not_show("is taken");
    run.plan().is_empty();
}

#[test]
fn a_project_that_is_not_there() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  project = \"web\"\n  {}", files.arguments())));
    run.plan().creates(ALPINE).shows("The project is not there").shows("Remote local has no project web");
    run.apply().fails_with("Project not found");
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    run.settles().does_not_show("The project is not there");
}

#[test]
fn an_image_to_take_under_management_that_is_not_there() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let run = lab.terraform(&alpine("alias = \"alpine\""));
    run.plan().creates(ALPINE).shows("Warning: No such image").shows("has the alias \"alpine\"");
    run.config(&alpine(&format!("fingerprint = \"{}\"", files.fingerprint)));
    run.plan().creates(ALPINE).shows("Warning: No such image").shows("There is no image");
    lab.by_hand("alpine", &files);
    run.config(&alpine("alias = \"alpine\"")).settles().does_not_show("Warning: No such image");
}

#[test]
fn a_server_that_does_not_answer() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let resource = alpine(&format!("alias = \"alpine\"\n  {}", files.arguments()));
    let provider = "provider \"incus\" {\n  default_remote = \"gone\"\n  remote {\n    name = \"gone\"\n    address = \"unix:///nowhere/socket\"\n  }\n}\n";
    let run = lab.terraform(&format!("{provider}{resource}"));
    run.plan().creates(ALPINE).shows("Warning: Unable to reach Incus").shows("/nowhere/socket");
    run.apply().fails_with("Error: Unable to reach Incus");
}
