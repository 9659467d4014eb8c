//! Attribute paths: where in a configuration or a state something stands.

use std::fmt;

/// A path such as `properties["os"]`; core shows the configuration at that place under a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Path(Vec<Step>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into an attribute or a block, by name.
    Attribute(String),
    /// Into a map, by key.
    Key(String),
    /// Into a list, by position from 0.
    Index(i64),
}

impl Path {
    /// The whole value.
    #[must_use]
    pub fn root() -> Path {
        Path::default()
    }

    /// The attribute or block `name` of the whole value.
    #[must_use]
    pub fn attribute(name: &str) -> Path {
        Path(vec![Step::Attribute(name.to_owned())])
    }

    /// One step deeper, into the map element at `key`.
    #[must_use]
    pub fn key(self, key: &str) -> Path {
        self.then(Step::Key(key.to_owned()))
    }

    /// One step deeper.
    #[must_use]
    pub fn then(mut self, step: Step) -> Path {
        self.0.push(step);
        self
    }

    /// This path, seen from one step further out.
    #[must_use]
    pub fn within(mut self, step: Step) -> Path {
        self.0.insert(0, step);
        self
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(formatter, "{name}")?,
                Step::Attribute(name) => write!(formatter, ".{name}")?,
                Step::Key(key) => write!(formatter, "[{key:?}]")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}
