//! What it costs to find an image among ten thousand on an image server, beside fetching and parsing the same JSON and nothing
//! else. Measures the release binary as a host sees it, each time in a new process that has read nothing yet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/suite/support/host/mod.rs"]
mod host;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use host::{Host, Launch};

const ROUNDS: usize = 15;

/// Each product has two versions, and each version a container and a virtual machine image.
const PRODUCTS: usize = 2500;

#[tokio::main]
async fn main() {
    let (server, size) = serve();
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let mut note = |what, time| times.entry(what).or_default().push(time);
    for _ in 0..ROUNDS {
        note("1 fetched and parsed as a whole", parse::<Json>(server));
        note("2 fetched, products split and not parsed", parse::<Split>(server));
        note("3 incus_image, by alias", read(server, "incus_image", &[("alias", "linux-77/edge/amd64")]).await);
        note("4 incus_images, by name_regex", read(server, "incus_images", &[("name_regex", "^linux-77/")]).await);
        note("5 incus_images, all of them", read(server, "incus_images", &[]).await);
    }
    #[allow(clippy::cast_precision_loss)]
    let megabytes = size as f64 / 1e6;
    println!("{} images in {megabytes:.1} MB of JSON", PRODUCTS * 4);
    println!("{:<44}{:>9}{:>9}{:>9}   ({ROUNDS} rounds)", "", "median", "least", "most");
    let mut whole = None;
    for (name, mut times) in times {
        times.sort();
        let [least, median, most] =
            [0, times.len() / 2, times.len() - 1].map(|place| times.get(place).unwrap().as_secs_f64() * 1e3);
        let whole = *whole.get_or_insert(median);
        let name = name.get(2..).unwrap();
        println!("{name:<44}{median:>9.1}{least:>9.1}{most:>9.1} ms   {:>5.2} times the whole", median / whole);
    }
}

/// The least that reading the products one by one takes.
#[derive(serde::Deserialize)]
struct Split {
    #[serde(rename = "products")]
    _products: BTreeMap<String, Box<RawValue>>,
}

/// How long it takes to fetch both files and parse the products.
fn parse<T: serde::de::DeserializeOwned>(server: SocketAddr) -> Duration {
    let begin = Instant::now();
    fetch(server, "/streams/v1/index.json");
    let products: T = serde_json::from_slice(&fetch(server, "/streams/v1/images.json")).expect("JSON");
    let took = begin.elapsed();
    drop(products);
    took
}

fn fetch(server: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(server).expect("the server");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: images\r\nConnection: close\r\n\r\n").expect("a request");
    let mut reader = BufReader::new(stream);
    while next_line(&mut reader).len() > 2 {}
    let mut body = Vec::new();
    reader.read_to_end(&mut body).expect("a body");
    body
}

fn next_line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    line
}

/// How long a new process takes to answer `ReadDataSource`.
async fn read(server: SocketAddr, type_name: &str, arguments: &[(&str, &str)]) -> Duration {
    let nowhere = |launch: Launch, name| launch.env(name, "/nonexistent");
    let launch = ["HOME", "INCUS_CONF", "INCUS_DIR"].into_iter().fold(Launch::as_terraform(), nowhere);
    let host = Host::attach(launch.spawn().await).await;
    let schemas =
        host.provider().get_schema(proto::get_provider_schema::Request {}).await.expect("schemas").into_inner();

    let text = |text: &str| Value::String(text.to_owned());
    let mut remote = nulls(schemas.provider.as_ref().and_then(|provider| remote_block(provider.block.as_ref()?)));
    let declared = [("name", "images"), ("address", &format!("http://{server}")), ("protocol", "simplestreams")];
    remote.extend(declared.map(|(name, value)| (name.to_owned(), text(value))));
    let mut provider = nulls(schemas.provider.as_ref().and_then(|provider| provider.block.as_ref()));
    provider.insert("remote".to_owned(), Value::List(vec![Value::Map(remote)]));
    let request = proto::configure::Request {
        config: Some(dynamic(provider)),
        terraform_version: "1.11.4".to_owned(),
        ..Default::default()
    };
    let configured = host.provider().configure(request).await.expect("an answer").into_inner();
    assert!(configured.diagnostics.is_empty(), "{:?}", configured.diagnostics);

    let schema = schemas.data_source_schemas.get(type_name).expect("the data source");
    let mut config = nulls(schema.block.as_ref());
    config
        .extend(arguments.iter().chain(&[("remote", "images")]).map(|(name, value)| ((*name).to_owned(), text(value))));
    let request = proto::read_data_source::Request {
        type_name: type_name.to_owned(),
        config: Some(dynamic(config)),
        provider_meta: None,
        client_capabilities: None,
    };
    let begin = Instant::now();
    let answer = host.provider().read_data_source(request).await.expect("an answer").into_inner();
    let took = begin.elapsed();
    assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
    host.shutdown().await;
    took
}

