//! The client against a socket that gives prepared answers: what real servers do seldom, or only in some versions. Not
//! for what every server does; the tests with a real daemon see to that.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::*;
use crate::incus::{Expiry, ImageType, Push};

/// A request's method and path, and the status and body to answer with. A text is the content of an OCI image.
pub(super) type Reply = (&'static str, u16, Value);

/// A server that answers each request with the next reply prepared for it, repeats the last, and else never answers.
pub(super) struct Fake {
    folder: tempfile::TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), asked: Arc::default() }
    }

    fn client(&self) -> Client {
        Client::unix(&self.folder.path().join("socket")).unwrap()
    }

    pub(super) fn listen(&self, replies: Vec<Reply>) -> Client {
        let listener = UnixListener::bind(self.folder.path().join("socket")).unwrap();
        let (replies, asked) = (Arc::new(Mutex::new(replies)), self.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, replies.clone(), asked.clone()));
            }
        });
        self.client()
    }

    /// How often a request was made.
    pub(super) fn count(&self, line: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == line).count()
    }
}

async fn answer(mut stream: UnixStream, replies: Arc<Mutex<Vec<Reply>>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(length @ 1..) => request.extend(chunk.iter().take(length)),
            _ => return,
        }
    }
    let request = String::from_utf8(request).unwrap();
    let line = request.split([' ', '?', '\r']).take(2).collect::<Vec<_>>().join(" ");
    asked.lock().unwrap().push(line.clone());
    let reply = {
        let mut replies = replies.lock().unwrap();
        let mut places = (0..replies.len()).filter(|place| replies.get(*place).unwrap().0 == line);
        match (places.next(), places.next()) {
            (Some(first), Some(_)) => Some(replies.remove(first)),
            (Some(only), None) => replies.get(only).cloned(),
            _ => None,
        }
    };
    match reply {
        Some((_, status, body)) => {
            let more = match body.is_string() {
                true => "content-type: application/octet-stream\r\nx-incus-type: oci\r\n",
                false => "",
            };
            let body = body.to_string();
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{more}content-length: {length}\r\n\r\n");
            stream.write_all((head + &body).as_bytes()).await.unwrap();
        }
        None => std::future::pending().await,
    }
}

pub(super) const BEGIN: &str = "POST /1.0/images";
pub(super) const WAIT: &str = "GET /1.0/operations/o1/wait";
pub(super) const LOOK: &str = "GET /1.0/operations/o1";
pub(super) const CANCEL: &str = "DELETE /1.0/operations/o1";

pub(super) fn done(metadata: &Value) -> Value {
    json!({"type": "sync", "status_code": 200, "metadata": metadata})
}

pub(super) fn refused(code: u16, message: &str) -> Value {
    json!({"type": "error", "error_code": code, "error": message, "metadata": null})
}

pub(super) fn operation(code: u16, message: &str) -> Value {
    json!({
        "id": "o1", "status": "", "status_code": code, "err": message, "description": "Downloading image",
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
        "resources": {}, "metadata": {"fingerprint": fingerprint().as_str(), "size": "386"},
    })
}

/// An operation that is running, and then has come to this end.
pub(super) fn ending(code: u16, message: &str) -> Vec<Reply> {
    let begun = json!({"type": "async", "operation": "/1.0/operations/o1", "metadata": operation(103, "")});
    // Incus 6.0.4 answers a wait with status 200, and may say 200 in the error as well.
    let waited = refused(200, "whatever");
    vec![(BEGIN, 202, begun), (WAIT, 200, waited), (LOOK, 200, done(&operation(code, message)))]
}

pub(super) fn fingerprint() -> Fingerprint {
    Fingerprint::parse(&"ab".repeat(32)).unwrap()
}

fn image(fingerprint: &str, created_at: &str) -> Value {
    json!({
        "fingerprint": fingerprint, "type": "container", "architecture": "x86_64", "size": 1, "filename": "",
        "public": false, "auto_update": false, "cached": false, "created_at": created_at, "project": "default",
        "uploaded_at": created_at, "expires_at": "0001-01-01T00:00:00Z", "last_used_at": "0001-01-01T00:00:00Z",
    })
}

#[tokio::test]
async fn images_are_listed_newest_first_without_those_that_make_no_sense() {
    let [a, b, c] = ["aa", "bb", "cc"].map(|digits| digits.repeat(32));
    let (early, late) = ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.5Z");
    let list = json!([image(&b, early), {"fingerprint": "?"}, image(&a, early), image(&c, late)]);
    let client = Fake::new();
    let images = client.listen(vec![("GET /1.0/images", 200, done(&list))]).images(&Project::default()).await.unwrap();
    let found: Vec<_> = images.iter().map(|image| image.fingerprint.as_str()).collect();
    assert_eq!(found, [&c, &a, &b]);
}

