//! How the process starts: the cookie, the handshake, where it listens.

use crate::support::host::{Host, Launch};

#[tokio::test]
async fn without_the_cookie_a_person_is_told_what_this_is() {
    let missing = Launch::as_terraform().without("TF_PLUGIN_MAGIC_COOKIE").run().await;
    let wrong = Launch::as_terraform().env("TF_PLUGIN_MAGIC_COOKIE", "biscuit").run().await;
    for exit in [missing, wrong] {
        assert_eq!(exit.status.code(), Some(1));
        assert_eq!(exit.stdout, "");
        assert!(exit.stderr.contains("Terraform or OpenTofu starts it"), "{}", exit.stderr);
        let override_of_this = format!("dev_overrides {{ \"crystian/incus\" = \"{}\" }}", directory());
        assert!(exit.stderr.contains(&override_of_this), "{}", exit.stderr);
        assert!(exit.stderr.ends_with("--debug serves for a debugger, --help lists all options.\n"), "{}", exit.stderr);
    }
}

#[tokio::test]
async fn version_and_help_go_to_stdout() {
    let version = Launch::by_hand(&["--version"]).run().await;
    assert!(version.status.success());
    assert_eq!(version.stdout, format!("terraform-provider-incus {}\n", env!("CARGO_PKG_VERSION")));

    let help = Launch::by_hand(&["--help"]).run().await;
    assert!(help.status.success());
    assert!(help.stdout.contains("the Terraform and OpenTofu provider crystian/incus"), "{}", help.stdout);
    assert!(help.stdout.contains("incus = { source = \"crystian/incus\" }"), "{}", help.stdout);
    for option in ["--debug ", "--version ", "--help "] {
        assert!(help.stdout.lines().any(|line| line.trim_start().starts_with(option)), "{}", help.stdout);
    }
}

/// Where the binary under test is.
fn directory() -> String {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_terraform-provider-incus"));
    binary.parent().unwrap().display().to_string()
}

#[tokio::test]
async fn an_argument_it_does_not_know_is_named() {
    let exit = Launch::by_hand(&["--debgu"]).run().await;
    assert_eq!(exit.status.code(), Some(1));
    assert!(exit.stderr.contains("Unable to understand the argument \"--debgu\""), "{}", exit.stderr);
}

#[tokio::test]
async fn version_5_is_answered_whatever_is_offered() {
    let start = Launch::as_terraform;
    let offers = ["6,5", "5,6", "5", "7"].map(|offer| start().env("PLUGIN_PROTOCOL_VERSIONS", offer));
    // A host that doesn't know 5 says so itself, once it has read it.
    for launch in offers.into_iter().chain([start().without("PLUGIN_PROTOCOL_VERSIONS")]) {
        let plugin = launch.spawn().await;
        assert_eq!(plugin.handshake().version, 5);
        Host::attach(plugin).await.shutdown().await;
    }
}

#[tokio::test]
async fn a_long_temporary_directory_leads_to_a_port() {
    let parent = tempfile::tempdir().unwrap();
    let long = parent.path().join("d".repeat(100));
    std::fs::create_dir(&long).unwrap();

    let plugin = Launch::as_terraform().env("TMPDIR", &long).spawn().await;
    assert_eq!(plugin.handshake().network, "tcp");
    let (host, port) = plugin.handshake().address.rsplit_once(':').unwrap();
    assert_eq!(host, "127.0.0.1");
    assert!((10_000..=25_000).contains(&port.parse::<u16>().unwrap()), "port {port}");

    Host::attach(plugin).await.shutdown().await;
    assert_eq!(std::fs::read_dir(&long).unwrap().count(), 0, "something was left behind");
}

#[tokio::test]
async fn the_socket_is_where_the_host_wants_it() {
    let directory = tempfile::tempdir().unwrap();
    let plugin = Launch::as_terraform().env("PLUGIN_UNIX_SOCKET_DIR", directory.path()).spawn().await;
    assert_eq!(plugin.handshake().network, "unix");
    assert!(plugin.handshake().address.starts_with(directory.path().to_str().unwrap()));
    Host::attach(plugin).await.shutdown().await;
}
