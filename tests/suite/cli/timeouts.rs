//! `timeouts`: a step that takes too long is stopped as Ctrl-C would, and says what to allow.

use std::time::{Duration, Instant};

use super::{ALPINE, alpine, upstream};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::proxy::Proxy;
use crate::support::simplestreams::SimplestreamsServer;

/// At this pace, in bytes per second, a copy takes half a minute.
const SLOW: u32 = 150;

fn copy(address: &str, name: &str, timeouts: &str) -> String {
    let arguments = format!("alias = \"alpine\"\n  source = \"upstream:{name}\"\n  timeouts {{\n    {timeouts}\n  }}");
    format!("{}{}", upstream(address), alpine(&arguments))
}

/// What an apply says that has to end long before its copy would.
#[track_caller]
fn in_time(apply: impl FnOnce() -> Outcome) -> Outcome {
    let start = Instant::now();
    let outcome = apply();
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    outcome
}

#[test]
fn a_create_that_takes_too_long_leaves_nothing() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine/edge", &image);
    let limit = "create = \"2s\"";
    let run = lab.terraform(&copy(&server.slow_url(SLOW), "alpine/edge", limit));
    in_time(|| run.apply())
        .fails_with("Timed out")
        .shows("It took longer than 2 s. If it is still to succeed, allow more: timeouts { create = \"…\" }.");
    lab.has_no_images();
    assert!(run.state(ALPINE).is_null());

    run.config(&copy(server.url(), "alpine/edge", "create = \"1m30s\"")).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn other_content_that_takes_too_long_leaves_the_old_one() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let older = lab.images().split("older");
    let newer = lab.images().split("newer");
    server.publish("older", &older);
    server.publish("newer", &newer);
    let limit = "update = \"2s\"";
    let run = lab.terraform(&copy(server.url(), "older", limit));
    run.settles();
    let held = lab.api().images();
    run.config(&copy(&server.slow_url(SLOW), "newer", limit));
    in_time(|| run.apply()).fails_with("Timed out").shows("allow more: timeouts { update = \"…\" }.");
    assert_eq!(lab.api().images(), held);
    assert_eq!(run.state(ALPINE)["fingerprint"], older.fingerprint);

    run.config(&copy(server.url(), "newer", "")).settles();
    assert_eq!(lab.api().images(), [lab.image("alpine")]);
    assert_eq!(lab.image("alpine")["fingerprint"], newer.fingerprint);
}

#[test]
fn a_read_that_takes_too_long_is_an_error_and_forgets_nothing() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let proxy = Proxy::start(&lab);
    let limited = "timeouts { read = \"1s\" }";
    let config = alpine(&format!("alias = \"alpine\"\n  {}\n  {limited}", image.arguments()));
    let run = proxy.terraform(&lab, &config);
    run.settles();
    proxy.on("GET", "/1.0/images/").before(|_| std::thread::sleep(Duration::from_secs(5)));
    run.plan().fails_with("It took longer than 1 s.");
    assert_eq!(run.state(ALPINE)["fingerprint"], image.fingerprint);
    run.settles();
}

#[test]
fn they_are_recorded_without_a_write() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let with = |timeouts: &str| alpine(&format!("alias = \"alpine\"\n  {source}\n  {timeouts}"));
    let run = lab.terraform(&with(""));
    run.settles();
    let held = lab.image("alpine");
    for timeouts in ["timeouts { read = \"1m\" }", "timeouts { delete = \"1.5h\" }", "timeouts {}", ""] {
        run.config(&with(timeouts)).settles();
        assert_eq!(lab.image("alpine"), held, "{timeouts}");
    }
    run.config(&with("timeouts { delete = \"1m\" }")).settles();
    run.destroy().succeeds();
    lab.has_no_images();
}

#[test]
fn what_is_no_duration_is_refused() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    for (step, text) in [("create", "5"), ("read", "0s"), ("update", "-5m"), ("delete", "a day")] {
        run.config(&alpine(&format!("alias = \"a\"\n  timeouts {{\n    {step} = \"{text}\"\n  }}")))
            .validate()
            .fails_with(&format!(
                "\"{text}\" is no duration. Write numbers with units, as in \"90s\", \"60m\" or \"1h30m\"."
            ))
            .shows(&format!("4:     {step} = \"{text}\""));
    }
}
