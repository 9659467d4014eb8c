//! A swap of which one request fails, each in turn and in every manner: before the primary name moves, the old content stays in
//! service and nothing new is left; after it, the new one is, and the next apply removes the old image.

use super::held::Held;
use super::{ALPINE, alpine, apply_plan, in_service, version};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::proxy::Fault;
use crate::support::terraform::Workspace;

/// The step from which on the new content is in service.
const PRIMARY_MOVES: &str = "PUT /1.0/images/aliases/alpine";

/// The step that brings the new image in.
const UPLOAD: &str = "POST /1.0/images";

#[test]
fn a_refused_step_leaves_the_old_content_or_the_new() {
    each_step_fails(Fault::Refused, Names::Kept);
}

#[test]
fn a_step_that_never_arrives_leaves_the_old_content_or_the_new() {
    each_step_fails(Fault::Cut, Names::Kept);
}

#[test]
fn a_step_whose_answer_is_lost_leaves_the_old_content_or_the_new() {
    each_step_fails(Fault::Lost, Names::Kept);
}

#[test]
fn a_refused_step_where_names_come_and_go_too() {
    each_step_fails(Fault::Refused, Names::Changed);
}

#[test]
fn a_step_whose_answer_is_lost_where_names_come_and_go_too() {
    each_step_fails(Fault::Lost, Names::Changed);
}

/// What becomes of the names in a swap.
#[derive(Clone, Copy, Debug)]
enum Names {
    Kept,
    /// One goes, and another comes.
    Changed,
}

/// What is to be in service at some time.
struct Content {
    fingerprint: String,
    names: Vec<String>,
}

impl Content {
    fn version(lab: &Lab, number: u64, names: Names) -> Self {
        let mut all = vec!["alpine".to_owned(), "alpine/edge".to_owned()];
        all.extend(match names {
            Names::Kept => None,
            Names::Changed => Some(format!("alpine/version-{number}")),
        });
        Self { fingerprint: version(lab, number).fingerprint, names: all }
    }

    /// The configuration that wants it.
    fn config(&self, lab: &Lab, number: u64) -> String {
        let (_, more) = self.names.split_first().expect("names");
        alpine(&version(lab, number), "").replace("[\"alpine/edge\"]", &format!("{more:?}"))
    }
}

/// Swaps to ever newer versions, one step later failing each time, until every step has failed once.
fn each_step_fails(fault: Fault, names: Names) {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run) = in_service(&lab);
    let mut breaches = Vec::new();
    let mut old = Content::version(&lab, 1, names);
    run.config(&old.config(&lab, 1)).settles();
    for (step, number) in (2..).enumerate() {
        let new = Content::version(&lab, number, names);
        run.config(&new.config(&lab, number)).plan().updates(ALPINE);
        proxy.take_requests();
        proxy.on_request(step).fails(fault);
        let applied = apply_plan(&run);
        if proxy.disarm() {
            applied.succeeds();
            assert!(step > 10, "a swap takes some requests");
            break;
        }
        let failed = Failed { lab: &lab, run: &run, old: &old, new: &new, fault, seen: proxy.take_requests(), step };
        breaches.extend(failed.is_safe(&applied).and_then(|()| failed.is_repaired()).err());
        old = new;
    }
    assert!(breaches.is_empty(), "{fault:?}, names {names:?}:\n{}", breaches.join("\n"));
}

fn is_only(held: &Held, content: &Content) -> bool {
    held.is_only_under(&content.names, &content.fingerprint)
}

/// A swap of which a step has failed.
struct Failed<'a> {
    lab: &'a Lab,
    run: &'a Workspace,
    old: &'a Content,
    new: &'a Content,
    fault: Fault,
    seen: Vec<String>,
    step: usize,
}

impl Failed<'_> {
    /// One content is in service, the state says which, and nothing else is left that nobody knows of.
    fn is_safe(&self, applied: &Outcome) -> Result<(), String> {
        let held = Held::now(self.lab, self.run);
        let primary = self.seen.iter().position(|request| request == PRIMARY_MOVES);
        let is_safe = match applied.stdout().contains("Apply complete!") {
            true => is_only(&held, self.new),
            false if primary.is_some_and(|primary| primary < self.step) => self.is_new(&held),
            // Whether the name has moved is not known, and either way will do.
            false if primary == Some(self.step) => is_only(&held, self.old) || self.is_new(&held),
            // How far the upload has come is not known.
            false if self.fault == Fault::Lost && self.seen.get(self.step).is_some_and(|seen| seen == UPLOAD) => {
                is_only(&held.without_leftovers(), self.old)
            }
            false => is_only(&held, self.old),
        };
        is_safe.then_some(()).ok_or_else(|| self.breach("unsafe", &held, applied))
    }

    /// The new content is in service; an old image that is still there is remembered.
    fn is_new(&self, held: &Held) -> bool {
        let is_new = held.is_in_service_under(&self.new.names, &self.new.fingerprint);
        let old = &self.old.fingerprint;
        if is_new && self.lab.api().has(&format!("/1.0/images/{old}")) {
            let text = format!("The old image {old} is still there");
            self.run.plan().updates(ALPINE).shows(&text);
        }
        is_new
    }

    /// The next apply completes the swap.
    fn is_repaired(&self) -> Result<(), String> {
        let applied = self.run.apply();
        let held = Held::now(self.lab, self.run);
        let is_empty = self.run.plan().changes_nothing();
        match is_only(&held, self.new) && is_empty {
            true => Ok(()),
            false => Err(self.breach("not repaired", &held, &applied)),
        }
    }

    /// What is wrong; and all is made good by hand, for the steps to come.
    fn breach(&self, what: &str, held: &Held, applied: &Outcome) -> String {
        let Self { lab, run, seen, step, .. } = self;
        lab.delete_images();
        run.run(["state", "rm", ALPINE]);
        run.settles();
        let request = seen.get(*step).map_or("nothing", String::as_str);
        format!("{step} {request}: {what}: {held}\n{}", applied.stderr())
    }
}
