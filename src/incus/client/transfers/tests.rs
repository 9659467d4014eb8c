//! Transfers against sockets that give prepared answers: how they end, and what is then said of the image.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::tests::{BEGIN, CANCEL, Fake, LOOK, Reply, WAIT, done, ending, fingerprint, operation, refused};
use super::*;
use crate::incus::{Expiry, FileUrl, ImageType, Protocol, RegistryCredentials, SourceServer, Wanted};

async fn copy(client: &Client, stop: &CancellationToken) -> Result<Imported, Error> {
    let url = ServerUrl::parse("https://images.example").unwrap();
    copy_from(client, Protocol::Simplestreams, url, None, stop).await
}

async fn copy_from(
    client: &Client,
    protocol: Protocol,
    url: ServerUrl,
    credentials: Option<RegistryCredentials>,
    stop: &CancellationToken,
) -> Result<Imported, Error> {
    let server = SourceServer { protocol, url, project: None, certificate: None, secret: None, credentials };
    let source = Source::Image { server, image: Wanted::Alias("tiny".to_owned()), image_type: ImageType::Container };
    let copy = Copy { source, public: false, auto_update: false, properties: BTreeMap::new() };
    client.copy(&Project::default(), &copy, stop).await
}

#[tokio::test]
async fn the_operation_tells_the_truth_not_the_answer_to_the_wait() {
    let fake = Fake::new();
    let imported = copy(&fake.listen(ending(200, "")), &CancellationToken::new()).await.unwrap();
    assert_eq!((imported.fingerprint, imported.started_at.year()), (fingerprint(), 2026));
}

#[tokio::test]
async fn a_wait_that_ends_early_is_repeated() {
    let fake = Fake::new();
    let mut replies = ending(200, "");
    replies.insert(0, (LOOK, 200, done(&operation(103, ""))));
    copy(&fake.listen(replies), &CancellationToken::new()).await.unwrap();
    assert_eq!(fake.count(WAIT), 2);
}

