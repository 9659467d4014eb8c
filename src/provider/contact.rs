//! What to do about a remote that can't be used: the provider's own arguments, and the commands of the `incus` client.

use super::diagnostics::causes;
use crate::incus::remotes::CredentialsError;
use crate::incus::{ContactError, Error, LoginError, Reason};
use crate::tfplugin::diagnostic::Diagnostic;

/// Tells about a remote that can't be used, and what to do.
pub(super) fn diagnose(error: &ContactError) -> Diagnostic {
    let ContactError { remote, address, reason } = error;
    let told = format!("{address}: {reason}.{}", advice(remote, reason));
    Diagnostic::error(format!("Unable to use remote {remote:?}"), format!("{told}{}", causes(reason)))
}

fn advice(remote: &str, reason: &Reason) -> String {
    match reason {
        Reason::Unreachable { .. } => String::new(),
        Reason::NobodyAnswers(_) => " `incus cluster list` on a member shows who is online, and where.".to_owned(),
        Reason::UnknownServer { certificate, .. } => format!(
            " Compare that with what `incus info` shows on the server as certificate_fingerprint. If it is the same, have it \
             trusted in one of three ways: put server_certificate = \"{certificate}\" into the `remote` block; or set \
             accept_remote_certificate = true (INCUS_ACCEPT_SERVER_CERTIFICATE=true), which keeps it in `servercerts`; or give a \
             trust token of the server as `token` (INCUS_TOKEN). `incus remote add` does it, too."
        ),
        Reason::ChangedServer { .. } => format!(
            " Either the server got a new certificate, or somebody else answers in its place. If the new one is right, correct \
             `server_certificate` of the remote, or remove servercerts/{remote}.crt from `config_dir` and trust the server anew."
        ),
        Reason::ExpiredServer(_) | Reason::EarlyServer(_) => {
            " Renew it on the server, and have the new one trusted; or correct the clock.".to_owned()
        }
        Reason::Credentials(error) => credentials(error).to_owned(),
        Reason::Login(error) => login(remote, error),
        Reason::Untrusted { .. } => format!(
            " Have the server trust it: `incus config trust add NAME` there prints a token, which goes into `token` of the remote or \
             into INCUS_TOKEN; or `incus config trust add-certificate client.crt`. To read only what is public there, set public = true \
             for remote {remote:?}."
        ),
        Reason::ForeignToken => " Make one on this server, with `incus config trust add NAME`.".to_owned(),
        Reason::TokenRefused { .. } => {
            " A token serves once, and not for ever: make a new one on the server, with `incus config trust add NAME`."
                .to_owned()
        }
        Reason::Other(error) => match &**error {
            Error::Decode { .. } => " Is this the address of an Incus server?".to_owned(),
            _ => String::new(),
        },
    }
}

fn login(remote: &str, error: &LoginError) -> String {
    match error {
        LoginError::File(error) => credentials(error).to_owned(),
        LoginError::Missing { .. } => format!(
            " Log in with the `incus` client: `incus remote add {remote} ADDRESS --auth-type=oidc`, or `incus info {remote}:` where it \
             knows the remote already. Is `config_dir` right?"
        ),
        LoginError::Damaged { .. } => format!(" Remove it, and log in anew: `incus info {remote}:` asks for that."),
        LoginError::Unrenewable { .. } | LoginError::Expired { .. } => {
            format!(" Log in anew with the `incus` client: `incus info {remote}:` asks for that.")
        }
        LoginError::Refused { .. } => format!(
            " The login is fresh. Do oidc.client.id and oidc.audience of the server fit it? `incus info {remote}:` asks for another one."
        ),
        LoginError::NotOffered => format!(
            " oidc.issuer and oidc.client.id are not set there. Take authentication_type = \"oidc\" out of remote {remote:?}, or set them."
        ),
        LoginError::Unreachable { .. } => " Apply again when it can be reached from here.".to_owned(),
        LoginError::Misunderstood { .. } => " The server names it in oidc.issuer.".to_owned(),
        LoginError::Client(_) => String::new(),
    }
}

fn credentials(error: &CredentialsError) -> &'static str {
    match error {
        CredentialsError::NoFolder => " Name the folder in `config_dir`.",
        CredentialsError::Missing { .. } => {
            " `incus remote generate-certificate` makes it, or generate_client_certificates = true \
             (INCUS_GENERATE_CLIENT_CERTS=true). Is `config_dir` right?"
        }
        CredentialsError::Half { .. } => " Put it back; or remove the other one, too, and make both anew.",
        CredentialsError::Unreadable { .. } => " Only who may read it can use this remote.",
        CredentialsError::Unwritable { .. } => {
            " The folder must be writable, or the certificates must be there: see `server_certificate`."
        }
        CredentialsError::Damaged { .. } => " Put the right file there; or remove it, to have it made or trusted anew.",
        CredentialsError::Generation(_) => "",
        CredentialsError::Encrypted { .. } => {
            " Take the password off, in a copy of `config_dir` for this purpose: `openssl ec -in client.key -out plain.key`."
        }
        CredentialsError::Expired { .. } => {
            " Remove it and its key, make new ones with `incus remote generate-certificate`, and have the server trust them."
        }
    }
}
