//! config.yml, the file in which the `incus` client keeps its remotes. Never written here.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Environment, InvalidRemote, Origin, Remote, Remotes};
use crate::incus::{InvalidTrustToken, Project, Protocol, ServerUrl};

const LOCAL: &str = "local";
const LOCAL_ADDRESS: &str = "unix://";
const IMAGES: &str = "images";
const IMAGES_ADDRESS: &str = "https://images.linuxcontainers.org";

/// Why the remotes can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there, and can't be read.
    #[error("Unable to read {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no config.yml. Its words are left out: an address may hold a password.
    #[error("Unable to understand {path}: it is not a valid config.yml of the incus client{}", place(*line))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where, counted from 1.
        line: Option<u64>,
    },
    /// A variable of the environment makes no sense.
    #[error("{name} is {value:?}, and must be true or false")]
    Variable {
        /// The variable.
        name: &'static str,
        /// What is in it.
        value: String,
    },
    /// `INCUS_TOKEN` makes no sense.
    #[error("INCUS_TOKEN can't be used: {0}")]
    Token(InvalidTrustToken),
}

/// The part of config.yml that matters here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct File {
    default_remote: Option<String>,
    remotes: Option<BTreeMap<String, Entry>>,
}

/// One remote in config.yml.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    addr: Option<String>,
    auth_type: Option<String>,
    credentials_helper: Option<String>,
    last_working_address: Option<String>,
    project: Option<String>,
    protocol: Option<String>,
    public: bool,
    #[serde(skip)]
    origin: Origin,
}

/// Reads both files, where there are such.
pub(super) fn read(environment: &Environment) -> Result<Remotes, ConfigError> {
    let user = environment.config_directory().as_deref().map(read_file).transpose()?.flatten();
    let system = match read_file(&environment.global_config_directory()) {
        // The incus client passes over a system file that it may not read, too.
        Err(ConfigError::File { .. }) => None,
        outcome => outcome?,
    };
    Ok(merge(user, system, environment))
}

fn read_file(directory: &Path) -> Result<Option<File>, ConfigError> {
    let path = directory.join("config.yml");
    match fs::read_to_string(&path) {
        Ok(text) => parse(&path, &text).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(ConfigError::File { path, source }),
    }
}

pub(super) fn parse(path: &Path, text: &str) -> Result<File, ConfigError> {
    serde_saphyr::from_str(text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: error.location().map(|location| location.line()),
    })
}

/// The remotes as the `incus` client would have them. Without a file of the user's there is `images`; with one, `images`
/// must be in it. `local` is always the local socket, and takes only its project from a file.
pub(super) fn merge(user: Option<File>, system: Option<File>, environment: &Environment) -> Remotes {
    let user = user.unwrap_or_else(|| File {
        remotes: Some(BTreeMap::from([(IMAGES.to_owned(), Entry::images())])),
        default_remote: None,
    });
    let mut entries = system.and_then(|system| system.remotes).unwrap_or_default();
    entries.values_mut().for_each(|entry| entry.origin = Origin::System);
    entries.extend(user.remotes.unwrap_or_default());
    let local = entries.entry(LOCAL.to_owned()).or_default();
    *local = Entry { addr: Some(LOCAL_ADDRESS.to_owned()), project: local.project.take(), ..Entry::default() };
    let default_remote = environment.remote.clone().or(user.default_remote).filter(|name| !name.is_empty());
    Remotes {
        default_remote: default_remote.unwrap_or_else(|| LOCAL.to_owned()),
        remotes: entries.into_iter().map(|(name, entry)| (name.clone(), entry.into_remote(&name))).collect(),
    }
}

impl Entry {
    fn images() -> Self {
        Self {
            addr: Some(IMAGES_ADDRESS.to_owned()),
            protocol: Some(Protocol::Simplestreams.to_string()),
            ..Self::default()
        }
    }

    fn into_remote(self, name: &str) -> Result<Remote, InvalidRemote> {
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (address, protocol) = (self.addr.unwrap_or_default(), said(self.protocol));
        let mut remote =
            Remote::read(name, &address, protocol.as_deref(), said(self.auth_type).as_deref())?.of(self.origin);
        if let Some(Ok(worked)) = self.last_working_address.as_deref().map(ServerUrl::parse) {
            remote = remote.beginning_with(&worked);
        }
        if let Some(project) = said(self.project) {
            let project =
                Project::parse(&project).map_err(|reason| InvalidRemote::Project { name: name.to_owned(), reason })?;
            remote = remote.in_project(project);
        }
        if let Some(program) = said(self.credentials_helper) {
            remote = remote.with_credentials_helper(program);
        }
        Ok(if self.public { remote.as_public() } else { remote })
    }
}