fn remote_block(provider: &proto::schema::Block) -> Option<&proto::schema::Block> {
    provider.block_types.iter().find(|nested| nested.type_name == "remote")?.block.as_ref()
}

/// Every attribute of a block, not set.
fn nulls(block: Option<&proto::schema::Block>) -> BTreeMap<String, Value> {
    block.expect("a block").attributes.iter().map(|attribute| (attribute.name.clone(), Value::Null)).collect()
}

fn dynamic(attributes: BTreeMap<String, Value>) -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(&Value::Map(attributes)), json: Vec::new() }
}

/// An image server on loopback, and how large its products file is.
fn serve() -> (SocketAddr, usize) {
    let index = json!({"format": "index:1.0", "index": {"images": {
        "datatype": "image-downloads", "path": "streams/v1/images.json", "format": "products:1.0", "products": ["some"],
    }}});
    let products =
        json!({"format": "products:1.0", "products": (0..PRODUCTS).map(product).collect::<serde_json::Map<_, _>>()});
    let (index, products) = (Arc::new(index.to_string()), Arc::new(products.to_string()));
    let size = products.len();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (index, products) = (Arc::clone(&index), Arc::clone(&products));
            std::thread::spawn(move || answer(stream, &index, &products));
        }
    });
    (address, size)
}

fn answer(stream: TcpStream, index: &str, products: &str) {
    let mut reader = BufReader::new(stream);
    let request = next_line(&mut reader);
    while next_line(&mut reader).len() > 2 {}
    let body = if request.contains("index.json") { index } else { products };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let mut stream = reader.into_inner();
    stream.write_all(head.as_bytes()).expect("a head");
    stream.write_all(body.as_bytes()).expect("a body");
}

/// A product as the large public image servers write it.
fn product(number: usize) -> (String, Json) {
    let architecture = if number.is_multiple_of(2) { "arm64" } else { "amd64" };
    let versions: serde_json::Map<_, _> = (0..2_usize)
        .map(|version| {
            let serial = format!("2026010{}_13:00", version + 1);
            let hash = |kind: usize| format!("{:064x}", (number * 2 + version) * 16 + kind);
            let file = |name: &str| format!("images/linux-{number}/edge/{architecture}/default/{serial}/{name}");
            let items = json!({
                "incus.tar.xz": {
                    "ftype": "incus.tar.xz", "size": 900, "sha256": hash(0), "path": file("incus.tar.xz"),
                    "combined_squashfs_sha256": hash(1), "combined_disk-kvm-img_sha256": hash(2),
                },
                "root.squashfs": {
                    "ftype": "squashfs", "size": 100_000_000, "sha256": hash(3), "path": file("rootfs.squashfs"),
                },
                "disk.qcow2": {
                    "ftype": "disk-kvm.img", "size": 200_000_000, "sha256": hash(4), "path": file("disk.qcow2"),
                },
                "root.tar.xz": {
                    "ftype": "root.tar.xz", "size": 90_000_000, "sha256": hash(5), "path": file("rootfs.tar.xz"),
                },
            });
            (serial, json!({"items": items}))
        })
        .collect();
    let product = json!({
        "aliases": format!("linux-{number}/edge,linux-{number}/edge/default"), "arch": architecture, "os": format!("Linux {number}"),
        "release": "edge", "release_title": "edge", "variant": "default", "requirements": {"secureboot": "false"},
        "versions": versions,
    });
    (format!("linux-{number}:edge:{architecture}:default"), product)
}
