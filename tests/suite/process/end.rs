//! How the process ends, and what does not end it.

use std::time::Duration;

use tonic::transport::Channel;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::host::{Host, Launch};

/// Asks the health service, which works whatever the provider offers.
pub(super) async fn assert_serves(channel: Channel) {
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    let answer = HealthClient::new(channel).check(request).await.expect("the process answers").into_inner();
    assert_eq!(answer.status, ServingStatus::Serving as i32);
}

#[tokio::test]
async fn shutdown_ends_it_at_once() {
    let exit = Host::start().await.shutdown().await;
    assert!(exit.took < Duration::from_millis(500), "took {:?}", exit.took);
}

#[tokio::test]
async fn what_reaches_the_whole_foreground_is_left_to_terraform() {
    let host = Host::start().await;
    for signal in ["INT", "INT", "INT", "HUP"] {
        host.plugin().signal(signal);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_serves(host.channel()).await;
    host.shutdown().await;
}

#[tokio::test]
async fn it_goes_when_terraform_is_gone() {
    let plugin = Launch::through_a_parent().spawn().await;
    let place = plugin.handshake().clone();
    let host = Host::attach(plugin).await;
    let connection = host.channel();
    assert_serves(connection.clone()).await;

    let plugin = host.into_plugin();
    plugin.signal("KILL");
    let exit = plugin.exited_within(Duration::from_secs(5)).await;
    assert!(place.is_gone(), "{place:?} was left behind");
    assert_eq!(exit.stdout, "");
    assert!(HealthClient::new(connection).check(HealthCheckRequest::default()).await.is_err());
}

#[tokio::test]
async fn a_termination_leaves_nothing_behind() {
    let plugin = Launch::as_terraform().spawn().await;
    let place = plugin.handshake().clone();
    plugin.signal("TERM");
    let exit = plugin.exited_within(Duration::from_secs(5)).await;
    assert!(exit.status.success(), "{exit:?}");
    assert!(place.is_gone(), "{place:?} was left behind");
}

#[tokio::test]
async fn it_outlives_a_connection() {
    let plugin = Launch::as_terraform().spawn().await;
    drop(plugin.connect().await);
    Host::attach(plugin).await.shutdown().await;
}
