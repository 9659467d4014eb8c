//! Where is looked: in one project, or in all.

use serde_json::json;

use crate::support::core::Core;
use crate::support::lab::Lab;

#[test]
fn all_projects_are_one_list() {
    let Some(lab) = Lab::start() else { return };
    for project in ["web", "db"] {
        lab.incus(["project", "create", project, "-c", "features.images=true"]);
    }
    let (shared, own) = (lab.images().unified("shared"), lab.images().version(2).unified("own"));
    let import = |files: &crate::support::images::ImageFiles, alias: &str, project: &str| {
        lab.incus(["image", "import", files.source.to_str().unwrap(), "--alias", alias, "--project", project]);
    };
    import(&shared, "shared", "default");
    import(&shared, "shared", "web");
    import(&own, "own", "db");
    // The provider's project does not limit what is to be looked for everywhere.
    let core = Core::start_with(&lab, &json!({"project": "web"}));

    let everywhere = core.read_data("incus_images", &json!({"all_projects": true}));
    let found = everywhere["images"].as_array().unwrap().iter();
    let found: Vec<_> = found.map(|image| (image["fingerprint"].clone(), image["project"].clone())).collect();
    let at = |files: &crate::support::images::ImageFiles, project: &str| (json!(files.fingerprint), json!(project));
    assert_eq!(found, [at(&own, "db"), at(&shared, "default"), at(&shared, "web")]);
    assert_eq!(everywhere["fingerprints"], json!([own.fingerprint, shared.fingerprint, shared.fingerprint]));
    assert!(everywhere["project"].is_null(), "it is no single one");

    let here = core.read_data("incus_images", &json!({}));
    assert_eq!((&here["fingerprints"], &here["project"]), (&json!([shared.fingerprint]), &json!("web")));
    let there = core.read_data("incus_images", &json!({"project": "db", "all_projects": false}));
    assert_eq!((&there["fingerprints"], &there["project"]), (&json!([own.fingerprint]), &json!("db")));

    let one = core.read_data("incus_image", &json!({"all_projects": true, "alias": "own"}));
    assert_eq!((&one["fingerprint"], &one["project"]), (&json!(own.fingerprint), &json!("db")));
    let several = core.read_data_failing("incus_image", &json!({"all_projects": true, "alias": "shared"}));
    several.says("2 images match: Each of these in any project of remote local matches:").says("in project default");
    several.says("in project web");
}

#[test]
fn a_project_that_shares_images_has_those_of_the_default_one() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "web", "-c", "features.images=false"]);
    let alpine = lab.images().unified("alpine");
    lab.by_hand("alpine", &alpine);
    let core = Core::start(&lab);
    let found = core.read_data("incus_image", &json!({"project": "web", "alias": "alpine"}));
    assert_eq!((&found["fingerprint"], &found["project"]), (&json!(alpine.fingerprint), &json!("web")));
    assert_eq!(core.read_data("incus_images", &json!({"project": "web"}))["images"][0]["project"], "default");
}
