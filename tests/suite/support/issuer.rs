//! A small identity provider (OIDC) on loopback: it describes itself, shows its key, and gives fresh tokens for refresh tokens, each
//! of which serves once. Nobody logs in to it: a test writes down what a login would have given. It serves until the test run ends.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::lab::Lab;
use super::web::{self, Request};

/// The name by which daemons know their clients.
const CLIENT: &str = "incus-cli";

#[derive(Debug)]
pub(crate) struct Issuer {
    url: String,
    certificate: PathBuf,
    shared: Arc<Shared>,
    // The file of the certificate lives in it.
    _directory: TempDir,
}

#[derive(Debug)]
struct Shared {
    url: String,
    key: EcdsaKeyPair,
    book: Mutex<Book>,
}

/// What was given and taken.
#[derive(Debug)]
struct Book {
    audience: String,
    /// The refresh tokens that still serve.
    serving: Vec<String>,
    given: Vec<String>,
    renewals: usize,
    refusals: usize,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let certificate = directory.path().join("issuer.crt");
        let tls = web::identity(&certificate);
        let (listener, url) = web::listen(Some(&tls));
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).expect("a key");
        let book =
            Book { audience: "images".to_owned(), serving: Vec::new(), given: Vec::new(), renewals: 0, refusals: 0 };
        let shared = Arc::new(Shared { url: url.clone(), key, book: Mutex::new(book) });
        let serving = Arc::clone(&shared);
        web::serve(listener, Some(tls), move |request, stream| serving.answer(request, stream));
        Self { url, certificate, shared, _directory: directory }
    }

    /// The certificate (PEM) that it is known by.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Has a daemon listen, and take our tokens.
    pub(crate) fn vouches_at(&self, daemon: &Lab) {
        daemon.listen();
        self.configure(daemon);
    }

    fn configure(&self, daemon: &Lab) {
        let config = json!({
            "oidc.issuer": self.url, "oidc.client.id": CLIENT, "oidc.audience": self.book().audience,
        });
        daemon.api().patch("/1.0", &json!({"config": config}));
    }

    /// From now on, tokens are for others, and so is this daemon: it takes no earlier one.
    pub(crate) fn changes_audience_at(&self, daemon: &Lab) {
        self.book().audience.push_str("-anew");
        self.configure(daemon);
    }

    /// What a login of the `incus` client would have left, with an access token that is good for so many seconds.
    pub(crate) fn login(&self, seconds: i64) -> Value {
        let (access, refresh) = (self.shared.access(seconds), self.shared.refresh());
        let expiry = OffsetDateTime::now_utc().format(&Rfc3339).expect("a time");
        json!({
            "access_token": access, "token_type": "Bearer", "refresh_token": refresh, "expiry": expiry,
            "IDTokenClaims": null, "IDToken": "an.id.token",
        })
    }

    /// Ends all logins: no refresh token serves any more.
    pub(crate) fn ends_logins(&self) {
        self.book().serving.clear();
    }

    /// How many times fresh tokens were given.
    pub(crate) fn renewals(&self) -> usize {
        self.book().renewals
    }

    /// How many times there were none to be had.
    pub(crate) fn refusals(&self) -> usize {
        self.book().refusals
    }

    /// Every token that was ever given.
    pub(crate) fn given(&self) -> Vec<String> {
        self.book().given.clone()
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.shared.book()
    }
}

impl Shared {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().expect("no panic while serving")
    }

    fn answer(&self, request: &Request, stream: &mut dyn Write) -> io::Result<()> {
        let (status, body) = match request.path.as_str() {
            "/.well-known/openid-configuration" => {
                let at = |path: &str| format!("{}{path}", self.url);
                (200, json!({"issuer": self.url, "jwks_uri": at("/keys"), "token_endpoint": at("/token")}))
            }
            "/keys" => (200, json!({"keys": [self.key()]})),
            "/token" => self.renew(&request.body),
            _ => (404, json!({})),
        };
        let body = body.to_string();
        let head =
            format!("HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
        write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}")
    }

    fn renew(&self, form: &str) -> (u16, Value) {
        let said = |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        assert_eq!((said("grant_type"), said("client_id")), (Some("refresh_token"), Some(CLIENT)), "{form}");
        let spent = {
            let mut book = self.book();
            let position = book.serving.iter().position(|token| said("refresh_token") == Some(token));
            position.map(|position| book.serving.remove(position))
        };
        match spent {
            Some(_) => {
                self.book().renewals += 1;
                let (access, refresh) = (self.access(3600), self.refresh());
                let given = json!({"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh});
                (200, given)
            }
            None => {
                self.book().refusals += 1;
                (400, json!({"error": "invalid_grant", "error_description": "Session not active"}))
            }
        }
    }

    /// A new access token.
    fn access(&self, seconds: i64) -> String {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let number = self.book().given.len();
        let claims = json!({
            "iss": self.url, "sub": "somebody", "aud": [self.book().audience], "iat": now, "exp": now + seconds,
            "jti": number.to_string(),
        });
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": "one"});
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        self.book().given.push(token.clone());
        token
    }

    /// A new refresh token.
    fn refresh(&self) -> String {
        let mut book = self.book();
        let token = format!("refresh-{}-{}", book.given.len(), URL_SAFE_NO_PAD.encode(&self.url));
        book.given.push(token.clone());
        book.serving.push(token.clone());
        token
    }

    /// The public key as others read it.
    fn key(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let coordinate = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": coordinate(1..33), "y": coordinate(33..65)})
    }
}
