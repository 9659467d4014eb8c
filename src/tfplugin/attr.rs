//! The content of an attribute in a typed model: null, unknown, or a Rust value.

use std::fmt;

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Attr<T> {
    /// Not set.
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    /// Set and known, as far as `T` goes: the elements of a collection may be null or unknown themselves.
    Known(T),
}

impl<T> Attr<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Attr::Known(value) => Some(value),
            Attr::Null | Attr::Unknown => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Attr::Null)
    }

    /// Whether it is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Attr::Unknown)
    }

    /// This attribute, or `other()` where it is null.
    #[must_use]
    pub fn or_else(self, other: impl FnOnce() -> Attr<T>) -> Attr<T> {
        match self {
            Attr::Null => other(),
            set => set,
        }
    }
}

impl Attr<bool> {
    /// Whether it is known to be true.
    pub fn is_true(&self) -> bool {
        *self == Attr::Known(true)
    }
}

impl Attr<String> {
    /// Whether it is known to be this text.
    pub fn is(&self, text: &str) -> bool {
        self.known().is_some_and(|known| known == text)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Attr<T> {
        value.map_or(Attr::Null, Attr::Known)
    }
}

impl From<&str> for Attr<String> {
    fn from(value: &str) -> Attr<String> {
        Attr::Known(value.to_owned())
    }
}

/// A text that is a secret: Terraform does not show it, nor does anything that prints the model.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Sensitive(String);

impl Sensitive {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: String) -> Sensitive {
        Sensitive(text)
    }

    /// The text, for where it is needed.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive")
    }
}

/// The elements of a `set` attribute: sorted, each known element once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Set<T>(Vec<Attr<T>>);

impl<T> Set<T> {
    /// The elements, sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, Attr<T>> {
        self.0.iter()
    }
}

impl<T: Ord> FromIterator<Attr<T>> for Set<T> {
    fn from_iter<I: IntoIterator<Item = Attr<T>>>(elements: I) -> Set<T> {
        let mut elements: Vec<_> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|a, b| a == b && !a.is_unknown());
        Set(elements)
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Set<T> {
        elements.into_iter().map(Attr::Known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Attr::Known(Sensitive::new("hidden".to_owned()))), "Known(Sensitive)");
    }
}
