//! What a start of the provider costs, since each Terraform command starts it three or four times. Measures the release
//! binary as a host sees it, beside a process that does nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/suite/support/host/mod.rs"]
mod host;

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::get_provider_schema;

use host::{Host, Launch};

const STARTS: usize = 50;

/// One start: times from the spawn on, memory in KiB.
struct Start {
    handshake: Duration,
    connected: Duration,
    schema: Duration,
    memory_after_handshake: u64,
    memory_after_schema: u64,
    ended: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let floor: Vec<_> = (0..STARTS).map(|_| do_nothing()).collect();
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        starts.push(start().await);
    }
    let time = |name: &str, times: Vec<Duration>| {
        let times: Vec<_> = times.iter().map(Duration::as_secs_f64).map(|seconds| seconds * 1e3).collect();
        row(name, "ms", times);
    };
    #[allow(clippy::cast_precision_loss)]
    let memory = |name: &str, sizes: Vec<u64>| {
        row(name, "MiB", sizes.into_iter().map(|size| size as f64 / 1024.0).collect());
    };

    println!("{:<44}{:>9}{:>9}{:>9}   ({STARTS} starts)", "", "median", "least", "most");
    time("a process that does nothing, start to end", floor);
    time("spawn to handshake line", starts.iter().map(|start| start.handshake).collect());
    time("spawn to usable mutual TLS", starts.iter().map(|start| start.connected).collect());
    time("spawn to answered GetSchema", starts.iter().map(|start| start.schema).collect());
    time("Shutdown to exit", starts.iter().map(|start| start.ended).collect());
    memory("resident after the handshake", starts.iter().map(|start| start.memory_after_handshake).collect());
    memory("resident after GetSchema", starts.iter().map(|start| start.memory_after_schema).collect());
}

async fn start() -> Start {
    let launch = Launch::as_terraform();
    let begin = Instant::now();
    let plugin = launch.spawn().await;
    let handshake = begin.elapsed();
    let id = plugin.id();
    // Taken off the clock below: a host does not look.
    let looking = Instant::now();
    let memory_after_handshake = resident(id);
    let looked = looking.elapsed();

    let host = Host::attach(plugin).await;
    let connected = begin.elapsed() - looked;
    host.provider().get_schema(get_provider_schema::Request {}).await.expect("the schema");
    let schema = begin.elapsed() - looked;
    let memory_after_schema = resident(id);

    let ended = host.shutdown().await.took;
    Start { handshake, connected, schema, memory_after_handshake, memory_after_schema, ended }
}

fn do_nothing() -> Duration {
    let begin = Instant::now();
    let mut child = Command::new("true").stdout(Stdio::piped()).spawn().expect("`true` starts");
    child.wait().expect("`true` ends");
    begin.elapsed()
}

/// What the process holds in memory, in KiB.
fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("the process runs, on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel tells");
    line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a number of KiB")
}

fn row(name: &str, unit: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let (least, most) = (values.first().unwrap(), values.last().unwrap());
    let median = values.get(values.len() / 2).unwrap();
    println!("{name:<44}{median:>9.2}{least:>9.2}{most:>9.2} {unit}");
}
