//! While a swap goes on somebody uses the image: its names never fail to point at the old or the new content.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use super::{in_service, upstream, version};
use crate::support::api::Api;
use crate::support::lab::Lab;
use crate::support::proxy::Fault;
use crate::support::simplestreams::SimplestreamsServer;

const NAMES: [&str; 2] = ["alpine", "alpine/edge"];

#[test]
fn no_name_is_missing_while_a_file_is_swapped() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, run) = in_service(&lab);
    let old = version(&lab, 1);
    let new = version(&lab, 2);
    let poller = Poller::start(&lab);
    run.settles();
    poller.saw_only(&old.fingerprint, &new.fingerprint);
}

#[test]
fn no_name_is_missing_while_a_copy_is_swapped() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().split("old"), lab.images().split("new"));
    server.publish("old", &old);
    server.publish("new", &new);
    let copy = |name: &str| upstream(server.url(), &format!("source = \"upstream:{name}\""));
    let run = lab.terraform(&copy("old"));
    run.settles();
    let poller = Poller::start(&lab);
    run.config(&copy("new")).settles();
    poller.saw_only(&old.fingerprint, &new.fingerprint);
}

#[test]
fn no_name_is_missing_while_a_failed_swap_is_put_back() {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run) = in_service(&lab);
    let (old, new) = (version(&lab, 1), version(&lab, 2));
    let poller = Poller::start(&lab);
    proxy.on("PUT", "/1.0/images/aliases/alpine").fails(Fault::Refused);
    run.apply().fails_with("The proxy refuses");
    let puts = proxy.take_writes().into_iter().filter(|write| write.starts_with("PUT /1.0/images/aliases/"));
    assert_eq!(
        puts.collect::<Vec<_>>(),
        ["alpine%2Fedge", "alpine", "alpine%2Fedge"].map(|name| format!("PUT /1.0/images/aliases/{name}")),
        "the primary name is the last to move, and the other goes back"
    );
    poller.saw_only(&old.fingerprint, &new.fingerprint);
    assert_eq!(lab.image("alpine/edge")["fingerprint"], old.fingerprint);
}

#[test]
fn the_poller_notices_a_name_that_is_made_anew() {
    let Some(lab) = Lab::start() else { return };
    let (_proxy, _run) = in_service(&lab);
    let poller = Poller::start(&lab);
    lab.incus(["image", "alias", "delete", "alpine"]);
    poller.has_looked();
    lab.incus(["image", "alias", "create", "alpine", &version(&lab, 1).fingerprint]);
    assert!(poller.stop()["alpine"].contains(&"404".to_owned()), "a gap is seen");
}

/// Asks for both names without pause.
struct Poller {
    stop: Arc<AtomicBool>,
    rounds: Receiver<()>,
    asking: JoinHandle<Answers>,
}

/// What each name answered, in order, repetitions left out.
type Answers = BTreeMap<&'static str, Vec<String>>;

impl Poller {
    fn start(lab: &Lab) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, socket): (_, PathBuf) = (Arc::clone(&stop), lab.path("incus/unix.socket"));
        let (round, rounds) = channel();
        let asking = std::thread::spawn(move || {
            let api = Api::new(&socket);
            let mut answers = Answers::new();
            while !stopped.load(Ordering::Relaxed) {
                for name in NAMES {
                    let answer = api.target(name).unwrap_or_else(|error| error["error_code"].to_string());
                    let answers = answers.entry(name).or_default();
                    if answers.last() != Some(&answer) {
                        answers.push(answer);
                    }
                }
                // Nobody may wait for it any more.
                let _ = round.send(());
            }
            answers
        });
        let poller = Self { stop, rounds, asking };
        poller.has_looked();
        poller
    }

    /// Waits until it has asked for both names once more.
    fn has_looked(&self) {
        self.rounds.try_iter().for_each(drop);
        // The first round to end may have begun before.
        for _ in 0..2 {
            self.rounds.recv().expect("the poller asks");
        }
    }

    fn stop(self) -> Answers {
        self.stop.store(true, Ordering::Relaxed);
        self.asking.join().expect("the poller ends")
    }

    #[track_caller]
    fn saw_only(self, old: &str, new: &str) {
        for (name, answers) in self.stop() {
            assert_eq!(answers[0], old, "{name}");
            assert!(answers.iter().all(|answer| answer == old || answer == new), "{name}: {answers:?}");
        }
    }
}
