//! What look-ups are for: the examples in `examples/guides`, as they stand.

use serde_json::json;

use crate::support::lab::Lab;
use crate::support::published::configuration;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn an_image_is_pinned_to_what_was_seen() {
    let Some(lab) = Lab::start() else { return };
    let upstream = SimplestreamsServer::start();
    let first = lab.images().split("alpine");
    upstream.publish("alpine/edge", &first);
    lab.client_config(&format!("remotes: {{images: {{addr: \"{}\", protocol: simplestreams}}}}", upstream.url()));
    let run = lab.terraform(&configuration("guides/pin-an-image/main.tf"));
    let planned = run.plan().change("incus_image.alpine");
    assert_eq!(planned["after"]["fingerprint"], json!(first.fingerprint), "the plan says which image it will be");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], json!(first.fingerprint));

    let newer = lab.images().version(2).split("alpine");
    upstream.publish("alpine/edge", &newer);
    lab.forget_simplestreams();
    run.plan().updates("incus_image.alpine");
    run.settles();
    assert_eq!(lab.image("alpine")["fingerprint"], json!(newer.fingerprint));
}

#[test]
fn images_with_a_property_are_mirrored_to_another_server() {
    let (Some(lab), Some(build), Some(production)) = (Lab::start(), Lab::start(), Lab::start()) else { return };
    let remote = |lab: &Lab| format!("{{addr: \"unix://{}\"}}", lab.path("incus/unix.socket").display());
    lab.client_config(&format!("remotes: {{build: {}, production: {}}}", remote(&build), remote(&production)));
    for (name, files) in
        [("alpine", build.images().split("alpine")), ("ubuntu", build.images().virtual_machine("ubuntu"))]
    {
        build.by_hand(name, &files);
        build.edit(name, |image| image["properties"]["channel"] = json!("stable"));
    }
    build.by_hand("debian", &build.images().split("debian"));
    let run = lab.terraform(&configuration("guides/mirror-images/main.tf"));
    run.settles();
    let mirrored = |name: &str| {
        let (there, here) = (build.image(name), production.image(name));
        for same in ["fingerprint", "type", "architecture", "properties"] {
            assert_eq!(here[same], there[same], "{same} of {name}");
        }
    };
    mirrored("alpine");
    mirrored("ubuntu");
    assert_eq!(production.api().images().len(), 2);

    build.edit("debian", |image| image["properties"]["channel"] = json!("stable"));
    build.edit("alpine", |image| image["properties"]["channel"] = json!("old"));
    run.settles();
    mirrored("debian");
    mirrored("ubuntu");
    assert_eq!(production.api().images().len(), 2, "what has no longer the property goes");
}
