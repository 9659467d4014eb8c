//! The rules of an apply, and of everything else that has to come out as planned.

use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::value::Value;

use super::answered::wholly_known;
use crate::support::core::breach::{Breach, element, member};
use crate::support::core::literal::json;

/// How an apply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    /// With an error among the diagnostics.
    Failure,
}

/// What an apply leaves behind. After a failure the object stays in the state: without it nobody would know that it exists.
pub(crate) fn applied(prior: &Value, planned: &Value, new: &Value, ending: Ending) -> Vec<Breach> {
    let mut breaches = wholly_known(new);
    match (ending, planned, new) {
        (Ending::Success, Value::Null, Value::Null) => {}
        (Ending::Success, Value::Null, _) => {
            breaches.push(Breach::of_all("a destroyed object is gone", format!("{} is left", json(new))));
        }
        (Ending::Success, _, Value::Null) => {
            breaches.push(Breach::of_all("a planned object exists after the apply", "it is null"));
        }
        (Ending::Success, _, _) => breaches.extend(compatible(planned, new)),
        (Ending::Failure, _, Value::Null) if *prior != Value::Null => {
            breaches.push(Breach::of_all("a failure keeps the state", format!("{} is lost", json(prior))));
        }
        (Ending::Failure, _, _) => {}
    }
    breaches
}

/// Every value that `planned` knows is in `actual`; only the unknown may become something else.
pub(crate) fn compatible(planned: &Value, actual: &Value) -> Vec<Breach> {
    let mut breaches = Vec::new();
    compare(planned, actual, &Path::root(), &mut breaches);
    breaches
}

fn compare(planned: &Value, actual: &Value, path: &Path, breaches: &mut Vec<Breach>) {
    const RULE: &str = "what was planned comes true";
    let values = || format!("was {}, but now {}", json(planned), json(actual));
    match (planned, actual) {
        (Value::Unknown, _) => {}
        (Value::Map(wanted), Value::Map(found)) => {
            for (name, wanted) in wanted {
                match found.get(name) {
                    Some(found) => compare(wanted, found, &member(path, name), breaches),
                    None => breaches.push(Breach::new(RULE, &member(path, name), "has vanished")),
                }
            }
            for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
                breaches.push(Breach::new(RULE, &member(path, name), "has appeared"));
            }
        }
        (Value::List(wanted), Value::List(found)) if wanted.len() == found.len() => {
            for (index, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                compare(wanted, found, &element(path, index), breaches);
            }
        }
        // Elements may turn out to be equal, so that a set may shrink; it never grows.
        (Value::Set(wanted), Value::Set(found)) if wanted.len() >= found.len() => {
            let fits = |wanted: &Value, found: &Value| compatible(wanted, found).is_empty();
            let all_found = wanted.iter().all(|wanted| found.iter().any(|found| fits(wanted, found)));
            let all_wanted = found.iter().all(|found| wanted.iter().any(|wanted| fits(wanted, found)));
            if !(all_found && all_wanted) {
                breaches.push(Breach::new(RULE, path, values()));
            }
        }
        (planned, actual) if planned == actual => {}
        (_, _) => breaches.push(Breach::new(RULE, path, values())),
    }
}
