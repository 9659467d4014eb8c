//! Image servers that answer, refuse, talk nonsense or are not there.

use std::sync::Mutex as StdMutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

use super::*;
use crate::incus::simplestreams::Hindrance;

const INDEX: &str =
    r#"{"index":{"images":{"datatype":"image-downloads","path":"streams/v1/images.json","products":["a"]}}}"#;
const IMAGES: &str = r#"{"products":{"a":{"arch":"amd64","aliases":"tiny","versions":{"20260101":{"items":{"a":
    {"ftype":"incus_combined.tar.gz","path":"p","sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
}}}}}}"#;

/// A server on loopback that answers `index` and `images` with these statuses and bodies.
struct Fake {
    url: ServerUrl,
    asked: Arc<StdMutex<Vec<String>>>,
}

impl Fake {
    async fn start(index: (u16, &'static str), images: (u16, &'static str)) -> Self {
        Self::answering(move |path, _| {
            let (status, body) = if path.ends_with("index.json") { index } else { images };
            (status, "", body, path.to_owned())
        })
        .await
    }

    /// A server that answers a path and the text of a request with a status, a header and a body, and remembers the last.
    async fn answering(
        answer: impl Fn(&str, &str) -> (u16, &'static str, &'static str, String) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = ServerUrl::parse(&format!("http://{}/some", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::<StdMutex<Vec<String>>>::default();
        let remembered = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                request.truncate(length);
                let request = String::from_utf8(request).unwrap();
                let path = request.split(' ').nth(1).unwrap();
                let (status, header, body, seen) = answer(path, &request);
                remembered.lock().unwrap().push(seen);
                tokio::time::sleep(Duration::from_millis(20)).await;
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} X\r\n{header}connection: close\r\ncontent-length: {length}\r\n\r\n");
                stream.write_all((head + body).as_bytes()).await.unwrap();
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn failure(fake: &Fake) -> Arc<ImageServerError> {
    ImageServer::new(fake.url.clone(), None).catalog().await.unwrap_err()
}

#[tokio::test]
async fn all_who_ask_share_one_reading() {
    let fake = Fake::start((200, INDEX), (200, IMAGES)).await;
    let server = ImageServer::new(fake.url.clone(), None);
    let copy = server.clone();
    assert!(fake.asked().is_empty());
    let (one, two) = tokio::join!(server.catalog(), copy.catalog());
    let later = server.catalog().await.unwrap();
    assert!(Arc::ptr_eq(&one.unwrap(), &later) && Arc::ptr_eq(&two.unwrap(), &later));
    assert!(later.resolve("tiny/amd64", None, None, &[]).is_some());
    assert_eq!(fake.asked(), ["/some/streams/v1/index.json", "/some/streams/v1/images.json"]);
}

#[tokio::test]
async fn a_failure_is_shared_by_those_who_waited_and_tried_again_by_others() {
    let fake = Fake::start((503, "busy"), (200, IMAGES)).await;
    let server = ImageServer::new(fake.url.clone(), None);
    let (one, two) = tokio::join!(server.catalog(), server.catalog());
    assert!(Arc::ptr_eq(&one.unwrap_err(), &two.unwrap_err()));
    assert_eq!(fake.asked().len(), 1);
    server.catalog().await.unwrap_err();
    assert_eq!(fake.asked().len(), 2);
}

/// Answers with this validator, and with 304 to whoever names it.
async fn validating(header: &'static str, condition: &'static str) -> Fake {
    Fake::answering(move |path, request| {
        let body = if path.ends_with("index.json") { INDEX } else { IMAGES };
        let is_unchanged = request.to_lowercase().contains(condition);
        let (status, body) = if is_unchanged { (304, "") } else { (200, body) };
        (status, header, body, status.to_string())
    })
    .await
}

#[tokio::test]
async fn what_is_unchanged_is_not_fetched_again() {
    let date = "if-modified-since: mon, 05 jan 2026 00:00:00 gmt";
    for (header, condition) in
        [("ETag: \"a1\"\r\n", "if-none-match: \"a1\""), ("Last-Modified: Mon, 05 Jan 2026 00:00:00 GMT\r\n", date)]
    {
        let fake = validating(header, condition).await;
        let download = Download::new(fake.url.clone(), None);
        let first = download.catalog(None).await.unwrap();
        let second = download.catalog(Some(&first)).await.unwrap();
        assert_eq!(fake.asked(), ["200", "200", "304", "304"]);
        assert!(Arc::ptr_eq(&first, &second), "nothing was read anew");
        let anew = download.catalog(None).await.unwrap();
        let fingerprints = |catalog: &Catalog| Vec::from_iter(catalog.images().iter().map(|it| it.fingerprint.clone()));
        assert_eq!(fingerprints(&anew), fingerprints(&first), "what was kept is read");
    }
}

#[tokio::test]
async fn without_a_validator_all_is_fetched_again() {
    let fake = validating("", "if-").await;
    let download = Download::new(fake.url.clone(), None);
    let first = download.catalog(None).await.unwrap();
    let second = download.catalog(Some(&first)).await.unwrap();
    assert_eq!(fake.asked(), ["200"; 4]);
    assert!(!Arc::ptr_eq(&first, &second));
}

#[test]
fn a_reading_serves_for_a_minute_from_its_begin() {
    let begun = Instant::now();
    let ended = begun + Duration::from_secs(5);
    let reading = Reading { begun, ended, catalog: Ok(Arc::default()) };
    let answers = |seconds| reading.answers(begun + Duration::from_secs(seconds), begun + Duration::from_secs(seconds));
    assert!(answers(6) && answers(60) && !answers(61));
}

#[tokio::test]
async fn a_refusal_names_the_file_and_the_status() {
    let error = failure(&Fake::start((200, INDEX), (404, "")).await).await.to_string();
    assert!(error.contains("/some/streams/v1/images.json: status 404. Is this the address of"), "{error}");
}

#[tokio::test]
async fn what_is_no_simplestreams_file_is_told_apart() {
    for fake in [Fake::start((200, "<html>"), (200, "")).await, Fake::start((200, INDEX), (200, "[]")).await] {
        let error = failure(&fake).await;
        assert!(matches!(&*error, ImageServerError::Malformed { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_no_missing_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = ServerUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let error = ImageServer::new(url, None).catalog().await.unwrap_err();
    assert!(matches!(&*error, ImageServerError::Interrupted { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_one_that_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = ServerUrl::parse(&format!("http://{address}")).unwrap();
    assert_hindrance(url, Hindrance::Refused).await;

    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], identity.signing_key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = ServerUrl::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not trust the certificate hangs up.
            let _ = acceptor.accept(stream).await;
        }
    });
    assert_hindrance(url, Hindrance::Certificate).await;
}

async fn assert_hindrance(server: ServerUrl, expected: Hindrance) {
    match &*ImageServer::new(server, None).catalog().await.unwrap_err() {
        ImageServerError::Unreachable { hindrance, .. } => assert_eq!(*hindrance, expected),
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn sizes_that_no_image_has_are_no_end() {
    let digits = ["aa", "bb", "cc"].map(|digits| digits.repeat(32));
    let [metadata, rootfs, combined] = &digits;
    let images = format!(
        r#"{{"products":{{"a":{{"arch":"amd64","aliases":"tiny","versions":{{"20260101":{{"items":{{
            "m":{{"ftype":"incus.tar.xz","path":"m","sha256":"{metadata}","size":18446744073709551615,"combined_squashfs_sha256":"{combined}"}},
            "r":{{"ftype":"squashfs","path":"r","sha256":"{rootfs}","size":1}}}}}}}}}}}}}}"#
    );
    let fake = Fake::start((200, INDEX), (200, images.leak())).await;
    let server = ImageServer::new(fake.url.clone(), None);
    let content = server.content(&Fingerprint::parse(combined).unwrap()).await.unwrap();
    assert_eq!(content.size, Some(u64::MAX));
}