#[tokio::test]
async fn an_image_that_only_begins_alike_is_not_the_one() {
    let path = "GET /1.0/images/abababababababababababababababababababababababababababababababab";
    let other = done(&image(&"cd".repeat(32), "2025-01-01T00:00:00Z"));
    let fake = Fake::new();
    let found = fake.listen(vec![(path, 200, other)]).image(&Project::default(), &fingerprint()).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn losing_a_race_to_delete_is_no_failure() {
    let path = "DELETE /1.0/images/abababababababababababababababababababababababababababababababab";
    let fake = Fake::new();
    let mut replies = ending(400, "Image not found");
    let begun = replies.remove(0).2;
    replies.push((path, 202, begun));
    let client = fake.listen(replies);
    let outcome = client.delete_image(&Project::default(), &fingerprint(), &CancellationToken::new()).await;
    assert_eq!(outcome.unwrap(), Deletion::AlreadyGone);
}

#[tokio::test]
async fn the_server_is_described_once() {
    let fake = Fake::new();
    let client = fake.listen(vec![("GET /1.0", 200, done(&json!({"auth": "trusted", "api_extensions": ["etag"]})))]);
    assert!(client.server().await.unwrap().has("etag"));
    assert!(client.clone().server().await.unwrap().trusted());
    assert_eq!(fake.count("GET /1.0"), 1);
}

#[tokio::test]
async fn a_read_is_tried_again_when_nobody_answers() {
    let fake = Fake::new();
    let path = fake.folder.path().join("socket");
    drop(UnixListener::bind(&path).unwrap());
    let client = fake.client();
    let (outcome, _) = tokio::join!(client.server(), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        std::fs::remove_file(&path).unwrap();
        fake.listen(vec![("GET /1.0", 200, done(&json!({"auth": "trusted"})))])
    });
    assert!(outcome.unwrap().trusted());
}

#[tokio::test]
async fn what_is_in_the_way_is_told_apart() {
    let fake = Fake::new();
    let error = fake.client().server().await.unwrap_err().to_string();
    assert!(error.contains("there is no such socket"), "{error}");
    drop(UnixListener::bind(fake.folder.path().join("socket")).unwrap());
    let alias = Alias::parse("tiny").unwrap();
    let error = fake.client().delete_alias(&Project::default(), &alias).await.unwrap_err().to_string();
    assert!(error.contains("nobody answers"), "{error}");
}

