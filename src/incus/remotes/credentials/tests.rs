//! Certificates and keys in a folder of the `incus` client.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::incus::Protocol;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn files(&self) -> ClientFiles {
        ClientFiles { user: Some(self.path("user")), system: self.path("system") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The error of reading an identity, which says nothing of what is in the files.
    fn refusal(&self) -> String {
        let error = self.files().identity(&far()).unwrap_err();
        let words = format!("{error} {error:?}");
        assert!(!words.contains("SECRET"), "{words}");
        error.to_string().replace(self.0.path().to_str().unwrap(), "")
    }
}

fn far() -> Remote {
    Remote::new("far.example", "https://far:8443", Protocol::Incus).unwrap()
}

#[test]
fn an_identity_is_made_once_and_only_its_owner_reads_the_key() {
    let folder = Folder::new();
    let files = folder.files();
    assert_eq!(folder.refusal(), "this client has no certificate: /user/client.crt does not exist");
    files.generate_identity().unwrap();
    let made = files.identity(&far()).unwrap();
    files.generate_identity().unwrap();
    assert_eq!(files.identity(&far()).unwrap().certificate, made.certificate);
    let mode = |name: &str| fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("user/client.key"), mode("user")), (0o600, 0o750));
    assert_eq!(fs::read_dir(folder.path("user")).unwrap().count(), 2, "nothing else is left");
    assert!(!format!("{made:?}").contains("PRIVATE"), "{made:?}");
}

#[test]
fn many_processes_at_once_make_one_identity() {
    let folder = Folder::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| folder.files().generate_identity().unwrap());
        }
    });
    let made = folder.files().identity(&far()).unwrap();
    let own = rcgen::KeyPair::try_from(&made.key).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(made.certificate.der()).unwrap();
    assert_eq!(&*parsed.public_key().subject_public_key.data, own.public_key_raw(), "they belong together");
}

#[test]
fn a_remote_may_have_an_identity_of_its_own() {
    let folder = Folder::new();
    folder.files().generate_identity().unwrap();
    let common = folder.files().identity(&far()).unwrap().certificate;
    let made = generate::identity().unwrap();
    folder.put("user/clientcerts/far.example.crt", &made.certificate);
    assert_eq!(
        folder.refusal(),
        "/user/clientcerts/far.example.key does not exist, and belongs to /user/clientcerts/far.example.crt"
    );
    folder.put("user/clientcerts/far.example.key", &made.key);
    assert_ne!(folder.files().identity(&far()).unwrap().certificate, common);
    let other = Remote::new("other", "https://other:8443", Protocol::Incus).unwrap();
    assert_eq!(folder.files().identity(&other).unwrap().certificate, common);
}

#[test]
fn what_is_not_usable_is_told_of_without_its_words() {
    let folder = Folder::new();
    let made = generate::identity().unwrap();
    folder.put("user/client.key", &made.key);
    assert_eq!(folder.refusal(), "/user/client.crt does not exist, and belongs to /user/client.key");
    folder.put("user/client.crt", "SECRET");
    assert_eq!(folder.refusal(), "/user/client.crt holds no certificate in PEM form");
    folder.put("user/client.crt", &made.certificate);
    folder.put("user/client.key", "SECRET");
    assert_eq!(folder.refusal(), "/user/client.key holds no private key in PEM form");
    for encrypted in [
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nSECRET\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nSECRET\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ] {
        folder.put("user/client.key", encrypted);
        assert_eq!(folder.refusal(), "/user/client.key is encrypted, and nobody can be asked for its password");
    }
    let over = crate::incus::certificate::tests::valid(-2, -1);
    folder.put("user/client.crt", &over.to_pem());
    assert!(folder.refusal().starts_with("the certificate of this client expired on "), "{}", folder.refusal());
    let nowhere = ClientFiles { user: None, system: folder.path("system") };
    assert!(matches!(nowhere.identity(&far()), Err(CredentialsError::NoFolder)));
}

#[test]
fn a_server_is_known_by_its_name() {
    let (folder, server) = (Folder::new(), crate::incus::certificate::tests::valid(-1, 1));
    let files = folder.files();
    assert_eq!(files.server_certificate(&far()).unwrap(), None);
    files.know_server(&far(), &server).unwrap();
    assert_eq!(files.server_certificate(&far()).unwrap(), Some(server));
    folder.put("user/servercerts/far.example.crt", "no");
    assert!(matches!(files.server_certificate(&far()), Err(CredentialsError::Damaged { .. })));
    folder.put("blocked/servercerts", "no folder");
    let blocked = ClientFiles { user: Some(folder.path("blocked")), system: folder.path("system") };
    let error = blocked.know_server(&far(), &crate::incus::certificate::tests::valid(-1, 1)).unwrap_err();
    assert!(matches!(error, CredentialsError::Unwritable { .. }), "{error}");
}

#[test]
fn the_system_knows_its_own_remotes() {
    let (folder, server) = (Folder::new(), crate::incus::certificate::tests::valid(-1, 1));
    folder.put("system/servercerts/far.example.crt", &server.to_pem());
    let files = folder.files();
    assert_eq!(files.server_certificate(&far()).unwrap(), None, "another one of that name");
    assert_eq!(files.server_certificate(&far().of(Origin::System)).unwrap(), Some(server));
    let own = crate::incus::certificate::tests::valid(-1, 1);
    files.know_server(&far(), &own).unwrap();
    assert_eq!(files.server_certificate(&far().of(Origin::System)).unwrap(), Some(own));
}

#[test]
fn authorities_stand_beside_the_identity() {
    let authority = || crate::incus::certificate::tests::valid(-1, 1);
    let (folder, old, new) = (Folder::new(), authority(), authority());
    let known = || folder.files().authorities(&far());
    assert_eq!(known().unwrap(), []);
    folder.put("user/client.ca", &format!("{}{}", old.to_pem(), new.to_pem()));
    assert_eq!(known().unwrap(), [old, new.clone()]);
    folder.put("user/clientcerts/far.example.crt", "");
    assert_eq!(known().unwrap(), []);
    folder.put("user/clientcerts/far.example.ca", &new.to_pem());
    assert_eq!(known().unwrap(), [new]);
    folder.put("user/clientcerts/far.example.ca", "");
    assert!(matches!(known(), Err(CredentialsError::Damaged { .. })));
}
