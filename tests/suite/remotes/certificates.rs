//! Servers with certificates of an authority, old ones and new ones.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P384_SHA384};
use time::{Duration, OffsetDateTime};

use super::{IMAGE, image, opened};
use crate::support::lab::Lab;

/// An authority, which gives certificates to servers.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = pem("CERTIFICATE", params.self_signed(&key).unwrap().der());
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Gives the daemon a certificate that is valid for this name until so many days from now.
    fn certify(&self, far: &Lab, name: &str, days: i64) {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = OffsetDateTime::now_utc() - Duration::days(9);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(days);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(far.path("incus/server.crt"), pem("CERTIFICATE", certificate.der())).unwrap();
        std::fs::write(far.path("incus/server.key"), pem("PRIVATE KEY", &key.serialize_der())).unwrap();
        far.restart().now();
    }
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
}

fn held(lab: &Lab) -> String {
    image(&format!("alias = \"alpine\"\n  remote = \"far\"\n  {}", lab.images().unified("alpine").arguments()))
}

#[test]
fn the_authority_of_a_client_vouches_for_servers_by_name() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    std::fs::remove_dir_all(lab.path("client/servercerts")).unwrap();
    let authority = Authority::new();
    authority.certify(&far, "127.0.0.1", 9);
    let run = lab.terraform(&held(&lab));
    run.apply().fails_with("its certificate is not known here").shows("UnknownIssuer");
    // One that is to take its place may be there already.
    std::fs::write(lab.path("client/client.ca"), Authority::new().pem + &authority.pem).unwrap();
    run.settles();
    authority.certify(&far, "elsewhere.example", 9);
    run.plan().fails_with("its certificate is not known here").shows("elsewhere.example");
    assert!(!run.state(IMAGE).is_null(), "nothing is lost");
    std::fs::write(lab.path("client/client.ca"), "nothing").unwrap();
    run.plan().fails_with("client.ca holds no certificate in PEM form");
}

#[test]
fn the_authorities_of_the_machine_vouch_for_servers_by_name() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    std::fs::remove_dir_all(lab.path("client/servercerts")).unwrap();
    let authority = Authority::new();
    authority.certify(&far, "127.0.0.1", 9);
    std::fs::write(lab.path("authorities.pem"), &authority.pem).unwrap();
    let run = lab.terraform(&held(&lab)).env("SSL_CERT_FILE", lab.path("authorities.pem"));
    run.settles();
    authority.certify(&far, "127.0.0.1", -1);
    run.plan().fails_with("its certificate expired on").shows("Renew it on the server, and have the new one trusted");
}

#[test]
fn a_server_that_got_a_new_certificate_is_trusted_anew_by_hand() {
    let (Some(lab), Some(far)) = (Lab::start(), Lab::start()) else { return };
    lab.add_remote("far", &far);
    let run = lab.terraform(&held(&lab));
    run.settles();
    let authority = Authority::new();
    authority.certify(&far, "elsewhere.example", 9);
    run.plan().fails_with("its certificate is not the one that it is known by");
    std::fs::remove_file(lab.path("client/servercerts/far.crt")).unwrap();
    let run = run.env("INCUS_ACCEPT_SERVER_CERTIFICATE", "true");
    run.plan().is_empty();
    // Known by all of it, a certificate is right whatever the names in it; but not when its time is over.
    authority.certify(&far, "elsewhere.example", -1);
    std::fs::copy(far.path("incus/server.crt"), lab.path("client/servercerts/far.crt")).unwrap();
    run.plan().fails_with("its certificate expired on");
    run.config(&format!("{}{}", opened(&far, "", ""), held(&lab))).plan().fails_with("its certificate expired on");
}
