//! What the provider notes about an image beside its attributes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::extra::Originals;

/// The notes on one image. Core stores them in the state, in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Notes {
    /// How the image came under management.
    pub(crate) origin: Origin,
    /// What the source files were when they were last hashed; a file that is still the same is not read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hashed: Option<HashedFiles>,
    /// What the source's name stood for when it was last looked up or copied, if that is looked after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<String>,
    /// The own values of properties that `extra_properties` covers; nothing where the image has none of its own.
    #[serde(skip_serializing_if = "Originals::is_empty")]
    pub(crate) originals: Originals,
    /// The names that the image had at its source when `copy_aliases` took them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) copied: BTreeSet<String>,
    /// Whether the alias alone says which image it is, as neither a source nor a pin does: then it is the one that has the alias.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) follows_alias: bool,
    /// The images whose place this one took and of which something could not be removed yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) superseded: Vec<Superseded>,
}

impl Notes {
    /// The notes on an image that has come under management so.
    pub(crate) fn new(origin: Origin) -> Notes {
        Notes { origin, ..Notes::default() }
    }
}

/// An image whose place another took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredSuperseded")]
pub(crate) struct Superseded {
    pub(crate) fingerprint: String,
    /// Names of ours that it may still have, and that the image in its place has not got.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) names: BTreeSet<String>,
    pub(crate) fate: Fate,
}

impl Superseded {
    /// Whether there is anything to be taken away.
    pub(crate) fn is_due(&self) -> bool {
        self.fate == Fate::Goes || !self.names.is_empty()
    }
}

/// What becomes of an image whose place another took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// It goes, with its names.
    #[default]
    Goes,
    /// It is somebody else's, and only loses our names.
    Stays,
}

/// As states hold it. Before names were noted, it was the fingerprint alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredSuperseded {
    Fingerprint(String),
    Whole {
        fingerprint: String,
        #[serde(default)]
        names: BTreeSet<String>,
        #[serde(default)]
        fate: Fate,
    },
}

impl From<StoredSuperseded> for Superseded {
    fn from(stored: StoredSuperseded) -> Superseded {
        match stored {
            StoredSuperseded::Fingerprint(fingerprint) => {
                Superseded { fingerprint, names: BTreeSet::new(), fate: Fate::Goes }
            }
            StoredSuperseded::Whole { fingerprint, names, fate } => Superseded { fingerprint, names, fate },
        }
    }
}

/// How an image came under management.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// The provider brought it to the server.
    Created,
    /// It was there, and was taken under management as ours.
    Imported,
    /// It was there, and is somebody else's: never deleted, unless the configuration says so.
    Adopted,
    /// Nobody knows any more: core forgets the notes when the provider dies in the middle of an update, and those of another
    /// provider say nothing. Then what is in the state counts.
    #[default]
    Forgotten,
}

/// The hash of an image's files, and by what they would be known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HashedFiles {
    /// The file, or the metadata file and the root file.
    pub(crate) files: Vec<FileStamp>,
    /// What they hashed to.
    pub(crate) fingerprint: String,
}

/// What makes a file the same one as before, as far as its content goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileStamp {
    /// The path as configured.
    pub(crate) path: PathBuf,
    /// Bytes.
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) modified: i128,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_on_old_images_is_read_in_every_form() {
        let superseded = |stored: &str| serde_json::from_str::<Notes>(stored).unwrap().superseded;
        let old = Superseded { fingerprint: "ab".to_owned(), names: BTreeSet::new(), fate: Fate::Goes };
        assert_eq!(superseded(r#"{"superseded": ["ab"]}"#), std::slice::from_ref(&old));
        for names in [BTreeSet::new(), BTreeSet::from(["alpine".to_owned()])] {
            for fate in [Fate::Goes, Fate::Stays] {
                let notes = Notes {
                    superseded: vec![Superseded { names: names.clone(), fate, ..old.clone() }],
                    ..Notes::default()
                };
                assert_eq!(superseded(&serde_json::to_string(&notes).unwrap()), notes.superseded);
            }
        }
    }
}
