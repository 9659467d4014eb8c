//! Which of several places is believed, row by row.

use std::path::PathBuf;

use super::*;
use crate::incus::Protocol;
use crate::incus::remotes::Authentication;
use crate::provider::config::RemoteModel;

/// A folder with this config.yml, as the user's.
fn folder(yaml: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.yml"), yaml).unwrap();
    folder
}

fn environment(folder: &tempfile::TempDir) -> Environment {
    Environment {
        config_directory: Some(folder.path().to_owned()),
        global_config_directory: Some(folder.path().join("none")),
        ..Environment::default()
    }
}

fn block(name: &str, address: &str) -> RemoteModel {
    RemoteModel { name: name.into(), address: address.into(), ..RemoteModel::default() }
}

fn declared(name: &str, address: &str) -> ProviderModel {
    ProviderModel { remote: vec![block(name, address)], ..ProviderModel::default() }
}

fn address(settings: &Settings, name: &str) -> String {
    settings.remotes().unwrap().get(name).unwrap().address().to_string()
}

#[test]
fn the_default_remote() {
    let named = || ProviderModel { default_remote: "block".into(), ..ProviderModel::default() };
    let (yes, no) = (folder("default-remote: file"), folder("remotes: {}"));
    let rows = [
        (named(), Some("env"), &yes, "block"),
        (ProviderModel::default(), Some("env"), &yes, "env"),
        (ProviderModel::default(), None, &yes, "file"),
        (ProviderModel::default(), None, &no, "local"),
    ];
    for (config, variable, folder, expected) in rows {
        let environment = Environment { remote: variable.map(str::to_owned), ..environment(folder) };
        let settings = Settings::new(config, environment);
        assert_eq!(settings.default_remote(settings.remotes().unwrap()), expected.into());
    }
    let unknown = ProviderModel { default_remote: Attr::Unknown, ..ProviderModel::default() };
    let settings = Settings::new(unknown, environment(&yes));
    assert_eq!(settings.default_remote(settings.remotes().unwrap()), Attr::Unknown);
}

#[test]
fn a_remote() {
    let file = folder("remotes: {r: {addr: 'https://file:1'}, s: {addr: 'https://file:2'}}");
    let variables = Environment {
        remote: Some("r".into()),
        address: Some("https://env".into()),
        protocol: Some("incus".into()),
        authentication_type: Some("oidc".into()),
        ..environment(&file)
    };
    let all = Settings::new(declared("r", "https://block"), variables.clone());
    assert_eq!(
        (address(&all, "r"), address(&all, "s")),
        ("https://block:8443".to_owned(), "https://file:2".to_owned())
    );
    let without_block = Settings::new(ProviderModel::default(), variables.clone());
    assert_eq!(address(&without_block, "r"), "https://env:8443");
    let from_environment = without_block.remotes().unwrap().get("r").unwrap();
    assert_eq!(from_environment.authentication(), Authentication::Oidc);
    let nameless = Environment { remote: None, ..variables.clone() };
    assert_eq!(address(&Settings::new(ProviderModel::default(), nameless), "r"), "https://file:1");
    let odd = Settings::new(ProviderModel::default(), Environment { protocol: Some("lxd".into()), ..variables });
    let words = odd.remotes().unwrap().get("r").unwrap_err();
    assert!(format!("{words:?}").contains("lxd"), "only who uses it is told");
    let images = Environment { remote: Some("i".into()), address: Some("http://i".into()), ..environment(&file) };
    let images =
        Settings::new(ProviderModel::default(), Environment { protocol: Some("simplestreams".into()), ..images });
    assert_eq!(images.remotes().unwrap().get("i").unwrap().protocol(), Protocol::Simplestreams);
}

#[test]
fn the_folder() {
    let named = |text: &str| ProviderModel { config_dir: text.into(), ..ProviderModel::default() };
    let variables = |variable: Option<&str>| Environment {
        home: Some("/home/me".into()),
        config_directory: variable.map(PathBuf::from),
        ..Environment::default()
    };
    let rows = [
        (named("/block"), Some("/env"), "/block"),
        (named("~/block"), Some("/env"), "/home/me/block"),
        (ProviderModel::default(), Some("/env"), "/env"),
        (ProviderModel::default(), None, "/home/me/.config/incus"),
    ];
    for (config, variable, expected) in rows {
        let files = Settings::new(config, variables(variable)).files();
        let shown = format!("{files:?}");
        assert!(shown.contains(&format!("{expected:?}")), "{shown}");
    }
}

