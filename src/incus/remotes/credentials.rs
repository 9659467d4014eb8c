//! The certificates and keys that the `incus` client keeps beside its config.yml: read here, and the certificates of servers
//! also written. Not for making our own, see `generate`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Environment, Origin, Remote, generate};
use crate::incus::certificate::{Certificate, Validity};

/// The folders of the user and of the system in which certificates and keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFiles {
    user: Option<PathBuf>,
    system: PathBuf,
}

/// Who this client is.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) certificate: Certificate,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// Why a certificate or key can't be used. No content of a file is repeated.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// There is no place for them.
    #[error("there is no folder for certificates and keys: neither HOME nor INCUS_CONF is set")]
    NoFolder,
    /// There are none.
    #[error("this client has no certificate: {certificate} does not exist", certificate = certificate.display())]
    Missing {
        /// The file where it would be.
        certificate: PathBuf,
    },
    /// Only one of two files is there.
    #[error("{missing} does not exist, and belongs to {there}", missing = missing.display(), there = there.display())]
    Half {
        /// The file that is there.
        there: PathBuf,
        /// The file that is not.
        missing: PathBuf,
    },
    /// It can't be read.
    #[error("unable to read {path}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It can't be written.
    #[error("unable to write {path}", path = path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what it is to be.
    #[error("{path} holds no {content} in PEM form", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is to be in it.
        content: &'static str,
    },
    /// The key is behind a password.
    #[error("{path} is encrypted, and nobody can be asked for its password", path = path.display())]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// The certificate is over.
    #[error("the certificate of this client expired on {date}: {path}", date = expired.date(), path = path.display())]
    Expired {
        /// The file.
        path: PathBuf,
        /// When.
        expired: OffsetDateTime,
    },
    /// None can be made.
    #[error("unable to make a certificate for this client")]
    Generation(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ClientFiles {
    /// The folders that the environment names.
    pub fn of(environment: &Environment) -> Self {
        Self { user: environment.config_directory(), system: environment.global_config_directory() }
    }

    /// The certificate and key with which a remote is to know this client.
    pub(crate) fn identity(&self, remote: &Remote) -> Result<Identity, CredentialsError> {
        let certificate = self.client_file(remote, "crt")?;
        let key = certificate.with_extension("key");
        match (read(&certificate)?, read(&key)?) {
            (Some(chain), Some(pem)) => identity(&certificate, &chain, &key, &pem),
            (Some(_), None) => Err(CredentialsError::Half { there: certificate, missing: key }),
            (None, Some(_)) => Err(CredentialsError::Half { there: key, missing: certificate }),
            (None, None) => Err(CredentialsError::Missing { certificate }),
        }
    }

    /// Makes `client.crt` and `client.key`, unless another process has done so meanwhile.
    pub(crate) fn generate_identity(&self) -> Result<(), CredentialsError> {
        let folder = self.folder()?;
        make_folder(folder)?;
        let failed = |source| CredentialsError::Unwritable { path: folder.to_owned(), source };
        // Whoever comes second waits, and then finds them.
        let turn = File::open(folder).map_err(failed)?;
        turn.lock().map_err(failed)?;
        let (certificate, key) = (folder.join("client.crt"), folder.join("client.key"));
        if certificate.exists() || key.exists() {
            return Ok(());
        }
        let made = generate::identity().map_err(CredentialsError::Generation)?;
        write(&key, made.key.as_bytes(), 0o600)?;
        write(&certificate, made.certificate.as_bytes(), 0o644)?;
        tracing::info!(certificate = %certificate.display(), "made a certificate for this client");
        Ok(())
    }

    /// The authorities that sign the certificates of the servers, where there are any (Incus's PKI mode).
    pub(crate) fn authorities(&self, remote: &Remote) -> Result<Vec<Certificate>, CredentialsError> {
        if self.user.is_none() {
            return Ok(Vec::new());
        }
        let path = self.client_file(remote, "ca")?;
        let all = read(&path)?.map(|pem| Certificate::all_from_pem(&pem)).transpose();
        Ok(all.map_err(|_| no_certificate(&path))?.unwrap_or_default())
    }

    /// The certificate that the server of a remote is known by.
    pub(crate) fn server_certificate(&self, remote: &Remote) -> Result<Option<Certificate>, CredentialsError> {
        match self.server_file(remote) {
            Some(path) => certificate(&path),
            None => Ok(None),
        }
    }

    /// Has the server of a remote be known by this certificate from now on.
    pub(crate) fn know_server(&self, remote: &Remote, certificate: &Certificate) -> Result<(), CredentialsError> {
        let path = self.folder()?.join("servercerts").join(format!("{}.crt", remote.name()));
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        write(&path, certificate.to_pem().as_bytes(), 0o644)?;
        tracing::info!(path = %path.display(), certificate = %certificate.fingerprint(), "the server is trusted from now on");
        Ok(())
    }

    /// Where the certificate that a server is known by is, or would be.
    pub(crate) fn server_file(&self, remote: &Remote) -> Option<PathBuf> {
        let name = format!("{}.crt", remote.name());
        let own = self.user.as_ref().map(|folder| folder.join("servercerts").join(&name));
        match remote.origin() {
            Origin::User => own,
            Origin::System => {
                own.filter(|path| path.exists()).or_else(|| Some(self.system.join("servercerts").join(name)))
            }
        }
    }

    /// The user's folder.
    pub(super) fn folder(&self) -> Result<&Path, CredentialsError> {
        self.user.as_deref().ok_or(CredentialsError::NoFolder)
    }

    /// The client's file for a remote: one of its own, or the one for all.
    fn client_file(&self, remote: &Remote, extension: &str) -> Result<PathBuf, CredentialsError> {
        let folder = self.folder()?;
        let own = folder.join("clientcerts").join(format!("{}.crt", remote.name()));
        let certificate = if own.exists() { own } else { folder.join("client.crt") };
        Ok(certificate.with_extension(extension))
    }
}

fn identity(certificate: &Path, chain: &str, key: &Path, pem: &str) -> Result<Identity, CredentialsError> {
    let no_certificate = || no_certificate(certificate);
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().map_err(|_| no_certificate())?;
    let first = chain.first().ok_or_else(no_certificate)?;
    let own = Certificate::from_der(first.clone()).map_err(|_| no_certificate())?;
    if let Validity::Expired(expired) = own.validity(OffsetDateTime::now_utc()) {
        return Err(CredentialsError::Expired { path: certificate.to_owned(), expired });
    }
    if pem.contains("ENCRYPTED") {
        return Err(CredentialsError::Encrypted { path: key.to_owned() });
    }
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| CredentialsError::Damaged { path: key.to_owned(), content: "private key" })?;
    Ok(Identity { certificate: own, chain, key })
}

fn certificate(path: &Path) -> Result<Option<Certificate>, CredentialsError> {
    read(path)?.map(|pem| Certificate::from_pem(&pem).map_err(|_| no_certificate(path))).transpose()
}

fn no_certificate(path: &Path) -> CredentialsError {
    CredentialsError::Damaged { path: path.to_owned(), content: "certificate" }
}

pub(super) fn read(path: &Path) -> Result<Option<String>, CredentialsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(CredentialsError::Unreadable { path: path.to_owned(), source }),
    }
}

pub(super) fn make_folder(path: &Path) -> Result<(), CredentialsError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o750).create(path);
    made.map_err(|source| CredentialsError::Unwritable { path: path.to_owned(), source })
}

/// Writes a file as a whole or not at all, never readable for more than `mode` says.
pub(super) fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), CredentialsError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written =
        OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside).and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&beside, path)
        });
    written.map_err(|source| {
        let _ = fs::remove_file(&beside);
        CredentialsError::Unwritable { path: path.to_owned(), source }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
