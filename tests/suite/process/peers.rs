//! Who may connect: the host that started the process, whatever others try.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::host::{Host, Identity, Launch, Plugin};

/// What the plugin's TLS tells a client when it reads.
async fn refusal(plugin: &Plugin, identity: Identity) -> String {
    let mut stream = plugin.open(identity).await.unwrap();
    stream.read_u8().await.expect_err("the plugin let it in").to_string()
}

async fn only_its_host_gets_in(plugin: Plugin) {
    assert!(refusal(&plugin, Identity::Nobody).await.contains("CertificateRequired"));
    assert!(refusal(&plugin, Identity::Stranger).await.contains("alert"));
    assert!(refusal(&plugin, Identity::Impostor).await.contains("alert"));
    Host::attach(plugin).await.shutdown().await;
}

#[tokio::test]
async fn only_its_host_gets_in_over_a_socket() {
    only_its_host_gets_in(Launch::as_terraform().spawn().await).await;
}

#[tokio::test]
async fn only_its_host_gets_in_over_tcp() {
    let plugin = Launch::as_terraform().env("TMPDIR", "/nowhere").spawn().await;
    assert_eq!(plugin.handshake().network, "tcp");
    only_its_host_gets_in(plugin).await;
}

#[tokio::test]
async fn plain_http_is_refused() {
    let plugin = Launch::as_terraform().spawn().await;
    let mut stream = plugin.open_bare().await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // An alert or nothing: HTTP/2 would begin with its settings and stay.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer[0] == 0x15, "{answer:?}");
    Host::attach(plugin).await.shutdown().await;
}

#[tokio::test]
async fn a_silent_client_holds_up_nobody() {
    let plugin = Launch::as_terraform().spawn().await;
    let _silent = plugin.open_bare().await.unwrap();
    let started = std::time::Instant::now();
    Host::attach(plugin).await.shutdown().await;
    assert!(started.elapsed().as_secs() < 5, "waited for the silent client");
}

#[tokio::test]
async fn without_a_certificate_from_the_host_there_is_no_tls() {
    let plugin = Launch::as_terraform().without("PLUGIN_CLIENT_CERT").spawn().await;
    assert_eq!(plugin.handshake().certificate, None);
    Host::attach(plugin).await.shutdown().await;
}

#[tokio::test]
async fn a_certificate_that_is_none_is_an_error() {
    let exit = Launch::as_terraform().env("PLUGIN_CLIENT_CERT", "none").run().await;
    assert_eq!(exit.status.code(), Some(1));
    assert_eq!(exit.stdout, "");
    assert!(exit.stderr.contains("Unable to read the certificate in PLUGIN_CLIENT_CERT"), "{}", exit.stderr);
}
