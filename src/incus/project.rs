//! The project an image lives in. Not for choosing one: that order is the caller's.

use std::fmt;

/// The name of a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Project(String);

/// Why a text can't be the name of a project (the rules of Incus's own check on creation).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProject {
    /// The empty text.
    #[error("the name of a project can't be empty")]
    Empty,
    /// `.`, `..` and `*` are refused by Incus.
    #[error("{0:?} can't be the name of a project")]
    Reserved(String),
    /// A character that no project's name has.
    #[error("the name of a project can't contain {0:?}")]
    Character(char),
}

impl Project {
    /// Reads the name of a project.
    pub fn parse(text: &str) -> Result<Self, InvalidProject> {
        let refused = |c: &char| matches!(c, '/' | '\'' | '"' | '\\') || c.is_whitespace() || c.is_control();
        if let Some(character) = text.chars().find(refused) {
            return Err(InvalidProject::Character(character));
        }
        match text {
            "" => Err(InvalidProject::Empty),
            "." | ".." | "*" => Err(InvalidProject::Reserved(text.to_owned())),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Project {
    /// The project `default`, which every server has.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_as_incus_does() {
        assert_eq!(Project::parse("user-1000").map(|p| p.to_string()), Ok("user-1000".into()));
        assert_eq!(Project::parse(""), Err(InvalidProject::Empty));
        assert_eq!(Project::parse("*"), Err(InvalidProject::Reserved("*".into())));
        assert_eq!(Project::parse("a b"), Err(InvalidProject::Character(' ')));
        assert_eq!(Project::parse("a/b"), Err(InvalidProject::Character('/')));
    }
}
