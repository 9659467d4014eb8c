//! The rules of a plan.

use terraform_provider_incus::tfplugin::path::{Path, Step};
use terraform_provider_incus::tfplugin::value::Value;

use crate::support::core::breach::{Breach, element, member as path_of};
use crate::support::core::literal::json;
use crate::support::core::proposed::{member, nth};
use crate::support::core::schema::Block;

/// What is planned follows the configuration, or keeps what was there before. The provider decides only where the
/// configuration is silent and the schema says "computed".
pub(crate) fn planned(block: &Block, prior: &Value, config: &Value, planned: &Value) -> Vec<Breach> {
    let existence = |detail| vec![Breach::of_all("an object is planned where one is configured", detail)];
    match (config, planned) {
        (Value::Null, Value::Null) => Vec::new(),
        (Value::Null, _) => existence(format!("planned {} for a destroy", json(planned))),
        (_, Value::Map(_)) => {
            let mut breaches = Vec::new();
            compare(block, prior, config, planned, &Path::root(), &mut breaches);
            breaches
        }
        (_, _) => existence(format!("planned {} for a configured object", json(planned))),
    }
}

fn compare(block: &Block, prior: &Value, config: &Value, planned: &Value, path: &Path, breaches: &mut Vec<Breach>) {
    for (name, attribute) in &block.attributes {
        let (prior, config, planned) = (member(prior, name), member(config, name), member(planned, name));
        let values = || format!("prior {}, configured {}, planned {}", json(&prior), json(&config), json(&planned));
        let rule = match config {
            _ if planned == config => continue,
            Value::Null if attribute.computed => continue,
            Value::Null => "an attribute that is not computed is null unless configured",
            _ if planned == prior && prior != Value::Null => continue,
            _ => "a configured attribute is planned as configured, or as it was",
        };
        breaches.push(Breach::new(rule, &path_of(path, name), values()));
    }
    for (name, nested) in &block.blocks {
        let (prior, config, planned) = (member(prior, name), member(config, name), member(planned, name));
        let path = path_of(path, name);
        match (&config, &planned) {
            (Value::List(configured), Value::List(elements)) if configured.len() == elements.len() => {
                for (index, (config, planned)) in configured.iter().zip(elements).enumerate() {
                    compare(nested, &nth(&prior, index), config, planned, &element(&path, index), breaches);
                }
            }
            (Value::Unknown, _) => {}
            _ => breaches.push(Breach::new(
                "as many blocks are planned as are configured",
                &path,
                format!("configured {}, planned {}", json(&config), json(&planned)),
            )),
        }
    }
}

/// What is said to require a replacement exists and really changes; unknown counts as a change. Nothing is replaced that does
/// not exist yet.
pub(crate) fn replacing(block: &Block, prior: &Value, planned: &Value, paths: &[Path]) -> Vec<Breach> {
    const RULE: &str = "what requires a replacement is a change of an attribute";
    let breach = |path: &Path| {
        if !block.has(path.steps()) || path.steps().is_empty() {
            return Some(Breach::new(RULE, path, "the schema has no such place"));
        }
        match (lookup(prior, path.steps()), lookup(planned, path.steps())) {
            (None, None) => Some(Breach::new(RULE, path, "is neither in the prior nor in the planned object")),
            (Some(prior), Some(planned)) if prior == planned && planned.is_wholly_known() => {
                Some(Breach::new(RULE, path, format!("was and stays {}", json(planned))))
            }
            (_, _) => None,
        }
    };
    paths.iter().filter_map(breach).collect()
}

fn lookup<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    let [step, deeper @ ..] = path else { return Some(value) };
    let inner = match (value, step) {
        (Value::Map(members), Step::Attribute(name) | Step::Key(name)) => members.get(name)?,
        (Value::List(elements), Step::Index(index)) => elements.get(usize::try_from(*index).ok()?)?,
        _ => return None,
    };
    lookup(inner, deeper)
}
