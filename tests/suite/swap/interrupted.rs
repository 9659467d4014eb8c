//! The provider killed, or the daemon restarted, at each request of a create and of a swap. Then the next apply leads to the one
//! image that is wanted.

use std::process::Command;

use super::held::Held;
use super::{ALPINE, alpine, apply_plan, upstream, version};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::proxy::{Proxy, Request};
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

#[test]
fn a_provider_killed_at_any_request_of_a_swap() {
    each_request_is_interrupted(Change::Swap, |_, proxy, step| proxy.on_request(step).after(kill));
}

#[test]
fn a_provider_killed_at_any_request_of_a_create() {
    each_request_is_interrupted(Change::Create, |_, proxy, step| proxy.on_request(step).after(kill));
}

#[test]
fn a_daemon_restarted_before_any_request_of_a_swap() {
    each_request_is_interrupted(Change::Swap, restart);
}

#[test]
fn a_daemon_restarted_before_any_request_of_a_create() {
    each_request_is_interrupted(Change::Create, restart);
}

/// Of a copy, the files tell nothing: what shows whose image it is, is what the source has.
#[test]
fn a_provider_killed_at_any_request_of_a_swap_of_a_copy() {
    each_request_is_interrupted(Change::Refresh, |_, proxy, step| proxy.on_request(step).after(kill));
}

/// Core forgets with the provider that the image was somebody else's.
#[test]
fn an_adopted_image_is_not_deleted_after_the_provider_was_killed() {
    let Some(lab) = Lab::start() else { return };
    let theirs = lab.images().unified("theirs");
    lab.by_hand("alpine", &theirs);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, "resource \"incus_image\" \"alpine\" {\n  alias = \"alpine\"\n}\n");
    run.settles();
    let new = version(&lab, 2);
    run.config(&alpine(&new, ""));
    proxy.on("POST", "/1.0/images").before(kill);
    run.apply().fails_with("Error:");
    assert!(!proxy.disarm());
    assert_eq!(run.state(ALPINE)["fingerprint"], theirs.fingerprint);
    run.settles().shows("The old image was not deleted").shows("So it stays.");
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    let mut held: Vec<_> = lab.api().images().iter().map(|image| image["fingerprint"].clone()).collect();
    held.retain(|fingerprint| *fingerprint != new.fingerprint);
    assert_eq!(held, [theirs.fingerprint]);
}

/// As the kernel does when memory is short.
fn kill(request: &Request) {
    let killed = Command::new("kill").args(["-9", &request.process.to_string()]).status().expect("kill");
    assert!(killed.success(), "{request}");
}

fn restart(lab: &Lab, proxy: &Proxy, step: usize) {
    let daemon = lab.restart();
    proxy.on_request(step).before(move |_| daemon.now());
}

/// What is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Create,
    Swap,
    /// A swap, to what the source of a copy has become.
    Refresh,
}

/// Makes the same change to ever newer versions, interrupted one request later each time.
fn each_request_is_interrupted(change: Change, interrupt: impl Fn(&Lab, &Proxy, usize)) {
    let Some(lab) = Lab::start() else { return };
    let (proxy, server) = (Proxy::start(&lab), SimplestreamsServer::start());
    let (file, copied) = (version(&lab, 1), upstream(server.url(), "source = \"upstream:alpine\"\n  refresh = true"));
    let newer = |number: u64| match change {
        Change::Create | Change::Swap => version(&lab, number).fingerprint,
        Change::Refresh => {
            let image = lab.images().version(number).split("alpine");
            server.publish("alpine", &image);
            lab.forget_simplestreams();
            image.fingerprint
        }
    };
    let config = match change {
        Change::Create | Change::Swap => alpine(&file, ""),
        Change::Refresh => copied,
    };
    newer(1);
    let run = proxy.terraform(&lab, &config);
    run.settles();
    let mut breaches = Vec::new();
    for step in 0.. {
        if change == Change::Create {
            run.destroy().succeeds();
        }
        let new = newer(u64::try_from(step).unwrap() + 2);
        run.plan();
        proxy.take_requests();
        interrupt(&lab, &proxy, step);
        let applied = apply_plan(&run);
        if proxy.disarm() {
            applied.succeeds();
            assert!(step > 10, "a {change:?} takes some requests");
            break;
        }
        let seen = proxy.take_requests();
        let (before, outcome) = (Held::now(&lab, &run), repair(change, &lab, &run, &new));
        if let Err(again) = outcome {
            let after = Held::now(&lab, &run);
            breaches.push(format!("{step} {}: {before}\nthen {after}\n{}", seen[step], again.stderr()));
            start_over(&lab, &run);
        }
    }
    assert!(breaches.is_empty(), "{change:?}:\n{}", breaches.join("\n"));
}

/// The next apply leads to the one image that is wanted. Nobody but the user can know that a finished image of which the state
/// says nothing is the one that was to be created: the error says how to import it.
fn repair(change: Change, lab: &Lab, run: &Workspace, new: &str) -> Result<(), Outcome> {
    let is_unknown = change == Change::Create && Held::now(lab, run).is_finished_but_unknown(new);
    let mut applied = run.apply();
    if is_unknown {
        applied.fails_with(&format!("terraform import ADDRESS 'local:default/{new}'"));
        run.import(ALPINE, "local:default/alias=alpine").succeeds();
        applied = run.apply();
    }
    match Held::now(lab, run).is_only(new) && run.plan().changes_nothing() {
        true => Ok(()),
        false => Err(applied),
    }
}

/// Makes all good by hand, for the steps to come.
fn start_over(lab: &Lab, run: &Workspace) {
    lab.delete_images();
    run.run(["state", "rm", ALPINE]);
    run.settles();
}
