//! What the process's environment says about remotes, read once at the edge and passed on as a value. Nothing else in
//! this room reads an environment variable.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::{ConfigError, FirstContact, InvalidRemote, MissingIdentity, Remote};
use crate::incus::{InvalidTrustToken, TrustToken};

const ACCEPT: &str = "INCUS_ACCEPT_SERVER_CERTIFICATE";
const GENERATE: &str = "INCUS_GENERATE_CLIENT_CERTS";

/// The variables of the `incus` client, and who runs this process. An empty variable counts as unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `INCUS_REMOTE`: the default remote.
    pub remote: Option<String>,
    /// `INCUS_ADDR`: where the remote is that `INCUS_REMOTE` names.
    pub address: Option<String>,
    /// `INCUS_PROTOCOL`: how it is asked.
    pub protocol: Option<String>,
    /// `INCUS_AUTHENTICATION_TYPE`: how it is to know us.
    pub authentication_type: Option<String>,
    /// `INCUS_TOKEN`: what lets us join the server that made it.
    pub token: Option<Result<TrustToken, InvalidTrustToken>>,
    /// `INCUS_ACCEPT_SERVER_CERTIFICATE`: whether to trust a server at the first contact.
    pub accept_server_certificate: Option<String>,
    /// `INCUS_GENERATE_CLIENT_CERTS`: whether to make a certificate of our own where there is none.
    pub generate_client_certificates: Option<String>,
    /// `INCUS_PROJECT`: the project, on every remote.
    pub project: Option<String>,
    /// `INCUS_CONF`, or where an `incus` client of 7.2 or later has made its folder: the folder of config.yml.
    pub config_directory: Option<PathBuf>,
    /// `INCUS_GLOBAL_CONF`: the folder of the system's config.yml.
    pub global_config_directory: Option<PathBuf>,
    /// `INCUS_SOCKET`: the unix socket.
    pub socket: Option<PathBuf>,
    /// `INCUS_DIR`: the daemon's folder, which holds its socket.
    pub daemon_directory: Option<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// The number of the user, where the system tells.
    pub user: Option<u32>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let text = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            remote: text("INCUS_REMOTE"),
            address: text("INCUS_ADDR"),
            protocol: text("INCUS_PROTOCOL"),
            authentication_type: text("INCUS_AUTHENTICATION_TYPE"),
            token: text("INCUS_TOKEN").map(|token| TrustToken::parse(&token)),
            accept_server_certificate: text(ACCEPT),
            generate_client_certificates: text(GENERATE),
            project: text("INCUS_PROJECT"),
            config_directory: path("INCUS_CONF").or_else(|| {
                let newer = settings_directory(path("HOME"), path("XDG_CONFIG_HOME"))?.join("incus");
                newer.is_dir().then_some(newer)
            }),
            global_config_directory: path("INCUS_GLOBAL_CONF"),
            socket: path("INCUS_SOCKET"),
            daemon_directory: path("INCUS_DIR"),
            home: path("HOME"),
            user: fs::metadata("/proc/self").ok().map(|process| process.uid()),
        }
    }

    /// The remote that the environment declares, with its name: it needs both a name and an address.
    pub fn declared_remote(&self) -> Option<(&str, Result<Remote, InvalidRemote>)> {
        let (name, address) = (self.remote.as_deref()?, self.address.as_deref()?);
        let protocol = self.protocol.as_deref();
        Some((name, Remote::declare(name, address, protocol, self.authentication_type.as_deref())))
    }

    /// What lets us join a server, as far as it is a token at all.
    pub fn token(&self) -> Result<Option<&TrustToken>, ConfigError> {
        self.token.as_ref().map(|token| token.as_ref().map_err(|reason| ConfigError::Token(*reason))).transpose()
    }

    /// What to do with a server that nobody knows.
    pub fn first_contact(&self) -> Result<Option<FirstContact>, ConfigError> {
        let wanted = flag(ACCEPT, self.accept_server_certificate.as_deref())?;
        Ok(wanted.map(|wanted| if wanted { FirstContact::Accept } else { FirstContact::Refuse }))
    }

    /// What to do without a certificate of our own.
    pub fn missing_identity(&self) -> Result<Option<MissingIdentity>, ConfigError> {
        let wanted = flag(GENERATE, self.generate_client_certificates.as_deref())?;
        Ok(wanted.map(|wanted| if wanted { MissingIdentity::Generate } else { MissingIdentity::Refuse }))
    }

    /// The folder of the user's config.yml.
    pub(super) fn config_directory(&self) -> Option<PathBuf> {
        self.config_directory.clone().or_else(|| Some(self.home.as_ref()?.join(".config/incus")))
    }

    /// The folder of the system's config.yml.
    pub(super) fn global_config_directory(&self) -> PathBuf {
        self.global_config_directory.clone().unwrap_or_else(|| PathBuf::from("/etc/incus"))
    }
}

