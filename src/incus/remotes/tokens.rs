//! The files in which the `incus` client keeps its logins: `oidctokens/NAME.json`. Not for what is in them, see `oidc`.

use std::fs::File;
use std::path::PathBuf;

use super::credentials::{make_folder, read, write};
use super::{ClientFiles, CredentialsError, Remote};

impl ClientFiles {
    /// Where the login at a remote is, or would be.
    pub(crate) fn token_file(&self, remote: &Remote) -> Result<PathBuf, CredentialsError> {
        Ok(self.token_folder()?.join(format!("{}.json", remote.name())))
    }

    /// The login at a remote, as it is in its file.
    pub(crate) fn tokens(&self, remote: &Remote) -> Result<Option<String>, CredentialsError> {
        read(&self.token_file(remote)?)
    }

    /// Keeps a login, for nobody else to read.
    pub(crate) fn keep_tokens(&self, remote: &Remote, json: &str) -> Result<(), CredentialsError> {
        write(&self.token_file(remote)?, json.as_bytes(), 0o600)
    }

    /// Waits until no other process of ours renews a login; until the answer is dropped, others wait.
    pub(crate) fn turn_of_tokens(&self) -> Result<File, CredentialsError> {
        let folder = self.token_folder()?;
        make_folder(&folder)?;
        let turn = File::open(&folder).and_then(|folder| folder.lock().map(|()| folder));
        turn.map_err(|source| CredentialsError::Unreadable { path: folder, source })
    }

    fn token_folder(&self) -> Result<PathBuf, CredentialsError> {
        Ok(self.folder()?.join("oidctokens"))
    }
}
