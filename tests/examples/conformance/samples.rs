//! The sample answers of the official SDK, read with our types.

use std::{
    error::Error as StdError,
    io::{self, BufRead},
};

use globus::core::{
    Error, ErrorKind,
    test_util::{ReplayTransport, Reply},
};
use serde_json::Value;

use crate::cases::{self, Clients};

/// Reads samples from standard input, one JSON document a line, and tells of each whether it can be read:
/// `NAME<tab>`, and what is wrong with it. A sample has `name` (for people), `case` (the call it answers), `status`,
/// `content_type`, `body`, and for an error the `code` that the official SDK reads in it.
pub(crate) async fn read_all() -> Result<(), Box<dyn StdError>> {
    for line in io::stdin().lock().lines() {
        let sample: Value = serde_json::from_str(&line?)?;
        let text = |member: &str| sample[member].as_str().unwrap_or_default();
        let verdict = read(&sample, text("case")).await.err().unwrap_or_default();
        println!("{}\t{verdict}", text("name"));
    }
    Ok(())
}

async fn read(sample: &Value, case: &str) -> Result<(), String> {
    let status =
        sample["status"].as_u64().and_then(|status| u16::try_from(status).ok()).ok_or("no status")?;
    let body = sample["body"].as_str().ok_or("no body")?;
    let content_type = sample["content_type"].as_str().ok_or("no content type")?;
    let replay =
        ReplayTransport::new([Reply::raw(status, body.to_owned()).header("content-type", content_type)]);
    let clients =
        Clients::at("https://replay.example.org/", Some(&replay)).map_err(|error| error.to_string())?;
    let outcome = cases::run(case, &clients).await;
    if replay.left() > 0 {
        return Err(format!("the call did not ask for it: {outcome:?}"));
    }
    match outcome {
        Ok(()) if status < 400 => Ok(()),
        Ok(()) => Err(format!("status {status} reads as a success")),
        Err(error) if status < 400 => Err(error.to_string()),
        Err(error) => the_same_error(&error, status, sample["code"].as_str()),
    }
}

fn the_same_error(error: &Error, status: u16, code: Option<&str>) -> Result<(), String> {
    if error.kind() != ErrorKind::Api || error.status().map(|status| status.as_u16()) != Some(status) {
        return Err(format!("not an error with status {status}: {error}"));
    }
    if error.code() != code {
        return Err(format!("the official SDK reads the code {code:?}, we read {:?}", error.code()));
    }
    Ok(())
}
