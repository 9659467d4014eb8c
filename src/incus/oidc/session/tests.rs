//! Many who find the login expired at once, and identity providers that answer oddly. Not for what real servers make of the tokens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::incus::Protocol;
use crate::incus::remotes::Environment;

/// An identity provider, and the folder of a client that has logged in there.
struct Fake {
    folder: tempfile::TempDir,
    challenge: Challenge,
    /// How often a token was asked for.
    asked: Arc<AtomicUsize>,
}

impl Fake {
    /// It describes itself by this description, and answers with the next of these when it is asked for tokens.
    async fn start(description: impl Fn(&str) -> Value, answers: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let (description, asked) = (description(&issuer), Arc::new(AtomicUsize::new(0)));
        let (count, answers) = (Arc::clone(&asked), answers.to_vec());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(reply(stream, description.clone(), answers.clone(), Arc::clone(&count)));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("oidctokens")).unwrap();
        let fake = Self { folder, challenge: Challenge { issuer, client: "incus".to_owned() }, asked };
        fake.log_in("old");
        fake
    }

    fn log_in(&self, access: &str) {
        let tokens = json!({"access_token": access, "refresh_token": "s3cret", "IDToken": "kept"});
        std::fs::write(self.folder.path().join("oidctokens/far.json"), tokens.to_string()).unwrap();
    }

    /// The login as another process sees it.
    fn session(&self) -> Arc<Session> {
        let directory = Some(self.folder.path().to_owned());
        let files = ClientFiles::of(&Environment { config_directory: directory, ..Environment::default() });
        Arc::new(Session::new(files, Remote::new("far", "https://far", Protocol::Incus).unwrap()))
    }

    async fn renewed(&self, session: &Arc<Session>) -> Result<String, LoginError> {
        self.refused(session, "old").await
    }

    /// What is to serve in place of this token.
    async fn refused(&self, session: &Arc<Session>, token: &str) -> Result<String, LoginError> {
        let refused = AccessToken::new(token.to_owned());
        session.renewed(&refused, self.challenge.clone()).await.map(|token| token.secret().clone())
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn reply(mut stream: TcpStream, description: Value, answers: Vec<Value>, asked: Arc<AtomicUsize>) {
    let (mut request, mut chunk) = (String::new(), [0; 4096]);
    // A form ends with the last of its fields.
    let ends = ["refresh_token=s3cret", "refresh_token=next"];
    while !(request.starts_with("GET ") && request.ends_with("\r\n\r\n")
        || ends.iter().any(|end| request.contains(end)))
    {
        match stream.read(&mut chunk).await {
            Ok(length @ 1..) => request.push_str(&String::from_utf8_lossy(chunk.get(..length).unwrap())),
            _ => return,
        }
    }
    let body = match request.starts_with("POST /token ") {
        true => answers.get(asked.fetch_add(1, Ordering::SeqCst)).unwrap().to_string(),
        false => description.to_string(),
    };
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length:";
    let _ = stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
}

fn honest(issuer: &str) -> Value {
    json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token")})
}

/// What is given for the token of the login.
fn fresh() -> Value {
    json!({"access_token": "new", "token_type": "bearer", "expires_in": 60, "refresh_token": "next"})
}

/// What is given for the token that came with that.
fn fresher() -> Value {
    json!({"access_token": "newer", "token_type": "bearer", "expires_in": 60})
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wait_for_one_renewal() {
    let fake = Fake::start(honest, &[fresh()]).await;
    let session = fake.session();
    let tokens = join_all((0..20).map(|_| fake.renewed(&session))).await;
    assert!(tokens.iter().all(|token| token.as_deref().unwrap() == "new"), "{tokens:?}");
    assert_eq!(fake.asked(), 1);
    assert_eq!(session.token().await.unwrap().secret(), "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_renew_one_after_the_other_and_look_first() {
    let fake = Fake::start(honest, &[fresh()]).await;
    let sessions: Vec<_> = (0..5).map(|_| fake.session()).collect();
    let tokens = join_all(sessions.iter().map(|session| fake.renewed(session))).await;
    assert!(tokens.iter().all(|token| token.as_deref().unwrap() == "new"), "{tokens:?}");
    assert_eq!(fake.asked(), 1);
    fake.log_in("another's");
    let session = fake.session();
    assert_eq!(fake.renewed(&session).await.unwrap(), "another's");
    assert_eq!(fake.asked(), 1);
}

#[tokio::test]
async fn a_renewal_goes_on_when_nobody_waits_for_it_any_more() {
    let fake = Fake::start(honest, &[fresh()]).await;
    let session = fake.session();
    let given_up = tokio::time::timeout(Duration::ZERO, fake.renewed(&session)).await;
    assert!(given_up.is_err(), "{given_up:?}");
    while session.token().await.unwrap().secret() != "new" {
        tokio::task::yield_now().await;
    }
    assert_eq!((fake.asked(), fake.session().token().await.unwrap().secret().as_str()), (1, "new"));
}

#[tokio::test]
async fn a_login_that_cannot_be_kept_serves_as_long_as_the_process() {
    let fake = Fake::start(honest, &[fresh(), fresher()]).await;
    let beside = format!("oidctokens/far.json.{}", std::process::id());
    std::fs::create_dir(fake.folder.path().join(beside)).unwrap();
    let session = fake.session();
    assert_eq!(fake.renewed(&session).await.unwrap(), "new");
    assert_eq!(session.token().await.unwrap().secret(), "new");
    assert_eq!(fake.session().token().await.unwrap().secret(), "old");
    // It expires in its turn: what the file holds is spent, unless somebody has logged in meanwhile.
    assert_eq!(fake.refused(&session, "new").await.unwrap(), "newer");
    assert_eq!(session.token().await.unwrap().secret(), "newer");
    fake.log_in("another's");
    assert_eq!(fake.refused(&session, "newer").await.unwrap(), "another's");
    assert_eq!(fake.asked(), 2);
}

#[tokio::test]
async fn a_login_is_renewed_as_often_as_it_expires() {
    let fake = Fake::start(honest, &[fresh(), fresher()]).await;
    let session = fake.session();
    assert_eq!(fake.renewed(&session).await.unwrap(), "new");
    assert_eq!(fake.refused(&session, "new").await.unwrap(), "newer");
    assert_eq!(fake.session().token().await.unwrap().secret(), "newer");
}

#[tokio::test]
async fn who_is_no_identity_provider_gets_no_token_and_is_told_of_without_one() {
    let elsewhere = |issuer: &str| json!({"issuer": "https://else", "token_endpoint": format!("{issuer}/token")});
    for (description, answer, said, asked) in [
        (&elsewhere as &dyn Fn(&str) -> Value, fresh(), "it says that it is \"https://else\"", 0),
        (&|_: &str| json!({}), fresh(), "missing field `issuer`", 0),
        (&|issuer: &str| json!({"issuer": issuer, "token_endpoint": "here"}), fresh(), "its token_endpoint", 0),
        (&honest, json!({"access_token": {"odd": "s3cret"}}), "it gives no tokens", 1),
    ] {
        let fake = Fake::start(description, &[answer]).await;
        let error = fake.renewed(&fake.session()).await.unwrap_err();
        let words = format!("{error} {error:?}");
        assert!(matches!(error, LoginError::Misunderstood { .. }) && words.contains(said), "{words}");
        assert!(!words.contains("s3cret"), "{words}");
        assert_eq!(fake.asked(), asked, "{said}");
    }
}