/// Where programs keep the settings of a user.
fn settings_directory(home: Option<PathBuf>, xdg: Option<PathBuf>) -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library/Application Support"));
    }
    xdg.filter(|directory| directory.is_absolute()).or_else(|| Some(home?.join(".config")))
}

/// A variable that is true or false, in the spellings of Go.
fn flag(name: &'static str, value: Option<&str>) -> Result<Option<bool>, ConfigError> {
    match value {
        None => Ok(None),
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(Some(true)),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(Some(false)),
        Some(other) => Err(ConfigError::Variable { name, value: other.to_owned() }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_config_directory_is_named_or_in_the_home() {
        let home = Environment { home: Some("/home/me".into()), ..Environment::default() };
        assert_eq!(home.config_directory(), Some("/home/me/.config/incus".into()));
        let named = Environment { config_directory: Some("/else".into()), ..home };
        assert_eq!(named.config_directory(), Some("/else".into()));
        assert_eq!(Environment::default().config_directory(), None);
        assert_eq!(Environment::default().global_config_directory(), PathBuf::from("/etc/incus"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn settings_are_where_the_desktop_says() {
        let settings = |xdg: &str| settings_directory(Some("/home/me".into()), Some(xdg.into()));
        assert_eq!(settings("/settings"), Some("/settings".into()));
        assert_eq!(settings("settings"), Some("/home/me/.config".into()));
        assert_eq!(settings_directory(None, None), None);
    }

    #[test]
    fn a_remote_of_the_environment_needs_a_name_and_an_address() {
        let named = Environment { remote: Some("r".into()), ..Environment::default() };
        let addressed = Environment { address: Some("https://h".into()), ..Environment::default() };
        assert!(named.declared_remote().is_none() && addressed.declared_remote().is_none());
        let both = Environment { address: Some("https://h".into()), authentication_type: Some("oidc".into()), ..named };
        let (name, remote) = both.declared_remote().unwrap();
        let remote = remote.unwrap();
        assert_eq!((name, remote.address().to_string().as_str()), ("r", "https://h:8443"));
        assert_eq!(remote.authentication(), crate::incus::remotes::Authentication::Oidc);
        let odd = Environment { protocol: Some("lxd".into()), ..both };
        assert!(matches!(odd.declared_remote(), Some(("r", Err(InvalidRemote::Protocol { .. })))));
    }

    #[test]
    fn switches_are_true_or_false() {
        let accept = |text: &str| {
            let environment = Environment { accept_server_certificate: Some(text.into()), ..Environment::default() };
            environment.first_contact()
        };
        assert_eq!(accept("true").unwrap(), Some(FirstContact::Accept));
        assert_eq!(accept("0").unwrap(), Some(FirstContact::Refuse));
        assert_eq!(Environment::default().missing_identity().unwrap(), None);
        assert_eq!(
            accept("yes").unwrap_err().to_string(),
            "INCUS_ACCEPT_SERVER_CERTIFICATE is \"yes\", and must be true or false"
        );
    }

    #[test]
    fn a_token_that_is_none_is_told_of_without_its_words() {
        let environment = Environment { token: Some(TrustToken::parse("s3cret")), ..Environment::default() };
        let words = environment.token().unwrap_err().to_string();
        assert!(words.starts_with("INCUS_TOKEN can't be used: it is not a trust token") && !words.contains("s3cret"));
        assert!(!format!("{environment:?}").contains("s3cret"));
    }
}
