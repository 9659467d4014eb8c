//! Which server and project an image is put in.

use super::{ALPINE, alpine};
use crate::support::lab::Lab;

/// The images of a project that has its own.
fn images_of(lab: &Lab, project: &str) -> Vec<serde_json::Value> {
    lab.api().get(&format!("/1.0/images?recursion=1&project={project}")).as_array().unwrap().clone()
}

#[test]
fn the_resource_names_its_project() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    lab.incus(["project", "create", "db", "-c", "features.images=true"]);
    let image = lab.images().split("alpine");
    let placed = |project: &str| alpine(&format!("alias = \"alpine\"\n  {project}\n  {}", image.arguments()));

    let run = lab.terraform(&placed("project = \"web\""));
    run.settles();
    assert_eq!(images_of(&lab, "web")[0]["fingerprint"], image.fingerprint);
    lab.has_no_images();
    assert_eq!(run.state(ALPINE)["id"], format!("local:web/{}", image.fingerprint));

    run.config(&placed("")).plan().is_empty();
    run.config(&placed("project = \"db\"")).plan().replaces(ALPINE);
    run.settles();
    assert!(images_of(&lab, "web").is_empty());
    assert_eq!(images_of(&lab, "db")[0]["aliases"][0]["name"], "alpine");
    run.destroy().succeeds();
    assert!(images_of(&lab, "db").is_empty());
}

#[test]
fn the_provider_or_the_environment_names_the_project_of_all() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    lab.incus(["project", "create", "db", "-c", "features.images=true"]);
    let resource = alpine(&format!("alias = \"alpine\"\n  {}", lab.images().unified("alpine").arguments()));

    let run = lab.terraform(&resource).env("INCUS_PROJECT", "db");
    run.settles();
    assert_eq!(images_of(&lab, "db").len(), 1);
    assert_eq!(run.state(ALPINE)["project"], "db");

    let run =
        lab.terraform(&format!("provider \"incus\" {{ project = \"web\" }}\n{resource}")).env("INCUS_PROJECT", "db");
    run.settles();
    assert_eq!(images_of(&lab, "web").len(), 1, "the provider's own argument wins");
    lab.has_no_images();
}

#[test]
fn a_project_without_images_of_its_own_shares_those_of_the_default_project() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=false"]);
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  project = \"web\"\n  {}", image.arguments())));
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
    assert_eq!(run.state(ALPINE)["project"], "web", "as requested");
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn a_project_that_is_not_there_is_an_error() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("alias = \"alpine\"\n  project = \"web\"\n  {source}")));
    run.apply().fails_with("Project not found").shows("Create the project first, or name another one.");
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    run.settles();
    assert_eq!(images_of(&lab, "web").len(), 1);
}

#[test]
fn another_server_means_another_image() {
    let (Some(here), Some(there)) = (Lab::start(), Lab::start()) else { return };
    let image = here.images().unified("alpine");
    let provider = format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"there\"\n    address = \"unix://{}\"\n  }}\n}}\n",
        there.path("incus/unix.socket").display()
    );
    let placed = |remote: &str| {
        format!(
            "{provider}{}",
            alpine(&format!("alias = \"alpine\"\n  remote = \"{remote}\"\n  {}", image.arguments()))
        )
    };
    let run = here.terraform(&placed("local"));
    run.settles();
    assert_eq!(here.image("alpine")["fingerprint"], image.fingerprint);
    run.config(&placed("there")).plan().replaces(ALPINE);
    run.settles();
    here.has_no_images();
    assert_eq!(there.image("alpine")["fingerprint"], image.fingerprint);
    run.destroy().succeeds();
    there.has_no_images();
}

#[test]
fn a_default_that_changes_later_moves_nothing_and_is_said() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=true"]);
    let source = lab.images().unified("alpine").arguments();
    let resource = |project: &str| alpine(&format!("alias = \"alpine\"\n  {project}\n  {source}"));
    let provider = "provider \"incus\" { project = \"web\" }\n";
    let run = lab.terraform(&resource(""));
    run.settles();
    let held = lab.api().images();
    let plan = run.config(&format!("{provider}{}", resource(""))).plan();
    plan.shows("The image stays in project \"default\"")
        .shows("The default is \"web\" now, which counts for new images only.")
        .shows("Say project = \"default\" to keep the image where it is, or project = \"web\" to have it replaced by one there.")
        .is_empty();
    let said = run.config(&format!("{provider}{}", resource("project = \"default\""))).settles();
    said.does_not_show("The image stays in project");
    assert_eq!(lab.api().images(), held);
    run.config(&format!("{provider}{}", resource("project = \"web\""))).plan().replaces(ALPINE);
    run.settles();
    assert_eq!(images_of(&lab, "web").len(), 1);
    lab.has_no_images();
}

#[test]
fn a_place_that_is_no_longer_configured_is_kept() {
    let (Some(here), Some(there)) = (Lab::start(), Lab::start()) else { return };
    there.incus(["project", "create", "web", "-c", "features.images=true"]);
    let provider = format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"there\"\n    address = \"unix://{}\"\n  }}\n}}\n",
        there.path("incus/unix.socket").display()
    );
    let source = here.images().unified("alpine").arguments();
    let placed = |place: &str| format!("{provider}{}", alpine(&format!("alias = \"alpine\"\n  {place}\n  {source}")));
    let run = here.terraform(&placed("remote = \"there\"\n  project = \"web\""));
    run.settles();
    let held = images_of(&there, "web");
    let plan = run.config(&placed("")).plan();
    plan.shows("The image stays in remote \"there\"").shows("Say remote = \"there\" to keep the image where it is");
    plan.shows("The image stays in project \"web\"").is_empty();
    run.config(&placed("public = true")).settles();
    assert_eq!(images_of(&there, "web")[0]["public"], true, "changed where it is");
    assert_eq!(images_of(&there, "web")[0]["uploaded_at"], held[0]["uploaded_at"]);
    here.has_no_images();
    run.destroy().succeeds();
    assert!(images_of(&there, "web").is_empty());
}

#[test]
fn the_default_remote_is_where_images_go() {
    let (Some(here), Some(there)) = (Lab::start(), Lab::start()) else { return };
    here.client_config(&format!(
        "default-remote: there\nremotes: {{there: {{addr: \"unix://{}\", project: web}}}}",
        there.path("incus/unix.socket").display()
    ));
    there.incus(["project", "create", "web", "-c", "features.images=true"]);
    let run =
        here.terraform(&alpine(&format!("alias = \"alpine\"\n  {}", here.images().unified("alpine").arguments())));
    run.settles();
    assert_eq!(images_of(&there, "web").len(), 1, "in the remote's own project");
    assert_eq!(run.state(ALPINE)["remote"], "there");
}
