//! What a `remote` block may say.

use super::*;
use crate::tfplugin::attr::Sensitive;

fn block(address: &str) -> RemoteModel {
    RemoteModel { name: "r".into(), address: address.into(), ..RemoteModel::default() }
}

fn of_protocol(address: &str, protocol: &str) -> RemoteModel {
    RemoteModel { protocol: protocol.into(), ..block(address) }
}

/// The argument at fault, and what is said.
fn refused(block: RemoteModel) -> (String, String) {
    let mut diagnostics = Diagnostics::default();
    validate(&[RemoteModel { name: "ok".into(), ..self::block("unix://") }, block], &mut diagnostics);
    let mut told = diagnostics.into_iter();
    let (Some(one), None) = (told.next(), told.next()) else { panic!("one refusal") };
    (one.path.to_string(), one.detail)
}

fn accepted(block: RemoteModel) {
    let mut diagnostics = Diagnostics::default();
    validate(&[block], &mut diagnostics);
    assert_eq!(diagnostics.into_iter().count(), 0);
}

fn token() -> Attr<Sensitive> {
    let text = format!("{{\"fingerprint\":\"{}\",\"secret\":\"s3cret\"}}", "ab".repeat(32));
    Attr::Known(Sensitive::new(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text)))
}

#[test]
fn every_argument_is_taken_over() {
    let pin = "ab".repeat(32);
    let full =
        RemoteModel { token: token(), server_certificate: pin.as_str().into(), ..block("https://a,https://b:1") };
    accepted(full.clone());
    let made = remote(&full).unwrap().unwrap();
    assert_eq!((made.name(), made.address().to_string().as_str()), ("r", "https://a:8443, https://b:1"));
    assert_eq!((made.protocol(), made.public(), made.authentication()), (Protocol::Incus, false, Authentication::Tls));
    assert!(made.token().is_some() && made.certificate() == Some(&Pin::parse(&pin).unwrap()));

    let registry = RemoteModel { credentials_helper: "helper".into(), ..of_protocol("https://docker.io", "oci") };
    accepted(registry.clone());
    let made = remote(&registry).unwrap().unwrap();
    assert_eq!((made.credentials_helper(), made.address().to_string().as_str()), (Some("helper"), "https://docker.io"));

    let public = RemoteModel { public: Attr::Known(true), ..block("https://a") };
    accepted(public.clone());
    assert!(remote(&public).unwrap().unwrap().public());
    accepted(RemoteModel { authentication_type: "oidc".into(), ..block("https://a") });
}

#[test]
fn unknown_arguments_are_waited_for() {
    let https = || block("https://a");
    for unknown in [
        RemoteModel { name: Attr::Unknown, ..https() },
        RemoteModel { address: Attr::Unknown, ..https() },
        RemoteModel { protocol: Attr::Unknown, ..https() },
        RemoteModel { authentication_type: Attr::Unknown, ..https() },
        RemoteModel { token: Attr::Unknown, ..https() },
        RemoteModel { public: Attr::Unknown, ..https() },
        RemoteModel { server_certificate: Attr::Unknown, ..https() },
        RemoteModel { credentials_helper: Attr::Unknown, ..https() },
    ] {
        accepted(unknown.clone());
        assert_eq!(remote(&unknown), Ok(None), "{unknown:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_at_its_argument() {
    let secret = RemoteModel { token: Attr::Known(Sensitive::new("s3cret".to_owned())), ..block("https://a") };
    let odd = [
        (RemoteModel { name: "a:b".into(), ..block("https://a") }, "name", "can't be empty nor contain ':'"),
        (block("a.example"), "address", "begins with https:// or http://"),
        (block("http://a"), "address", "protocol incus needs an https:// address"),
        (of_protocol("https://a,https://b", "simplestreams"), "address", "needs a single address"),
        (of_protocol("https://a", "lxd"), "protocol", "there are incus, simplestreams and oci"),
        (
            RemoteModel { authentication_type: "x".into(), ..block("https://a") },
            "authentication_type",
            "there are tls and oidc",
        ),
        (
            RemoteModel { server_certificate: "x".into(), ..block("https://a") },
            "server_certificate",
            "64 hexadecimal digits",
        ),
        (secret, "token", "it is not a trust token, as `incus config trust add NAME` prints one"),
    ];
    for (block, argument, words) in odd {
        let (path, detail) = refused(block);
        assert_eq!(path, format!("remote[1].{argument}"));
        assert!(detail.contains(words) && !detail.contains("s3cret"), "{detail}");
    }
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    let pin = "ab".repeat(32);
    let public = || RemoteModel { public: Attr::Known(true), ..block("https://a") };
    let images = || of_protocol("https://a", "simplestreams");
    let odd = [
        (RemoteModel { token: token(), ..block("unix://") }, "token", "is the local daemon, which needs no token"),
        (RemoteModel { token: token(), ..public() }, "token", "is a public server, which needs no token"),
        (RemoteModel { token: token(), ..images() }, "token", "is an image server, which needs no token"),
        (
            RemoteModel { token: token(), authentication_type: "oidc".into(), ..block("https://a") },
            "token",
            "authentication_type = \"oidc\", which needs no token",
        ),
        (RemoteModel { authentication_type: "tls".into(), ..public() }, "authentication_type", "knows no clients"),
        (RemoteModel { public: Attr::Known(true), ..block("unix://") }, "public", "is not public"),
        (RemoteModel { public: Attr::Known(false), ..images() }, "public", "is public"),
        (
            RemoteModel { server_certificate: pin.as_str().into(), ..block("unix://") },
            "server_certificate",
            "has no certificate",
        ),
        (RemoteModel { server_certificate: pin.as_str().into(), ..images() }, "server_certificate", "in PEM form"),
        (
            RemoteModel { credentials_helper: "h".into(), ..block("https://a") },
            "credentials_helper",
            "is an Incus server, which needs no credentials helper. Take `credentials_helper` out.",
        ),
    ];
    for (block, argument, words) in odd {
        let (path, detail) = refused(block);
        assert_eq!(path, format!("remote[1].{argument}"));
        assert!(detail.contains(words), "{detail}");
    }
}
