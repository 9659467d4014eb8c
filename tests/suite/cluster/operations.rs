//! Operations that go on when the member that was asked is no more, and operations that end with it.

use super::{IMAGE, image};
use crate::support::cable::Cable;
use crate::support::cluster::Cluster;
use crate::support::running::until;
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

/// A workspace in which the cluster, known by these addresses, copies an image that takes its time.
fn copying(cluster: &Cluster, server: &SimplestreamsServer, addresses: &[&str], bytes_per_second: u32) -> Workspace {
    let lab = cluster.lab();
    server.publish("alpine/edge", &lab.images().split("alpine"));
    lab.client_config(&format!(
        "remotes:\n  upstream:\n    addr: {}\n    protocol: simplestreams\n    public: true\n",
        server.slow_url(bytes_per_second)
    ));
    let copy = image("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"");
    lab.terraform(&format!("{}{copy}", cluster.provider(addresses)))
}

fn until_it_downloads(cluster: &Cluster) {
    let operations = || cluster.lab().api().get("/1.0/operations?recursion=1").to_string();
    until("a download has begun", || operations().contains("Downloading image"));
}

#[test]
fn an_operation_is_waited_for_at_another_member_when_the_one_in_use_is_out_of_reach() {
    let server = SimplestreamsServer::start();
    let Some(cluster) = Cluster::start() else { return };
    let [first, second, third] = cluster.addresses();
    let cable = Cable::to(first);
    let run = copying(&cluster, &server, &[cable.address(), second, third], 1_000);
    let apply = run.start_apply();
    until_it_downloads(&cluster);
    cable.cut();
    assert!(cluster.lab().api().images().is_empty(), "it was cut too late");
    apply.ends().succeeds();
    run.plan().is_empty();
    assert_eq!(cluster.lab().api().images().len(), 1);
}

#[test]
fn an_operation_that_ends_with_its_member_is_told_of_and_the_next_apply_makes_good() {
    let server = SimplestreamsServer::start();
    let Some(cluster) = Cluster::start() else { return };
    let run = copying(&cluster, &server, &cluster.addresses(), 500);
    let apply = run.start_apply();
    until_it_downloads(&cluster);
    assert!(cluster.lab().api().images().is_empty());
    cluster.killing()();
    apply
        .ends()
        .fails_with("the server or cluster member that was at it can't be asked any more")
        .shows("Apply again: what it has made by then is found");
    run.settles();
    let images = cluster.second().images();
    assert_eq!(images.len(), 1, "{images:#?}");
    assert_eq!(images[0]["properties"].get("user.terraform.creating"), None);
    assert_eq!(run.state(IMAGE)["fingerprint"], images[0]["fingerprint"]);
}
