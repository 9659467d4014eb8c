//! Several want the same at the same time: one gets it, the others are told, and nothing of the winner's is changed.

use std::sync::{Arc, Barrier};
use std::thread;

use serde_json::{Value, json};

use super::{alpine, upstream, version};
use crate::support::images::{ImageFiles, is_unfinished};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::proxy::{Proxy, Request};
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

const EXISTS: &str = "The image is already on the server";

/// How many hand their names round: as many as Terraform applies at once.
const RING: u32 = 10;

#[test]
fn two_resources_of_one_file() {
    let Some(lab) = Lab::start() else { return };
    let arguments = version(&lab, 1).arguments();
    two_resources(&lab, "", &arguments);
}

#[test]
fn two_resources_of_one_copy() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("alpine"));
    let declared = upstream(server.url(), "");
    let provider = declared.split("resource").next().unwrap();
    two_resources(&lab, provider, "source = \"upstream:alpine\"");
}

/// Two resources of one configuration, with different names and settings.
fn two_resources(lab: &Lab, provider: &str, source: &str) {
    let resource = |name: &str, public: bool| {
        format!("resource \"incus_image\" \"{name}\" {{\n  alias = \"{name}\"\n  public = {public}\n  {source}\n}}\n")
    };
    let proxy = Proxy::start(lab);
    let run = proxy.terraform(lab, &format!("{provider}{}{}", resource("one", true), resource("two", false)));
    run.apply().fails_with(EXISTS).shows("give that one more `aliases`");
    let winner = if run.state("incus_image.one").is_null() { "two" } else { "one" };
    is_the_winners(lab, &[winner]);
    run.config(&format!("{provider}{}", resource(winner, winner == "one"))).plan().is_empty();
}

#[test]
fn two_processes_with_one_file_and_two_names() {
    let Some(lab) = Lab::start() else { return };
    let image = version(&lab, 1);
    let config = |name: &str| {
        format!("resource \"incus_image\" \"alpine\" {{\n  alias = \"{name}\"\n  {}\n}}\n", image.arguments())
    };
    let (first, second) = two_processes(&lab, &config("one"), &config("two"), "/1.0/images");
    let (winner, loser) = winner_first(first, second, &["one"], &["two"]);
    loser.outcome.fails_with(EXISTS);
    is_the_winners(&lab, winner.names);
    winner.run.plan().is_empty();
    loser.run.apply().fails_with(EXISTS);
    is_the_winners(&lab, winner.names);
}

#[test]
fn two_processes_with_one_name_and_two_files() {
    let Some(lab) = Lab::start() else { return };
    let (one, two) = (lab.images().unified("one"), lab.images().unified("two"));
    let (first, second) = two_processes(&lab, &alpine(&one, ""), &alpine(&two, ""), "/1.0/images/aliases");
    let (winner, loser) = winner_first(first, second, &["alpine", "alpine/edge"], &["alpine", "alpine/edge"]);
    loser.outcome.fails_with("alias");
    is_the_winners(&lab, winner.names);
    winner.run.plan().is_empty();
    assert!(loser.run.state(super::ALPINE).is_null());
}

#[test]
fn two_processes_with_one_copy_and_two_names() {
    two_processes_with_one_copy("");
}

/// Where the server is asked for a name, neither process knows beforehand which image that is.
#[test]
fn two_processes_with_one_followed_copy_and_two_names() {
    two_processes_with_one_copy("auto_update = true");
}

/// A name that goes with the old content, and that another resource has taken over by then, is the other's.
#[test]
fn a_name_that_another_resource_takes_over_during_the_run() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&alpine(&version(&lab, 1), ""));
    run.settles();
    let (new, other) = (version(&lab, 2), lab.images().unified("other"));
    let winner = format!("alias = \"alpine/edge\"\n  alias_conflict = \"take_over\"\n  {}", other.arguments());
    let loser = alpine(&new, "depends_on = [incus_image.winner]").replace("[\"alpine/edge\"]", "[]");
    run.config(&format!("{loser}resource \"incus_image\" \"winner\" {{\n  {winner}\n}}\n")).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    assert_eq!(lab.image("alpine/edge")["fingerprint"], other.fingerprint);
    assert_eq!(lab.api().images().len(), 2, "the old image is gone");
}

