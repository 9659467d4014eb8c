//! A copy that is interrupted: by Ctrl-C, which asks it to stop, and by a Terraform that is gone.

use std::net::TcpListener;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::core::{Core, Failure};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// How long a slow copy takes that nobody interrupts, at least.
const SLOW: Duration = Duration::from_secs(4);

/// How long anything may take that has to happen.
const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn stop_ends_a_copy_and_leaves_nothing_behind() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let core = slow_core(&lab, &upstream, &publish(&lab, &upstream));
    let mut image = core.resource("incus_image");
    let applying = image.begin_apply(&copy());
    wait_until("the copy has begun", || downloads(&upstream) > 0);
    let stopped = Instant::now();
    core.stop();
    let failed = image.finish(applying).expect_err("what was stopped has to fail");
    assert!(stopped.elapsed() < SLOW, "it waited for the end of the copy: {:?}", stopped.elapsed());
    failed.during("ApplyResourceChange");
    assert!(!image.exists(), "a state of an image that is not there");
    lab.has_no_images();
    assert_eq!(lab.api().get("/1.0/images/aliases"), json!([]));

    // What comes later works as before.
    image.apply(&copy()).destroy();
    lab.has_no_images();
    core.shutdown();
}

#[test]
fn stop_ends_a_swap_and_keeps_what_was_there() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let old = lab.images().unified("old");
    let new = publish(&lab, &upstream);
    let core = slow_core(&lab, &upstream, &new);
    let config = json!({"alias": "alpine", "source": old.source});
    let mut image = core.resource("incus_image");
    image.apply(&config);
    let applying = image.begin_apply(&copy());
    wait_until("the copy has begun", || downloads(&upstream) > 0);
    core.stop();
    image.finish(applying).expect_err("what was stopped has to fail").during("ApplyResourceChange");
    assert_eq!(image.value("fingerprint"), old.fingerprint);
    assert_eq!(lab.image("alpine")["fingerprint"], old.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
    image.plan(&config).is_noop();

    image.apply(&copy());
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    assert_eq!(lab.api().images().len(), 1);
    image.destroy();
    lab.has_no_images();
}

#[test]
fn stop_ends_a_look_at_a_server_that_says_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let core = Core::without_server();
    core.configure(&json!({"remote": [{"name": "images", "address": address, "protocol": "simplestreams"}]}));
    let look = || core.read_data_failing("incus_images", &json!({"remote": "images"}));
    let plan = || core.resource("incus_image").plan_failing(&json!({"alias": "alpine", "source": "images:alpine"}));
    // A plan is asked for twice, to see that it is the same.
    let asked: [(&str, usize, &(dyn Fn() -> Failure + Sync)); 2] =
        [("ReadDataSource", 1, &look), ("PlanResourceChange", 2, &plan)];
    for (rpc, times, ask) in asked {
        thread::scope(|scope| {
            let asking = scope.spawn(ask);
            let connect = |_| {
                let connection = silent.accept().unwrap();
                core.stop();
                connection
            };
            let _connections: Vec<_> = (0..times).map(connect).collect();
            asking.join().unwrap().during(rpc).says("The run was stopped.");
        });
    }
    core.shutdown();
}

#[test]
fn a_dropped_stream_does_not_cut_a_copy_in_half() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let files = publish(&lab, &upstream);
    let core = slow_core(&lab, &upstream, &files);
    let mut image = core.resource("incus_image");
    image.apply(&copy());
    let uninterrupted = lab.image("alpine")["properties"].clone();
    image.destroy();

    let applying = image.begin_apply(&copy());
    wait_until("the copy has begun again", || downloads(&upstream) > 2);
    applying.abandon();
    // It ends in order: named, and without the mark of an unfinished image.
    wait_until("the image has its name", || lab.api().has("/1.0/images/aliases/alpine"));
    wait_until("the mark is gone", || lab.image("alpine")["properties"] == uninterrupted);
    assert_eq!(lab.api().images().len(), 1);
}

#[test]
fn what_a_killed_provider_left_is_taken_up_by_the_next() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let files = publish(&lab, &upstream);
    let core = slow_core(&lab, &upstream, &files);
    let applying = core.resource("incus_image").begin_apply(&copy());
    wait_until("the copy has begun", || downloads(&upstream) > 0);
    applying.abandon();
    core.kill();
    // The server goes on by itself.
    wait_until("the image is there", || !lab.api().images().is_empty());
    assert_eq!(lab.api().images()[0]["aliases"], json!([]));

    let core = slow_core(&lab, &upstream, &files);
    let mut image = core.resource("incus_image");
    image.apply(&copy());
    assert_eq!(lab.api().images().len(), 1);
    assert_eq!(lab.image("alpine")["fingerprint"], files.fingerprint);
    image.destroy();
    lab.has_no_images();
}

fn publish(lab: &Lab, upstream: &SimplestreamsServer) -> ImageFiles {
    let files = lab.images().split("alpine");
    upstream.publish("alpine/edge", &files);
    files
}

/// With a remote at which a copy of these files takes a while.
fn slow_core(lab: &Lab, upstream: &SimplestreamsServer, files: &ImageFiles) -> Core {
    let bytes: u64 = files.paths().iter().map(|path| path.metadata().unwrap().len()).sum();
    let address = upstream.slow_url(u32::try_from(bytes / SLOW.as_secs()).unwrap());
    Core::start_with(lab, &json!({"remote": [{"name": "upstream", "address": address, "protocol": "simplestreams"}]}))
}

fn copy() -> Json {
    json!({"alias": "alpine", "source": "upstream:alpine/edge"})
}

/// How many files of images were asked for; a split image has two.
fn downloads(upstream: &SimplestreamsServer) -> usize {
    let files = |path: &&String| path.starts_with("/slow/") && !path.ends_with(".json");
    upstream.requests().iter().filter(files).count()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        sleep(Duration::from_millis(20));
    }
}