#[test]
fn first_contact_and_missing_certificates() {
    let config = |wanted: Option<bool>| ProviderModel {
        accept_remote_certificate: wanted.into(),
        generate_client_certificates: wanted.into(),
        ..declared("r", "https://r")
    };
    let rows = [
        (Some(true), Some("false"), true),
        (Some(false), Some("true"), false),
        (None, Some("true"), true),
        (None, Some("false"), false),
        (None, None, false),
    ];
    let file = folder("");
    for (wanted, variable, expected) in rows {
        let environment = Environment {
            accept_server_certificate: variable.map(str::to_owned),
            generate_client_certificates: variable.map(str::to_owned),
            ..environment(&file)
        };
        let access = access(&Settings::new(config(wanted), environment)).unwrap();
        let (contact, identity) = match expected {
            true => (FirstContact::Accept, MissingIdentity::Generate),
            false => (FirstContact::Refuse, MissingIdentity::Refuse),
        };
        assert_eq!((access.first_contact, access.missing_identity), (contact, identity), "{wanted:?} {variable:?}");
    }
    let odd = Environment { accept_server_certificate: Some("yes".into()), ..environment(&file) };
    assert!(matches!(access(&Settings::new(config(None), odd)), Err(ConfigError::Variable { .. })));
}

fn access(settings: &Settings) -> Result<Access, ConfigError> {
    let remote = settings.remotes().unwrap().get("r").unwrap().clone();
    let crate::incus::remotes::Address::Server(urls) = remote.address().clone() else { panic!("an address") };
    settings.access(remote, urls)
}

#[test]
fn the_token() {
    let token = |letter: &str| {
        let text = format!("{{\"fingerprint\":\"{}\",\"secret\":\"s3cret\"}}", letter.repeat(64));
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text)
    };
    let read = |text: &str| crate::incus::TrustToken::parse(text);
    let (of_block, of_environment) = (token("a"), token("b"));
    let with_token = || {
        let token = Attr::Known(crate::tfplugin::attr::Sensitive::new(of_block.clone()));
        ProviderModel { remote: vec![RemoteModel { token, ..block("r", "https://r") }], ..ProviderModel::default() }
    };
    let file = folder("");
    let rows = [
        (with_token(), Some(&of_environment), Some(&of_block)),
        (with_token(), None, Some(&of_block)),
        (declared("r", "https://r"), Some(&of_environment), Some(&of_environment)),
        (declared("r", "https://r"), None, None),
    ];
    for (config, variable, expected) in rows {
        let environment = Environment { token: variable.map(|text| read(text)), ..environment(&file) };
        let settings = Settings::new(config, environment);
        let shown = format!("{settings:?}");
        let access = access(&settings).unwrap();
        let used = access.remote.token().or(access.token.as_ref()).cloned();
        assert_eq!(used, expected.map(|text| read(text).unwrap()));
        assert!(!shown.contains(&of_block) && !shown.contains(&of_environment), "{shown}");
    }
}

#[test]
fn what_is_not_known_yet_is_waited_for() {
    let unknown = [
        ProviderModel { config_dir: Attr::Unknown, ..declared("r", "https://r") },
        ProviderModel { accept_remote_certificate: Attr::Unknown, ..declared("r", "https://r") },
        ProviderModel { generate_client_certificates: Attr::Unknown, ..declared("r", "https://r") },
        ProviderModel {
            remote: vec![RemoteModel { token: Attr::Unknown, ..block("r", "https://r") }],
            ..ProviderModel::default()
        },
    ];
    for config in unknown {
        assert!(Settings::new(config, Environment::default()).is_undecided("r"));
    }
    let known = Settings::new(declared("r", "https://r"), Environment::default());
    assert!(!known.is_undecided("r") && !known.is_undecided("other"));
}
