//! Ctrl-C during the transfer of a swap: it ends at once, and the old content stays in service.

use std::process::Command;
use std::time::{Duration, Instant};

use super::held::Held;
use super::upstream;
use crate::support::lab::Lab;
use crate::support::proxy::{Proxy, Request};
use crate::support::simplestreams::SimplestreamsServer;

/// How long the transfer takes that nobody interrupts, at least.
const SLOW: Duration = Duration::from_secs(15);

#[test]
fn ctrl_c_during_a_transfer_leaves_the_old_content() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().split("old"), lab.images().split("new"));
    server.publish("old", &old);
    server.publish("new", &new);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &upstream(server.url(), "source = \"upstream:old\""));
    run.settles();

    let bytes: u64 = new.paths().iter().map(|path| path.metadata().unwrap().len()).sum();
    let slowly = server.slow_url(u32::try_from(bytes / SLOW.as_secs()).unwrap());
    run.config(&upstream(&slowly, "source = \"upstream:new\""));
    proxy.on("POST", "/1.0/images").after(|request| {
        // The operation can be cancelled once the download runs, and whatever the moment, a stop is a stop.
        std::thread::sleep(Duration::from_millis(500));
        interrupt(request);
    });
    let begun = Instant::now();
    run.apply().fails_with("Stopped");
    assert!(!proxy.disarm());
    assert!(begun.elapsed() < SLOW, "it waited for the end of the transfer: {:?}", begun.elapsed());
    let held = Held::now(&lab, &run);
    assert!(held.is_only(&old.fingerprint), "{held}");

    run.config(&upstream(server.url(), "source = \"upstream:new\"")).settles();
    let held = Held::now(&lab, &run);
    assert!(held.is_only(&new.fingerprint), "{held}");
}

/// As a terminal does it: to every process of the group that the provider is in.
fn interrupt(request: &Request) {
    let ps = Command::new("ps").args(["-o", "pgid=", "-p", &request.process.to_string()]).output().expect("ps");
    let group = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
    let sent = Command::new("kill").args(["-INT", "--", &format!("-{group}")]).status().expect("kill");
    assert!(sent.success(), "group {group}");
}