#[tokio::test]
async fn an_image_from_a_list_is_read_again_and_not_written_when_it_changed() {
    let path = "GET /1.0/images/abababababababababababababababababababababababababababababababab";
    let before = image(fingerprint().as_str(), "2025-01-01T00:00:00Z");
    let mut after = before.clone();
    after.as_object_mut().unwrap().insert("public".to_owned(), json!(true));
    let fake = Fake::new();
    let client = fake.listen(vec![("GET /1.0/images", 200, done(&json!([before]))), (path, 200, done(&after))]);
    let listed = client.images(&Project::default()).await.unwrap().remove(0);
    let outcome = client.update_image(&Project::default(), &listed, &listed.fields()).await;
    assert!(matches!(outcome, Err(Error::Changed { .. })), "{outcome:?}");
    assert_eq!(fake.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_in_place_of_content_is_an_error() {
    let path: &'static str = format!("GET /1.0/images/{}/export", fingerprint()).leak();
    for (status, body) in [(404, refused(404, "Image not found")), (200, refused(404, "Image not found"))] {
        let fake = Fake::new();
        let client = fake.listen(vec![(path, status, body)]);
        let error = client.export(&Project::default(), &fingerprint()).await.unwrap_err();
        assert!(error.is_not_found() && error.to_string().contains("Image not found"), "{error:?}");
    }
}

#[tokio::test]
async fn an_oci_image_is_not_streamed_to_where_it_is_refused() {
    let path: &'static str = format!("GET /1.0/images/{}/export", fingerprint()).leak();
    let (here, there) = (Fake::new(), Fake::new());
    let client = here.listen(vec![(BEGIN, 400, refused(400, "fingerprints don't match"))]);
    let them = there.listen(vec![(path, 200, json!("layers"))]);
    let push =
        Push { fingerprint: fingerprint(), public: false, properties: BTreeMap::new(), expires_at: Expiry::Never };
    let project = Project::default();
    let outcome = client.relay(&project, &push, &them, &project, &CancellationToken::new()).await;
    assert!(matches!(&outcome, Err(Error::Oci { fingerprint: there, .. }) if *there == fingerprint()), "{outcome:?}");
    assert_eq!(here.count(BEGIN), 0);
}

const LIST: &str = "GET /1.0/images";
const ONE: &str = "GET /1.0/images/abababababababababababababababababababababababababababababababab";
const GONE: &str = "GET /1.0/images/cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd";

/// Reads the image as often as said, all at once.
async fn read(client: &Client, times: usize) {
    let (project, fingerprint) = (Project::default(), fingerprint());
    let reads = (0..times).map(|_| client.one_of_many(&project, &fingerprint));
    for image in futures_util::future::join_all(reads).await {
        assert_eq!(image.unwrap().unwrap().fingerprint, fingerprint);
    }
}

/// A server with one image.
fn with_an_image(fake: &Fake) -> Client {
    let image = image(fingerprint().as_str(), "2026-01-02T03:04:05Z");
    let replies = vec![
        (ONE, 200, done(&image)),
        (GONE, 404, refused(404, "Image not found")),
        (LIST, 200, done(&json!([image]))),
        ("POST /1.0/images/aliases", 201, done(&json!({}))),
    ];
    fake.listen(replies)
}

#[tokio::test]
async fn a_handful_of_reads_is_made_one_by_one() {
    let fake = Fake::new();
    let client = with_an_image(&fake);
    read(&client, 3).await;
    read(&client, 3).await;
    assert_eq!((fake.count(ONE), fake.count(LIST)), (6, 0));
}

#[tokio::test]
async fn many_reads_share_a_list() {
    let fake = Fake::new();
    let client = with_an_image(&fake);
    read(&client, 200).await;
    assert_eq!((fake.count(ONE), fake.count(LIST)), (3, 1));
    read(&client, 1).await;
    assert_eq!((fake.count(ONE), fake.count(LIST)), (3, 1), "it answers for a moment");
}

#[tokio::test]
async fn look_ups_at_the_same_time_share_a_list_and_later_ones_see_what_is_new() {
    let (fake, project) = (Fake::new(), Project::default());
    let client = with_an_image(&fake);
    let look_ups = futures_util::future::join_all((0..10).map(|_| client.images_for_many(&project)));
    for images in look_ups.await {
        assert_eq!(images.unwrap().iter().map(|image| &image.fingerprint).collect::<Vec<_>>(), [&fingerprint()]);
    }
    assert!(fake.count(LIST) <= 2, "the first one's, and one for the others");
    let before = fake.count(LIST);
    client.images_for_many(&project).await.unwrap();
    client.images_for_many(&project).await.unwrap();
    assert_eq!(fake.count(LIST), before + 2);
}

#[tokio::test]
async fn a_turn_at_a_name_waits_for_those_at_the_same() {
    let client = Fake::new().client();
    let [a, b, c] = ["a", "b", "c"].map(|name| Alias::parse(name).unwrap());
    let turns = client.turn_at([&b, &a]).await;
    assert!(client.turn_at([&c, &b]).now_or_never().is_none());
    assert!(client.turn_at([&c]).now_or_never().is_some());
    drop(turns);
    assert!(client.turn_at([&c, &b]).now_or_never().is_some());
}

#[tokio::test]
async fn what_a_list_lacks_is_asked_for() {
    let fake = Fake::new();
    let client = with_an_image(&fake);
    let (project, other) = (Project::default(), Fingerprint::parse(&"cd".repeat(32)).unwrap());
    let (_, gone) = tokio::join!(read(&client, 10), client.one_of_many(&project, &other));
    assert_eq!(gone.unwrap(), None);
    assert_eq!((fake.count(GONE), fake.count(LIST)), (1, 1));
}

#[tokio::test]
async fn nothing_is_shared_after_a_write() {
    let fake = Fake::new();
    let client = with_an_image(&fake);
    let alias = Alias::parse("tiny").unwrap();
    client.create_alias(&Project::default(), &alias, &fingerprint(), "").await.unwrap();
    read(&client, 20).await;
    assert_eq!((fake.count(ONE), fake.count(LIST)), (20, 0));
}

#[tokio::test]
async fn a_name_that_already_points_where_it_shall_was_changed_by_us() {
    let entry = |target: &Fingerprint| AliasEntry {
        name: Alias::parse("alpine").unwrap(),
        description: String::new(),
        target: target.clone(),
        image_type: ImageType::Container,
        etag: Some("e".to_owned()),
    };
    let other = Fingerprint::parse(&"cd".repeat(32)).unwrap();
    for (now, description, is_done) in
        [(fingerprint(), "", true), (fingerprint(), "x", false), (other.clone(), "", false)]
    {
        let there = json!({"name": "alpine", "description": description, "target": now.as_str(), "type": "container"});
        let fake = Fake::new();
        let client = fake.listen(vec![
            ("PUT /1.0/images/aliases/alpine", 412, refused(412, "ETag doesn't match: a vs e")),
            ("GET /1.0/images/aliases/alpine", 200, done(&there)),
        ]);
        let outcome = client.retarget_alias(&Project::default(), &entry(&other), &fingerprint()).await;
        assert_eq!(outcome.is_ok(), is_done, "{outcome:?}");
    }
}
