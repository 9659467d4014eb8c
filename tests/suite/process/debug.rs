//! `--debug`: a process that Terraform attaches to instead of starting its own.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;

use super::end::assert_serves;
use crate::support::host::{Launch, Running, bare, over};
use crate::support::lab::Lab;

#[tokio::test]
async fn terraform_attaches_as_often_as_it_likes_until_the_process_is_interrupted() {
    let mut process = Launch::by_hand(&["--debug"]).start();
    let variable = reattach(&mut process).await;
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

#[test]
fn what_is_printed_works_for_the_command_line() {
    let Some(lab) = Lab::start() else { return };
    let runtime = Runtime::new().unwrap();
    let (process, variable) = runtime.block_on(async {
        let mut process = Launch::by_hand(&["--debug"]).start();
        let variable = reattach(&mut process).await;
        (process, variable)
    });
    let run = lab.terraform("").env("TF_REATTACH_PROVIDERS", variable);
    // So that the provider is to be had nowhere else.
    run.write("cli.tfrc", "");
    run.run(["providers", "schema", "-json"]).succeeds().shows("incus_image");
    process.signal("INT");
    let exit = runtime.block_on(process.exited_within(Duration::from_secs(5)));
    assert!(exit.status.success(), "{exit:?}");
}

/// The value that the process prints for `TF_REATTACH_PROVIDERS`.
async fn reattach(process: &mut Running) -> String {
    loop {
        if let Some(value) = process.line().await.trim().strip_prefix("TF_REATTACH_PROVIDERS=") {
            return value.trim_matches('\'').to_owned();
        }
    }
}
