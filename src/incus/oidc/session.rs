//! A login at one server, shared by all who ask it. It is renewed once for all of them, and for other processes, too.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt as _;
use oauth2::AccessToken;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::{Challenge, LoginError, Tokens, issuer};
use crate::incus::remotes::{ClientFiles, Remote};

/// A login, as far as it was needed yet.
#[derive(Debug)]
pub(crate) struct Session {
    files: ClientFiles,
    remote: Remote,
    held: Mutex<Option<Held>>,
}

/// What was last read or renewed.
#[derive(Debug)]
struct Held {
    tokens: Tokens,
    /// The access token in the file: another one than ours where the file can't be written.
    in_file: AccessToken,
}

impl Session {
    /// The login that the `incus` client keeps for a remote. Nothing is read.
    pub(crate) fn new(files: ClientFiles, remote: Remote) -> Self {
        Self { files, remote, held: Mutex::new(None) }
    }

    /// What the server is to know us by. Waits for a renewal that is going on.
    pub(crate) async fn token(&self) -> Result<AccessToken, LoginError> {
        let mut held = self.held.lock().await;
        match held.as_ref() {
            Some(held) => Ok(held.tokens.access()),
            None => Ok(held.insert(Held::read(self.read()?)).tokens.access()),
        }
    }

    /// Another token than the one that the server has refused. Once begun, this goes on although nobody waits for it any more: a refresh
    /// token that was sent may be spent, and what is given for it must not be lost.
    pub(crate) async fn renewed(
        self: &Arc<Self>,
        refused: &AccessToken,
        challenge: Challenge,
    ) -> Result<AccessToken, LoginError> {
        let (session, refused) = (Arc::clone(self), refused.clone());
        let renewal = tokio::spawn(async move { session.renew(&refused, &challenge).await });
        renewal.await.map_err(|error| LoginError::Client(error.into()))?
    }

    async fn renew(&self, refused: &AccessToken, challenge: &Challenge) -> Result<AccessToken, LoginError> {
        let mut held = self.held.lock().await;
        if let Some(others) = held.as_ref().map(|held| held.tokens.access()).filter(|access| differs(access, refused)) {
            return Ok(others);
        }
        // Many refresh tokens serve once: of two processes at once, one would lose the login for both.
        let files = self.files.clone();
        let turn = tokio::task::spawn_blocking(move || files.turn_of_tokens()).await;
        let _turn = turn.map_err(|error| LoginError::Client(error.into()))??;
        let read = Held::read(self.read()?);
        // What the file held before is spent.
        let Held { tokens, in_file } = match held.take() {
            Some(ours) if !differs(&ours.in_file, &read.in_file) => held.insert(ours),
            _ => held.insert(read),
        };
        if differs(&tokens.access(), refused) {
            return Ok(tokens.access());
        }
        let Some(refresh) = tokens.refresh() else {
            return Err(LoginError::Unrenewable { issuer: challenge.issuer.clone() });
        };
        let renewal = issuer::renew(challenge, &refresh).boxed().await?;
        *tokens = tokens.clone().renewed(renewal, OffsetDateTime::now_utc());
        match self.files.keep_tokens(&self.remote, &tokens.to_json()) {
            Ok(()) => *in_file = tokens.access(),
            // This run can go on without the file.
            Err(error) => {
                tracing::warn!(%error, "the renewed login is not kept: the next run may have to log in anew");
            }
        }
        Ok(tokens.access())
    }

    fn read(&self) -> Result<Tokens, LoginError> {
        let file: PathBuf = self.files.token_file(&self.remote)?;
        match self.files.tokens(&self.remote)?.map(|text| Tokens::parse(&text)) {
            Some(Ok(Some(tokens))) => Ok(tokens),
            Some(Ok(None)) | None => Err(LoginError::Missing { file }),
            Some(Err(_)) => Err(LoginError::Damaged { file }),
        }
    }
}

impl Held {
    /// What the file holds.
    fn read(tokens: Tokens) -> Self {
        Self { in_file: tokens.access(), tokens }
    }
}

fn differs(access: &AccessToken, refused: &AccessToken) -> bool {
    access.secret() != refused.secret()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
