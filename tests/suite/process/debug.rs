//! `--debug`: a process that Terraform attaches to instead of starting its own.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::end::assert_serves;
use crate::support::host::{Launch, bare, over};

#[tokio::test]
async fn terraform_attaches_as_often_as_it_likes_until_the_process_is_interrupted() {
    let mut process = Launch::by_hand(&["--debug"]).start();
    let variable = loop {
        if let Some(value) = process.line().await.trim().strip_prefix("TF_REATTACH_PROVIDERS=") {
            break value.trim_matches('\'').to_owned();
        }
    };
    let providers: Value = serde_json::from_str(&variable).unwrap();
    let entry = &providers["crystian/incus"];
    assert_eq!(entry["Protocol"], "grpc");
    assert_eq!(entry["ProtocolVersion"], 5);
    assert_eq!(entry["Pid"], process.id());
    assert_eq!(entry["Test"], true);
    assert_eq!(entry["Addr"]["Network"], "unix");
    let path = entry["Addr"]["String"].as_str().unwrap();

    for _ in 0..2 {
        // Terraform first looks whether anybody listens.
        drop(bare("unix", path).await.unwrap());
        assert_serves(over(bare("unix", path).await.unwrap()).await).await;
    }

    process.signal("INT");
    let exit = process.exited_within(Duration::from_secs(5)).await;
    assert!(exit.status.success(), "{exit:?}");
    assert!(!Path::new(path).exists(), "the socket was left behind");
}
