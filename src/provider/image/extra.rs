//! `extra_properties`: some properties over the image's own, which come back when the extra ones go.

use std::collections::BTreeMap;

/// The own values behind extra properties: nothing where the image had no such property.
pub(super) type Originals = BTreeMap<String, Option<String>>;

/// What an image with `current` properties, of which `originals` are covered, becomes with `extra` over its own: its properties,
/// and which own ones are covered then. `T` is the value of a property, known or not.
pub(super) fn merge<T: Clone>(
    current: &BTreeMap<String, T>,
    originals: &BTreeMap<String, Option<T>>,
    extra: &BTreeMap<String, T>,
) -> (BTreeMap<String, T>, BTreeMap<String, Option<T>>) {
    let mut own = current.clone();
    for (key, original) in originals {
        match original {
            Some(value) => own.insert(key.clone(), value.clone()),
            None => own.remove(key),
        };
    }
    let covered = extra.keys().map(|key| (key.clone(), own.get(key).cloned())).collect();
    own.extend(extra.clone());
    (own, covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_covered_comes_back() {
        let own = texts(&[("os", "Alpine"), ("release", "edge")]);
        let extra = texts(&[("os", "Mine"), ("stage", "test")]);
        let (covered, originals) = merge(&own, &Originals::new(), &extra);
        assert_eq!(covered, texts(&[("os", "Mine"), ("release", "edge"), ("stage", "test")]));
        assert_eq!(merge(&covered, &originals, &BTreeMap::new()), (own, Originals::new()));
    }

    #[test]
    fn one_extra_property_may_go_and_another_come() {
        let own = texts(&[("os", "Alpine")]);
        let (covered, originals) = merge(&own, &Originals::new(), &texts(&[("os", "Mine")]));
        let (then, originals) = merge(&covered, &originals, &texts(&[("stage", "test")]));
        assert_eq!(then, texts(&[("os", "Alpine"), ("stage", "test")]));
        assert_eq!(originals, Originals::from([("stage".to_owned(), None)]));
    }
}