/// The same where the content stays, at the last moment.
#[test]
fn a_name_that_somebody_else_takes_while_it_is_given_up() {
    let Some(lab) = Lab::start() else { return };
    let (run, proxy, image, theirs) = beside_theirs(&lab);
    proxy.on("PUT", &format!("/1.0/images/{}", image.fingerprint)).after(take(&lab, "alpine/edge", &theirs));
    run.config(&alpine(&image, "public = true").replace("[\"alpine/edge\"]", "[]")).settles();
    assert!(!proxy.disarm());
    assert_eq!(lab.image("alpine/edge")["fingerprint"], theirs.fingerprint);
}

#[test]
fn a_name_that_somebody_else_takes_while_it_is_renamed() {
    let Some(lab) = Lab::start() else { return };
    let (run, proxy, image, theirs) = beside_theirs(&lab);
    proxy.on("PUT", &format!("/1.0/images/{}", image.fingerprint)).after(take(&lab, "alpine", &theirs));
    run.config(&alpine(&image, "public = true").replace("\"alpine\"\n", "\"renamed\"\n")).settles();
    assert!(!proxy.disarm());
    assert_eq!(lab.image("alpine")["fingerprint"], theirs.fingerprint);
    assert_eq!(lab.image("renamed")["fingerprint"], image.fingerprint);
}

#[test]
fn a_name_that_somebody_else_takes_while_it_is_described() {
    let Some(lab) = Lab::start() else { return };
    let (run, proxy, image, theirs) = beside_theirs(&lab);
    let described = "public = true\n  alias_descriptions = { \"alpine/edge\" = \"The newest\" }";
    run.config(&alpine(&image, described)).plan().updates(super::ALPINE);
    proxy.on("GET", "/1.0/images/aliases/alpine%2Fedge").before(take(&lab, "alpine/edge", &theirs));
    run.apply().fails_with("The result differs from the plan");
    assert!(!proxy.disarm());
    assert_eq!(lab.image("alpine/edge")["fingerprint"], theirs.fingerprint);
}

/// Each takes the names of the next one while that one gives them up, in place and then with other content.
#[test]
fn names_that_are_handed_round() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform(&ring(&lab, 0, 1));
    run.settles();
    for (shift, version) in [(1, 1), (2, 2)] {
        run.config(&ring(&lab, shift, version)).settles();
        for number in 0..RING {
            let held = lab.image(&format!("name-{}", (number + shift) % RING));
            assert_eq!(held["properties"]["release"], format!("tiny-{number}"), "{held:#}");
            assert_eq!(held["aliases"].as_array().unwrap().len(), 2, "{held:#}");
        }
    }
    run.destroy().succeeds();
    lab.has_no_images();
}

/// Images of this version, each with the names of one that is so much further in the ring.
fn ring(lab: &Lab, shift: u32, version: u64) -> String {
    let resource = |number: u32| {
        let (name, number) = (format!("name-{}", (number + shift) % RING), format!("tiny-{number}"));
        let names = format!("alias = \"{name}\"\n  aliases = [\"{name}/more\"]\n  alias_conflict = \"take_over\"");
        let source = lab.images().version(version).unified(&number).arguments();
        format!("resource \"incus_image\" \"{number}\" {{\n  {names}\n  {source}\n}}\n")
    };
    (0..RING).map(resource).collect()
}

/// The first version in service, and an image of somebody else's.
fn beside_theirs(lab: &Lab) -> (Workspace, Proxy, ImageFiles, ImageFiles) {
    let (image, theirs, proxy) = (version(lab, 1), lab.images().unified("theirs"), Proxy::start(lab));
    let run = proxy.terraform(lab, &alpine(&image, ""));
    run.settles();
    lab.by_hand("theirs", &theirs);
    (run, proxy, image, theirs)
}

/// Points a name at the image `theirs` by hand.
fn take(lab: &Lab, name: &str, theirs: &ImageFiles) -> impl FnOnce(&Request) + Send + use<> {
    let target = json!({"target": theirs.fingerprint}).to_string();
    let path = format!("/1.0/images/aliases/{}", name.replace('/', "%2F"));
    lab.incus_command(["query", "-X", "PUT", "--data", &target, &path])
}