#[tokio::test]
async fn a_failed_operation_keeps_its_image_and_its_begin() {
    let fake = Fake::new();
    match copy(&fake.listen(ending(400, "no space")), &CancellationToken::new()).await {
        Err(Error::Operation { message, fingerprint: Some(found), started_at, .. }) => {
            assert_eq!((message.as_str(), found, started_at.year()), ("no space", fingerprint(), 2026));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_repeats_credentials_is_not_quoted_with_them() {
    let fake = Fake::new();
    let said = "Failed to connect to oci server \"https://me:s3cr%2Ft@registry.example\": s3cr/t is wrong";
    let credentials = RegistryCredentials::parse(br#"{"Username":"me","Secret":"s3cr/t"}"#).unwrap();
    let url = ServerUrl::parse("https://registry.example").unwrap();
    let client = fake.listen(ending(400, said));
    let failed = copy_from(&client, Protocol::Oci, url, Some(credentials), &CancellationToken::new()).await;
    let words = format!("{:?}", failed.unwrap_err());
    assert!(words.contains("https://***@registry.example") && !words.contains("s3cr"), "{words}");
}

#[tokio::test]
async fn an_operation_that_the_server_forgot_is_no_missing_image() {
    let fake = Fake::new();
    let mut replies = ending(200, "");
    replies.pop();
    replies.push((LOOK, 404, refused(404, "Operation not found")));
    let error = copy(&fake.listen(replies), &CancellationToken::new()).await.unwrap_err();
    assert!(!error.is_not_found() && error.to_string().contains("was it restarted?"), "{error:?}");
}

#[tokio::test]
async fn a_copy_that_meets_the_alias_of_the_image_itself_has_landed_on_it() {
    let fake = Fake::new();
    let outcome = copy(&fake.listen(ending(400, "Alias already exists: own")), &CancellationToken::new()).await;
    assert!(matches!(outcome, Err(Error::AlreadyExists { fingerprint: there, .. }) if there == fingerprint()));
}

#[tokio::test]
async fn of_two_copies_at_once_the_later_finds_the_image_there() {
    let said = "Failed saving image: UNIQUE constraint failed: images.project_id, images.fingerprint";
    let mut nameless_replies = ending(400, said);
    nameless_replies.pop();
    nameless_replies.push((LOOK, 200, done(&nameless(400, said, &Value::Null))));
    for replies in
        [ending(400, said), nameless_replies, ending(409, "Failed saving image: Image record already exists")]
    {
        let fake = Fake::new();
        let client = fake.listen(replies);
        let address = FileUrl::parse("https://web.example/image.tar.gz").unwrap();
        let source = Source::File { address, fingerprint: Some(fingerprint()) };
        let copy = Copy { source, public: false, auto_update: false, properties: BTreeMap::new() };
        let outcome = client.copy(&Project::default(), &copy, &CancellationToken::new()).await;
        assert!(matches!(&outcome, Err(Error::AlreadyExists { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_stop_is_repeated_until_the_server_allows_it() {
    let fake = Fake::new();
    let mut replies = ending(400, "context canceled");
    replies.retain(|(line, _, _)| *line != WAIT);
    replies.insert(0, (LOOK, 200, done(&operation(103, ""))));
    replies.push((CANCEL, 400, refused(400, "This operation can't be cancelled")));
    replies.push((CANCEL, 200, done(&json!({}))));
    let (client, stop) = (fake.listen(replies), CancellationToken::new());
    let (outcome, ()) = tokio::join!(copy(&client, &stop), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.cancel();
    });
    assert!(matches!(outcome, Err(Error::Stopped { fingerprint: Some(_), started_at: Some(_), .. })), "{outcome:?}");
    assert_eq!((fake.count(WAIT), fake.count(CANCEL)), (1, 2));
}

#[tokio::test]
async fn nothing_is_begun_after_a_stop() {
    let fake = Fake::new();
    let (client, stop) = (fake.listen(ending(200, "")), CancellationToken::new());
    stop.cancel();
    let outcome = copy(&client, &stop).await;
    assert!(matches!(outcome, Err(Error::Stopped { fingerprint: None, started_at: None, .. })), "{outcome:?}");
    assert_eq!(fake.count(BEGIN), 0);
}

const SEND: &str = "POST /1.0/images/abababababababababababababababababababababababababababababababab/export";

/// An operation that names no image, as those of a push do not.
fn nameless(code: u16, message: &str, metadata: &Value) -> Value {
    let mut operation = operation(code, message);
    operation.as_object_mut().unwrap().insert("metadata".to_owned(), metadata.clone());
    operation
}

fn begun(operation: &Value) -> Value {
    json!({"type": "async", "operation": "/1.0/operations/o1", "metadata": operation})
}

/// A server at work on a push that comes to this end.
fn sending(code: u16, message: &str) -> Vec<Reply> {
    let ended = nameless(code, message, &Value::Null);
    vec![(SEND, 202, begun(&nameless(103, "", &Value::Null))), (LOOK, 200, done(&ended))]
}

/// Has `them` send an image to a server with two addresses, which expects it, and then does not any more.
async fn push(them: &Client, stop: &CancellationToken) -> Result<Imported, Error> {
    let fake = Fake::new();
    let token = nameless(103, "", &json!({"secret": "s3cret"}));
    let client = fake.listen(vec![(BEGIN, 202, begun(&token)), (CANCEL, 200, done(&json!({})))]);
    let [url, other] = ["https://here.example", "https://there.example"].map(|url| ServerUrl::parse(url).unwrap());
    let endpoint = Endpoint { url, more_urls: vec![other], certificate: None };
    let (fingerprint, properties) = (fingerprint(), BTreeMap::new());
    let push = Push { fingerprint, public: false, properties, expires_at: Expiry::Never };
    let project = Project::default();
    let outcome = client.push(&project, &push, &endpoint, them, &project, stop).await;
    assert_eq!(fake.count(CANCEL), 1);
    outcome
}

#[tokio::test]
async fn a_push_that_fails_late_tells_which_image_it_may_have_left() {
    let fake = Fake::new();
    let mut replies = sending(400, "connection reset by peer");
    replies.push((WAIT, 200, refused(200, "whatever")));
    let outcome = push(&fake.listen(replies), &CancellationToken::new()).await;
    assert!(matches!(&outcome, Err(Error::Operation { fingerprint: Some(_), .. })), "{outcome:?}");
}

/// Incus 6.0.4 says so where the push begins, newer ones (7.3) where it ends.
#[tokio::test]
async fn a_push_that_does_not_get_there_is_tried_at_the_other_address() {
    let fake = Fake::new();
    let mut replies = sending(400, "dial tcp 192.0.2.1:8443: connect: connection refused");
    replies.push((WAIT, 200, refused(200, "whatever")));
    assert!(push(&fake.listen(replies), &CancellationToken::new()).await.unwrap_err().is_unreached_peer());
    assert_eq!(fake.count(SEND), 2);
}

#[tokio::test]
async fn a_push_that_goes_on_after_a_stop_tells_which_image_it_has_left() {
    let fake = Fake::new();
    let mut replies = sending(200, "");
    replies.push((CANCEL, 400, refused(400, "This operation can't be cancelled")));
    let (client, stop) = (fake.listen(replies), CancellationToken::new());
    let (outcome, ()) = tokio::join!(push(&client, &stop), async {
        while fake.count(WAIT) == 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    assert!(matches!(&outcome, Err(Error::Stopped { fingerprint: Some(_), .. })), "{outcome:?}");
}