fn place(line: Option<u64>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::incus::remotes::{Address, Authentication, UnknownRemote};

    fn file(text: &str) -> Option<File> {
        Some(parse(Path::new("config.yml"), text).unwrap())
    }

    fn names(remotes: &Remotes) -> Vec<&str> {
        remotes.iter().map(Remote::name).collect()
    }

    fn address(remotes: &Remotes, name: &str) -> String {
        remotes.get(name).unwrap().address().to_string()
    }

    #[test]
    fn without_files_there_are_local_and_images() {
        let remotes = merge(None, None, &Environment::default());
        assert_eq!(names(&remotes), ["images", "local"]);
        assert_eq!(remotes.default_remote(), "local");
        assert_eq!(remotes.get("local").unwrap().address(), &Address::Unix(None));
        let images = remotes.get("images").unwrap();
        assert_eq!(images.address().to_string(), "https://images.linuxcontainers.org");
        assert_eq!((images.protocol(), images.public()), (Protocol::Simplestreams, true));
    }

    #[test]
    fn with_a_file_only_local_is_added() {
        let text =
            "default-remote: b\nremotes:\n  b: {addr: 'https://b:8443', auth_type: tls, project: p, keepalive: 3}\n";
        let remotes = merge(file(text), None, &Environment::default());
        assert_eq!((names(&remotes), remotes.default_remote()), (vec!["b", "local"], "b"));
        let b = remotes.get("b").unwrap();
        assert_eq!((b.protocol(), b.public()), (Protocol::Incus, false));
        assert_eq!(b.project(), Some(&Project::parse("p").unwrap()));
        for empty in ["", "remotes: {}", "remotes:", "aliases: {ls: list}"] {
            assert_eq!(names(&merge(file(empty), None, &Environment::default())), ["local"], "{empty:?}");
        }
    }

    #[test]
    fn local_keeps_its_address_and_takes_a_project() {
        let remotes = merge(file("remotes: {local: {addr: 'https://x', project: p}}"), None, &Environment::default());
        assert_eq!(address(&remotes, "local"), "unix://");
        assert_eq!(remotes.get("local").unwrap().project().unwrap().as_str(), "p");
    }

    #[test]
    fn the_system_file_fills_in_what_is_missing() {
        let system = "default-remote: s\nremotes: {b: {addr: 'https://system'}, s: {addr: 'https://s'}}";
        let remotes = merge(file("remotes: {b: {addr: 'https://user'}}"), file(system), &Environment::default());
        assert_eq!(names(&remotes), ["b", "local", "s"]);
        assert_eq!((address(&remotes, "b").as_str(), remotes.default_remote()), ("https://user", "local"));
    }

    #[test]
    fn the_environment_names_the_default() {
        let environment = Environment { remote: Some("e".into()), ..Environment::default() };
        assert_eq!(merge(file("default-remote: f"), None, &environment).default_remote(), "e");
    }

    #[test]
    fn all_that_is_said_about_a_remote_is_read() {
        let text = "remotes:\n  c: {addr: 'https://a:1,https://b:2', last_working_address: 'https://b:2', auth_type: oidc}\n  \
                    p: {addr: 'https://p:1', public: true, auth_type: ''}\n  \
                    o: {addr: 'https://o', protocol: oci, credentials_helper: helper}\n";
        let remotes = merge(file(text), file("remotes: {s: {addr: 'https://s'}}"), &Environment::default());
        let get = |name: &str| remotes.get(name).unwrap();
        assert_eq!(address(&remotes, "c"), "https://b:2, https://a:1");
        assert_eq!((get("c").authentication(), get("c").public()), (Authentication::Oidc, false));
        assert_eq!((get("p").authentication(), get("p").public()), (Authentication::Tls, true));
        assert_eq!((get("o").protocol(), get("o").credentials_helper()), (Protocol::Oci, Some("helper")));
        assert_eq!((get("o").origin(), get("s").origin()), (Origin::User, Origin::System));
    }

    #[test]
    fn a_remote_that_makes_no_sense_breaks_only_itself() {
        let text = "remotes: {old: {addr: 'https://x', protocol: lxd}, two: {addr: 'https://me:pw@x', protocol: oci}, odd: {addr: 'https://x', auth_type: kerberos}, ok: {addr: 'https://ok'}}";
        let remotes = merge(file(text), None, &Environment::default());
        assert_eq!(names(&remotes), ["local", "ok"]);
        for name in ["odd", "old", "two"] {
            assert!(matches!(remotes.get(name), Err(UnknownRemote::Invalid { .. })), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_no_config_is_told_with_its_line_and_without_its_words() {
        let error = parse(Path::new("/c/config.yml"), "remotes:\n  a: {addr: [secret]}\n").err().unwrap();
        let words = format!("{error} {error:?}");
        assert!(words.contains("/c/config.yml") && words.contains("line 2") && !words.contains("secret"), "{words}");
    }

    #[test]
    fn files_are_read_from_the_named_folders() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment {
            config_directory: Some(folder.path().join("user")),
            global_config_directory: Some(folder.path().join("system")),
            ..Environment::default()
        };
        assert_eq!(names(&read(&environment).unwrap()), ["images", "local"]);
        for (name, text) in
            [("user", "remotes: {u: {addr: 'https://u'}}"), ("system", "remotes: {s: {addr: 'https://s'}}")]
        {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("config.yml"), text).unwrap();
        }
        assert_eq!(names(&read(&environment).unwrap()), ["local", "s", "u"]);
        fs::remove_file(folder.path().join("user/config.yml")).unwrap();
        fs::create_dir(folder.path().join("user/config.yml")).unwrap();
        assert!(matches!(read(&environment), Err(ConfigError::File { .. })));
    }
}
