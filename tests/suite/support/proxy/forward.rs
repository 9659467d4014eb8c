//! One connection through the proxy, which is one request: both sides are told to close it afterwards, so that an answer ends
//! where the connection does, and nothing about bodies needs to be understood.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::try_join;

use super::Shared;
use super::rule::{Act, Action, Fault, Request};

const REFUSAL: &str = r#"{"type":"error","status":"","status_code":0,"operation":"","error_code":500,"error":"The proxy refuses","metadata":null}"#;

/// How much of an answer counts as its beginning, in bytes.
const BEGINNING: usize = 1 << 15;

/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

pub(super) async fn one(shared: Arc<Shared>, mut client: UnixStream) -> io::Result<()> {
    let process = client.peer_cred()?.pid().unwrap_or_default();
    let Some((head, begun)) = read_head(&mut client).await? else { return Ok(()) };
    let Some(request) = parse(&head, process) else { return Ok(()) };
    let message = [closing(&head).as_bytes(), &begun].concat();
    match shared.meet(&request) {
        None => pass(&shared, client, &message).await,
        Some(Action::Before(act)) => {
            run(act, request).await;
            pass(&shared, client, &message).await
        }
        Some(Action::After(act)) => {
            let answer = exchange(&shared, &mut client, &message).await?;
            run(act, request).await;
            client.write_all(&answer).await
        }
        Some(Action::Amid(act)) => {
            let mut daemon = UnixStream::connect(&shared.daemon).await?;
            daemon.write_all(&message).await?;
            let mut first = [0; BEGINNING];
            daemon.read_exact(&mut first).await?;
            client.write_all(&first).await?;
            run(act, request).await;
            copy(&mut daemon, &mut client).await.map(drop)
        }
        Some(Action::Halfway(act)) => {
            let answer = exchange(&shared, &mut client, &message).await?;
            let (first, second) = answer.split_at(middle(&answer));
            client.write_all(first).await?;
            run(act, request).await;
            client.write_all(second).await
        }
        Some(Action::Fail(Fault::Short)) => {
            let answer = exchange(&shared, &mut client, &message).await?;
            client.write_all(&answer[..middle(&answer)]).await
        }
        Some(Action::Fail(Fault::Garbled)) => {
            let mut answer = exchange(&shared, &mut client, &message).await?;
            let middle = middle(&answer);
            answer[middle] ^= 1;
            client.write_all(&answer).await
        }
        Some(Action::Fail(Fault::Lost)) => exchange(&shared, &mut client, &message).await.map(drop),
        Some(Action::Fail(Fault::Cut)) => Ok(()),
        Some(Action::Fail(Fault::Refused)) => answer(client, "500 Internal Server Error", REFUSAL).await,
        Some(Action::Answer(body)) => answer(client, "200 OK", &body).await,
    }
}

/// The middle of an answer's body.
fn middle(answer: &[u8]) -> usize {
    let head = answer.windows(END.len()).position(|bytes| bytes == END).map_or(0, |end| end + END.len());
    head + (answer.len() - head) / 2
}

/// Answers in place of the daemon.
async fn answer(mut client: UnixStream, status: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    client.write_all(format!("{head}{body}").as_bytes()).await?;
    client.shutdown().await?;
    // Closing over an unread body would take the answer away from the client.
    copy(&mut client, &mut sink()).await.map(drop)
}

/// Forwards a request, and whatever follows in both directions.
async fn pass(shared: &Shared, client: UnixStream, message: &[u8]) -> io::Result<()> {
    let (mut answers, mut daemon) = UnixStream::connect(&shared.daemon).await?.into_split();
    let (mut asks, mut client) = client.into_split();
    daemon.write_all(message).await?;
    let back = async {
        copy(&mut answers, &mut client).await?;
        client.shutdown().await
    };
    try_join!(send_on(&mut asks, &mut daemon), back).map(drop)
}

/// Forwards a request and keeps the answer.
async fn exchange(shared: &Shared, client: &mut UnixStream, message: &[u8]) -> io::Result<Vec<u8>> {
    let (mut answers, mut daemon) = UnixStream::connect(&shared.daemon).await?.into_split();
    daemon.write_all(message).await?;
    let mut answer = Vec::new();
    tokio::select! {
        read = answers.read_to_end(&mut answer) => read.map(|_| answer),
        gone = send_on(client, &mut daemon) => gone.and(Err(io::ErrorKind::ConnectionAborted.into())),
    }
}

/// Forwards the rest of a request until the client is gone. A daemon that has answered may take no more of it, and the answer still
/// counts.
async fn send_on(client: &mut (impl AsyncRead + Unpin), daemon: &mut OwnedWriteHalf) -> io::Result<()> {
    if copy(client, daemon).await.is_err() {
        copy(client, &mut sink()).await?;
    }
    // Fails where the daemon is gone.
    let _ = daemon.shutdown().await;
    Ok(())
}

async fn run(act: Act, request: Request) {
    tokio::task::spawn_blocking(move || act(&request)).await.expect("what a test does about a request succeeds");
}

/// The head of a request with its last empty line, and what came of the body with it.
async fn read_head(client: &mut UnixStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut read = Vec::new();
    loop {
        if client.read_buf(&mut read).await? == 0 {
            return Ok(None);
        }
        if let Some(end) = read.windows(END.len()).position(|bytes| bytes == END) {
            let body = read.split_off(end + END.len());
            return Ok(Some((String::from_utf8_lossy(&read).into_owned(), body)));
        }
    }
}

fn parse(head: &str, process: i32) -> Option<Request> {
    let mut words = head.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    Some(Request { method: method.to_owned(), path: path.to_owned(), process })
}

/// The head with the wish that the connection ends with the answer.
fn closing(head: &str) -> String {
    let others = head.trim_end().split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    others.chain(["Connection: close", "", ""]).collect::<Vec<_>>().join("\r\n")
}
