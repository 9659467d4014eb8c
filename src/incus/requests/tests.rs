//! Every request by its method, URL, headers and body. Not for what a server makes of it.

use serde_json::{Value, json};

use super::*;
use crate::incus::{Expiry, FileUrl, ImageType, Protocol, RegistryCredentials, ServerUrl, SourceServer};

/// Method and URL.
fn line(request: &Request) -> String {
    format!("{} {}", request.method(), request.uri())
}

fn headers(request: &Request) -> Vec<(&str, &str)> {
    let mut headers: Vec<_> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    headers.sort_unstable();
    headers
}

fn json_body(request: &Request) -> Value {
    match request.body() {
        Body::Json(text) => serde_json::from_slice(text).unwrap(),
        other => panic!("no JSON: {other:?}"),
    }
}

fn project() -> Project {
    Project::parse("my&project").unwrap()
}

fn fingerprint() -> Fingerprint {
    Fingerprint::parse(&"ab".repeat(32)).unwrap()
}

fn name(text: &str) -> Alias {
    Alias::parse(text).unwrap()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn reads_and_deletes_are_urls_alone() {
    let (p, f, a) = (project(), fingerprint(), name("a/b c?%"));
    let image_url = format!("/1.0/images/{f}?project=my%26project");
    for (request, expected) in [
        (server(), "GET /1.0".to_owned()),
        (super::project(&p), "GET /1.0/projects/my%26project".to_owned()),
        (images(&p), "GET /1.0/images?recursion=1&project=my%26project".to_owned()),
        (image_urls(&p), "GET /1.0/images?project=my%26project".to_owned()),
        (image(&p, &f), format!("GET {image_url}")),
        (delete_image(&p, &f), format!("DELETE {image_url}")),
        (alias(&p, &a), "GET /1.0/images/aliases/a%2Fb%20c%3F%25?project=my%26project".to_owned()),
        (delete_alias(&p, &a), "DELETE /1.0/images/aliases/a%2Fb%20c%3F%25?project=my%26project".to_owned()),
        (operation("1f-2"), "GET /1.0/operations/1f-2".to_owned()),
        (operations(&p), "GET /1.0/operations?recursion=1&project=my%26project".to_owned()),
        (wait("1f-2"), "GET /1.0/operations/1f-2/wait".to_owned()),
        (cancel("1f-2"), "DELETE /1.0/operations/1f-2".to_owned()),
    ] {
        let request = request.unwrap();
        assert_eq!(line(&request), expected);
        assert_eq!((headers(&request), request.body()), (vec![], &Body::Empty), "{expected}");
    }
}

#[test]
fn content_is_asked_for_as_it_is() {
    let request = export(&project(), &fingerprint()).unwrap();
    assert_eq!(line(&request), format!("GET /1.0/images/{}/export?project=my%26project", fingerprint()));
    assert_eq!((headers(&request), request.body()), (vec![("accept-encoding", "identity")], &Body::Empty));
}

#[test]
fn an_operation_id_from_a_server_stays_one_part_of_the_path() {
    assert_eq!(line(&cancel("../images?x").unwrap()), "DELETE /1.0/operations/..%2Fimages%3Fx");
}

#[test]
fn an_alias_is_created_with_its_description() {
    let request = create_alias(&project(), &name("a/b"), &fingerprint(), "what \"it\" is").unwrap();
    assert_eq!(line(&request), "POST /1.0/images/aliases?project=my%26project");
    assert_eq!(headers(&request), [("content-type", "application/json")]);
    let expected = json!({"name": "a/b", "description": "what \"it\" is", "target": fingerprint().as_str()});
    assert_eq!(json_body(&request), expected);
}

#[test]
fn an_alias_moves_with_its_description_and_only_as_it_was_read() {
    let entry = AliasEntry {
        name: name("a/b"),
        description: "mine".to_owned(),
        target: fingerprint(),
        image_type: ImageType::Container,
        etag: Some("e1".to_owned()),
    };
    let request = retarget_alias(&project(), &entry, &fingerprint(), "e1").unwrap();
    assert_eq!(line(&request), "PUT /1.0/images/aliases/a%2Fb?project=my%26project");
    assert!(headers(&request).contains(&("if-match", "e1")));
    assert_eq!(json_body(&request), json!({"description": "mine", "target": fingerprint().as_str()}));
}

#[test]
fn an_alias_is_renamed_at_its_old_name() {
    let request = rename_alias(&project(), &name("old/1"), &name("new/2")).unwrap();
    assert_eq!(line(&request), "POST /1.0/images/aliases/old%2F1?project=my%26project");
    assert_eq!(json_body(&request), json!({"name": "new/2"}));
}

#[test]
fn a_put_is_total_and_guarded() {
    let fields = ImageFields {
        public: false,
        auto_update: true,
        properties: BTreeMap::new(),
        profiles: [].into(),
        expires_at: Expiry::Never,
    };
    let request = update_image(&project(), &fingerprint(), "\"e1\"", &fields).unwrap();
    assert_eq!(line(&request), format!("PUT /1.0/images/{}?project=my%26project", fingerprint()));
    assert_eq!(headers(&request), [("content-type", "application/json"), ("if-match", "\"e1\"")]);
    let expected = json!({
        "public": false, "auto_update": true, "properties": {}, "profiles": [], "expires_at": "1970-01-01T00:00:00Z",
    });
    assert_eq!(json_body(&request), expected);

    let dated = ImageFields {
        profiles: ["b".to_owned(), "a".to_owned()].into(),
        properties: texts(&[("k", "v")]),
        expires_at: Expiry::parse("2031-02-03T04:05:06+02:00").unwrap(),
        ..fields
    };
    let body = json_body(&update_image(&project(), &fingerprint(), "\"e1\"", &dated).unwrap());
    let written = ["properties", "profiles", "expires_at"].map(|field| body.get(field).unwrap().clone());
    assert_eq!(written, [json!({"k": "v"}), json!(["a", "b"]), json!("2031-02-03T04:05:06+02:00")]);
}

#[test]
fn an_etag_that_is_no_header_is_an_error() {
    let fields = ImageFields {
        public: false,
        auto_update: false,
        properties: BTreeMap::new(),
        profiles: [].into(),
        expires_at: Expiry::Never,
    };
    assert!(update_image(&project(), &fingerprint(), "a\nb", &fields).is_err());
}

fn unified() -> Upload {
    Upload {
        files: Files::Unified { path: "/i/u.tar".into() },
        properties: BTreeMap::new(),
        public: false,
        fingerprint: None,
        filename: None,
    }
}

#[test]
fn a_unified_file_is_the_body() {
    let request = upload(&project(), &unified()).unwrap();
    assert_eq!(line(&request), "POST /1.0/images?project=my%26project");
    assert_eq!(headers(&request), [("content-type", "application/octet-stream")]);
    assert_eq!(request.body(), &Body::File("/i/u.tar".into()));
}

#[test]
fn what_goes_with_an_upload_is_in_headers() {
    let full = Upload {
        properties: texts(&[("a&b", "x=ü\n"), ("os", "Tiny")]),
        public: true,
        fingerprint: Some(fingerprint()),
        filename: Some("u.tar".to_owned()),
        ..unified()
    };
    let request = upload(&project(), &full).unwrap();
    let expected = [
        ("content-type", "application/octet-stream"),
        ("x-incus-filename", "u.tar"),
        ("x-incus-fingerprint", &fingerprint().to_string()),
        ("x-incus-properties", "a%26b=x%3D%C3%BC%0A&os=Tiny"),
        ("x-incus-public", "true"),
    ];
    assert_eq!(headers(&request), expected);
}

#[test]
fn split_files_are_parts_in_order_and_the_root_tells_its_type() {
    for (root, name) in [(ImageType::Container, "rootfs"), (ImageType::VirtualMachine, "rootfs.img")] {
        let files = Files::Split { metadata: "/i/m".into(), rootfs: "/i/r".into(), root };
        let split = Upload { files, filename: Some("r.x".to_owned()), ..unified() };
        let request = upload(&project(), &split).unwrap();
        assert_eq!(headers(&request), [], "the boundary is chosen when the parts are sent");
        let expected = vec![
            Part { name: "metadata", filename: None, path: "/i/m".into() },
            Part { name, filename: Some("r.x".to_owned()), path: "/i/r".into() },
        ];
        assert_eq!(request.body(), &Body::Multipart(expected));
    }
}

fn image_server(protocol: Protocol, url: &str) -> SourceServer {
    let url = ServerUrl::parse(url).unwrap();
    SourceServer { protocol, url, project: None, certificate: None, secret: None, credentials: None }
}

fn copy_of(source: Source) -> Copy {
    Copy { source, public: false, auto_update: false, properties: texts(&[("k", "v")]) }
}

#[test]
fn a_copy_by_name_leaves_profiles_out_and_properties_in() {
    let by_name = Source::Image {
        server: image_server(Protocol::Simplestreams, "https://images.example/"),
        image: Wanted::Alias("tiny/arm64".to_owned()),
        image_type: ImageType::VirtualMachine,
    };
    let followed = Copy { public: true, auto_update: true, properties: BTreeMap::new(), ..copy_of(by_name) };
    let request = copy(&project(), &followed).unwrap();
    assert_eq!(line(&request), "POST /1.0/images?project=my%26project");
    assert_eq!(headers(&request), [("content-type", "application/json")]);
    let expected = json!({
        "public": true, "auto_update": true, "properties": {},
        "source": {
            "type": "image", "mode": "pull", "protocol": "simplestreams", "server": "https://images.example",
            "image_type": "virtual-machine", "alias": "tiny/arm64",
        },
    });
    assert_eq!(json_body(&request), expected);
}

#[test]
fn a_copy_of_precisely_one_image_names_no_alias() {
    let server = SourceServer {
        project: Some(Project::parse("theirs").unwrap()),
        certificate: Some("PEM".to_owned()),
        secret: Some(Secret { text: "s3cret".to_owned(), operation: "o1".to_owned() }),
        ..image_server(Protocol::Incus, "https://host:8443")
    };
    let image = Wanted::Fingerprint(fingerprint());
    let exact = copy_of(Source::Image { server, image, image_type: ImageType::Container });
    let expected = json!({
        "public": false, "auto_update": false, "properties": {"k": "v"},
        "source": {
            "type": "image", "mode": "pull", "protocol": "incus", "server": "https://host:8443", "image_type": "container",
            "fingerprint": fingerprint().as_str(), "project": "theirs", "certificate": "PEM", "secret": "s3cret",
        },
    });
    assert_eq!(json_body(&copy(&project(), &exact).unwrap()), expected);
    assert!(!format!("{exact:?}").contains("s3cret"), "a secret is not shown");
}

#[test]
fn a_copy_from_a_registry_has_the_credentials_in_the_address() {
    let credentials = RegistryCredentials::parse(br#"{"Username":"me","Secret":"s3cr/t"}"#).unwrap();
    let registry =
        SourceServer { credentials: Some(credentials), ..image_server(Protocol::Oci, "https://registry.example") };
    let image = Wanted::Alias("alpine:latest".to_owned());
    let copied = copy_of(Source::Image { server: registry, image, image_type: ImageType::Container });
    let expected = json!({
        "type": "image", "mode": "pull", "protocol": "oci", "server": "https://me:s3cr%2Ft@registry.example",
        "image_type": "container", "alias": "alpine:latest",
    });
    assert_eq!(json_body(&copy(&project(), &copied).unwrap()).get("source"), Some(&expected));
    assert!(!format!("{copied:?} {}", copied.source).contains("s3cr"), "a secret is not shown");
}

#[test]
fn a_file_on_the_web_is_fetched_by_its_hash_or_by_what_its_headers_say() {
    let address = FileUrl::parse("https://example.org/a.tar.gz").unwrap();
    let source = |fingerprint| {
        let copied = copy_of(Source::File { address: address.clone(), fingerprint });
        json_body(&copy(&project(), &copied).unwrap()).get("source").cloned().unwrap()
    };
    assert_eq!(source(None), json!({"type": "url", "url": "https://example.org/a.tar.gz"}));
    let pinned = json!({
        "type": "image", "mode": "pull", "protocol": "direct", "server": "https://example.org/a.tar.gz",
        "fingerprint": fingerprint().as_str(),
    });
    assert_eq!(source(Some(fingerprint())), pinned);
}

#[test]
fn an_instance_or_a_snapshot_of_it_is_published() {
    let published = |name: &str, compression: Option<&str>| {
        let instance = InstanceName::parse(name).unwrap();
        let compression = compression.map(str::to_owned);
        let properties = texts(&[("k", "v")]);
        json_body(&publish(&project(), &Publish { instance, compression, public: true, properties }).unwrap())
    };
    let expected = json!({"public": true, "properties": {"k": "v"}, "source": {"type": "instance", "name": "web"}});
    assert_eq!(published("web", None), expected);
    let expected = json!({
        "public": true, "properties": {"k": "v"}, "source": {"type": "snapshot", "name": "web/s0"},
        "compression_algorithm": "zstd",
    });
    assert_eq!(published("web/s0", Some("zstd")), expected);
}

#[test]
fn instances_snapshots_and_secrets_have_paths() {
    let instance_path = |name: &str| line(&instance(&project(), &InstanceName::parse(name).unwrap()).unwrap());
    assert_eq!(instance_path("web"), "GET /1.0/instances/web?project=my%26project");
    assert_eq!(instance_path("web/s0"), "GET /1.0/instances/web/snapshots/s0?project=my%26project");
    let expected = format!("POST /1.0/images/{}/secret?project=my%26project", fingerprint());
    assert_eq!(line(&secret(&project(), &fingerprint()).unwrap()), expected);
}