/// Both copies succeed on the server, on one image.
fn two_processes_with_one_copy(more: &str) {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    server.publish("alpine", &lab.images().split("alpine"));
    lab.incus(["profile", "create", "one"]);
    lab.incus(["profile", "create", "two"]);
    let slow = server.slow_url(1_000);
    let provider = upstream(&slow, "").split("resource").next().unwrap().to_owned();
    let config = |name: &str, public: bool| {
        let settings = format!("public = {public}\n  profiles = [\"{name}\"]\n  properties = {{ of = \"{name}\" }}");
        format!(
            "{provider}resource \"incus_image\" \"alpine\" {{\n  alias = \"{name}\"\n  source = \"upstream:alpine\"\n  {settings}\n  {more}\n}}\n"
        )
    };
    let (first, second) = two_processes(&lab, &config("one", true), &config("two", false), "/1.0/images");
    let (winner, loser) = winner_first(first, second, &["one"], &["two"]);
    loser.outcome.fails_with(EXISTS).shows("terraform import ADDRESS");
    assert!(loser.run.state(super::ALPINE).is_null());
    is_the_winners(&lab, winner.names);
    let name = winner.names[0];
    let held = lab.image(name);
    assert_eq!((&held["public"], &held["profiles"]), (&json!(name == "one"), &json!([name])));
    assert_eq!(held["properties"], json!({"of": name}));
    winner.run.plan().is_empty();

    loser.run.apply().fails_with(EXISTS);
    assert_eq!(lab.image(name), held, "trying again changes nothing");
    loser.run.destroy().succeeds();
    assert_eq!(lab.image(name), held);
}

/// One of two that want the same.
struct Rival<'a> {
    run: Workspace,
    outcome: Outcome,
    names: &'a [&'a str],
}

/// Applies both at once; they meet before they `POST` to this path.
fn two_processes(lab: &Lab, one: &str, two: &str, path: &str) -> ((Workspace, Outcome), (Workspace, Outcome)) {
    let (here, there) = (Proxy::start_at(lab, "one.socket"), Proxy::start_at(lab, "two.socket"));
    let (one, two) = (here.terraform(lab, one), there.terraform(lab, two));
    meet(&here, &there, path);
    let outcomes = thread::scope(|scope| {
        let running = [&one, &two].map(|run| scope.spawn(|| run.apply()));
        running.map(|running| running.join().expect("an outcome"))
    });
    assert!(!here.disarm() && !there.disarm(), "they have met");
    let [first, second] = outcomes;
    let one = one.env("INCUS_SOCKET", lab.path("incus/unix.socket"));
    let two = two.env("INCUS_SOCKET", lab.path("incus/unix.socket"));
    ((one, first), (two, second))
}

/// Holds the next request of each until the other's is there too.
fn meet(here: &Proxy, there: &Proxy, path: &str) {
    let barrier = Arc::new(Barrier::new(2));
    for proxy in [here, there] {
        let barrier = Arc::clone(&barrier);
        proxy.on("POST", path).before(move |_: &Request| {
            barrier.wait();
        });
    }
}

fn winner_first<'a>(
    (one, first): (Workspace, Outcome),
    (two, second): (Workspace, Outcome),
    names: &'a [&'a str],
    others: &'a [&'a str],
) -> (Rival<'a>, Rival<'a>) {
    let first_wins = first.stdout().contains("Apply complete!");
    let one = Rival { run: one, outcome: first, names };
    let two = Rival { run: two, outcome: second, names: others };
    let (winner, loser) = if first_wins { (one, two) } else { (two, one) };
    winner.outcome.succeeds();
    (winner, loser)
}

/// One image is there, finished, under exactly these names.
#[track_caller]
fn is_the_winners(lab: &Lab, names: &[&str]) {
    let images = lab.api().images();
    assert_eq!(images.len(), 1, "{images:#?}");
    let aliases: Vec<&Value> = images[0]["aliases"].as_array().unwrap().iter().map(|alias| &alias["name"]).collect();
    assert_eq!(aliases.len(), names.len(), "{aliases:?}");
    assert!(names.iter().all(|name| aliases.iter().any(|alias| *alias == name)), "{aliases:?}");
    assert!(!is_unfinished(&images[0]));
}
