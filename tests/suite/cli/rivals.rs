//! Resources that want the same, and many at once.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use super::upstream;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

fn resource(name: &str, arguments: &str) -> String {
    format!("resource \"incus_image\" \"{name}\" {{\n  {arguments}\n}}\n")
}

#[test]
fn of_two_resources_with_the_same_alias_one_wins() {
    let Some(lab) = Lab::start() else { return };
    let one = lab.images().unified("one");
    let two = lab.images().unified("two");
    let named = |alias: &str| {
        let one = resource("one", &format!("alias = \"alpine\"\n  {}", one.arguments()));
        format!("{one}{}", resource("two", &format!("alias = \"{alias}\"\n  {}", two.arguments())))
    };
    let run = lab.terraform(&named("alpine"));
    run.apply().fails_with("The alias alpine is taken").shows("Choose another name");
    let held = lab.api().images();
    assert_eq!(held.len(), 1, "the loser leaves nothing");
    assert_eq!(held[0], lab.image("alpine"));
    let states = [run.state("incus_image.one"), run.state("incus_image.two")];
    assert_eq!(states.iter().filter(|state| state["fingerprint"] == held[0]["fingerprint"]).count(), 1);
    assert_eq!(states.iter().filter(|state| state.is_null()).count(), 1);

    run.config("").settles();
    run.config(&named("other")).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], one.fingerprint);
    assert_eq!(lab.image("other")["fingerprint"], two.fingerprint);
}

#[test]
fn of_two_resources_with_the_same_file_one_wins() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine").arguments();
    let one = resource("one", &format!("alias = \"one\"\n  properties = {{ of = \"one\" }}\n  {image}"));
    let two = resource("two", &format!("alias = \"two\"\n  properties = {{ of = \"two\" }}\n  {image}"));
    one_wins(&lab, &format!("{one}{two}"));
}

#[test]
fn of_two_resources_with_the_same_source_one_wins() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine/edge", &lab.images().split("alpine"));
    let source = "source = \"upstream:alpine/edge\"";
    let one = resource("one", &format!("alias = \"one\"\n  properties = {{ of = \"one\" }}\n  {source}"));
    let two = resource("two", &format!("alias = \"two\"\n  properties = {{ of = \"two\" }}\n  {source}"));
    one_wins(&lab, &format!("{}{one}{two}", upstream(&server.slow_url(20_000))));
}

/// One of the resources `one` and `two` gets its image, whole, and the other an error.
fn one_wins(lab: &Lab, config: &str) {
    let run = lab.terraform(config);
    run.apply().fails_with("The image is already on the server").shows("give that one more `aliases`");
    let held = lab.api().images();
    assert_eq!(held.len(), 1);
    let winner = held[0]["aliases"][0]["name"].as_str().unwrap();
    assert_eq!(held[0]["aliases"].as_array().unwrap().len(), 1);
    assert_eq!(held[0]["properties"], json!({"of": winner}), "all of the winner's, nothing of the loser's");
    let loser = if winner == "one" { "two" } else { "one" };
    assert_eq!(run.state(&format!("incus_image.{winner}"))["properties"], held[0]["properties"]);
    assert!(run.state(&format!("incus_image.{loser}")).is_null());

    run.apply().fails_with("The image is already on the server");
    assert_eq!(lab.api().images(), held, "trying again changes nothing");
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn twenty_images_at_once() {
    let Some(lab) = Lab::start() else { return };
    let mut sources = String::new();
    for number in 0..20 {
        let image = lab.images().unified(&format!("tiny-{number}"));
        writeln!(sources, "    tiny-{number} = \"{}\"", image.source.display()).unwrap();
    }
    let run = lab.terraform(&format!(
        "locals {{\n  sources = {{\n{sources}  }}\n}}\n{}",
        resource(
            "all",
            "for_each = local.sources\n  alias = each.key\n  aliases = [\"${each.key}/more\"]\n  source = each.value"
        )
    ));
    // Incus takes no new connection while one that is open stays silent; that would cost 90 s.
    let start = Instant::now();
    run.settles().shows("20 added");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let held = lab.api().images();
    assert_eq!(held.len(), 20);
    for image in held {
        assert_eq!(image["aliases"].as_array().unwrap().len(), 2, "{image:#}");
        assert_eq!(
            image["properties"]["release"].as_str().unwrap(),
            image["aliases"][0]["name"].as_str().unwrap().trim_end_matches("/more")
        );
    }
    run.destroy().succeeds();
    lab.has_no_images();
}
