//! What the provider notes about an export beside its attributes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::model::{ExportModel, ExportedFileModel};
use crate::provider::image::notes::FileStamp;

/// The notes on one export. Core stores them in the state, in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Notes {
    /// The files as they were written.
    pub(crate) written: Vec<WrittenFile>,
    /// What the alias stood for when the state was last refreshed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<String>,
    /// The architecture that was asked for when they were written. That in the state may be the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) architecture: Option<String>,
    /// The architecture that the plan asks for. It counts once that is carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) planned_architecture: Option<String>,
}

impl Notes {
    /// The notes when what was planned is carried out.
    pub(super) fn carried_out(self) -> Notes {
        Notes { architecture: self.planned_architecture, planned_architecture: None, ..self }
    }

    /// The files as they were written. Core forgets the notes when the provider dies in the middle of an apply: then the state tells.
    pub(super) fn recorded(&self, state: &ExportModel) -> Vec<WrittenFile> {
        match self.written.as_slice() {
            [] => state.files.known().into_iter().flatten().filter_map(WrittenFile::from_model).collect(),
            written => written.to_vec(),
        }
    }
}

/// A file of an export as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrittenFile {
    /// By what it is known again without being read.
    pub(crate) stamp: FileStamp,
    /// What its content hashes to.
    pub(crate) sha256: String,
}

impl WrittenFile {
    /// Where it is.
    pub(crate) fn path(&self) -> &PathBuf {
        &self.stamp.path
    }

    /// What a state says of it. It is not known without being read.
    fn from_model(model: &ExportedFileModel) -> Option<WrittenFile> {
        let path = PathBuf::from(model.path.known()?);
        let size = u64::try_from(*model.size.known()?).ok()?;
        let stamp = FileStamp { path, size, modified: i128::MIN };
        Some(WrittenFile { stamp, sha256: model.sha256.known()?.clone() })
    }

    /// What users see of it.
    pub(crate) fn model(&self) -> ExportedFileModel {
        ExportedFileModel {
            path: self.stamp.path.display().to_string().as_str().into(),
            size: i64::try_from(self.stamp.size).ok().into(),
            sha256: self.sha256.as_str().into(),
        }
    }
}
