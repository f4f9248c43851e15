//! A flow from its first line to its picture: composed in Rust, checked, run, followed by its log, and drawn.
//!
//! ```text
//! cargo run -p globus --example flow                      # a few files of its own
//! cargo run -p globus --example flow -- SRC_DIR DST_DIR   # your directories
//! ```
//!
//! A Globus emulator runs inside the program: no account, no network. The flow would run on the real service as it is.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "telling what it does is what an example is for"
)]

#[path = "support/local.rs"]
mod local;

use std::{env, fs, path::PathBuf, process::ExitCode};

use globus::{
    auth::storage::MemoryTokenStorage,
    flows::{
        NewFlow, NewRun, SpecificFlowClient,
        definition::{Action, Catch, Choice, Definition, ExpressionEval, Fail, Pass, Rule, Wait},
        picture::Picture,
    },
    prelude::*,
};
use globus_emulator::Emulator;
use serde_json::{Value, json};

use crate::local::{Anything, Local};

const NAME: &str = "flow example";
const TRANSFER: &str = "https://transfer.actions.globus.org";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("flow: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Looks into a directory, copies it when something is in it, and counts what has arrived. Tries twice.
fn copy() -> Definition {
    let look = |end: &str, found: &str| {
        Action::new(format!("{TRANSFER}/ls"))
            .parameter("endpoint_id.$", format!("$.{end}.id"))
            .parameter("path.$", format!("$.{end}.path"))
            .result_path(found)
    };
    let item = json!({"source_path.$": "$.source.path", "destination_path.$": "$.destination.path"});
    let copy = Action::new(format!("{TRANSFER}/transfer"))
        .parameter("source_endpoint.$", "$.source.id")
        .parameter("destination_endpoint.$", "$.destination.id")
        .parameter("DATA", json!([item]))
        .result_path("$.copied")
        .wait_time(3600)
        .catch(Catch::all("Count tries").result_path("$.error"));
    Definition::new("Look")
        .state("Look", look("source", "$.before").next("Anything?"))
        .state(
            "Anything?",
            Choice::new([Rule::numeric_equals("$.before.details.total", 0).next("Nothing")]).default("Copy"),
        )
        .state("Copy", copy.next("Look again"))
        .state(
            "Count tries",
            ExpressionEval::new("$.tries")
                .parameter("n.=", "getattr('tries.n', default=0) + 1")
                .next("Enough?"),
        )
        .state(
            "Enough?",
            Choice::new([Rule::numeric_less_than("$.tries.n", 2).next("Pause")]).default("Broken"),
        )
        .state("Pause", Wait::for_seconds(1).next("Copy"))
        .state("Look again", look("destination", "$.after").next("Done"))
        .state("Done", Pass::new().parameter("arrived.$", "$.after.details.total").end())
        .state("Nothing", Fail::new().error("NothingToCopy").cause("the source is empty"))
        .state("Broken", Fail::new().error("CopyFailed").cause("two tries were not enough"))
}

/// What the flow is started with.
fn input_schema() -> Value {
    let collection = json!({
        "type": "object",
        "format": "globus-collection",
        "required": ["id", "path"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "path": {"type": "string"}},
    });
    json!({
        "type": "object",
        "required": ["source", "destination"],
        "additionalProperties": false,
        "properties": {"source": collection, "destination": collection},
    })
}

async fn run() -> Anything<()> {
    // A mistake, found before anything is sent.
    if let Err(findings) = copy().state("Broken", Pass::new().next("Nowhere")).validate() {
        println!("a broken copy of the flow:\n  {findings}");
    }
    let new = NewFlow::new("Copy", copy()).input_schema(input_schema());
    new.validate()?;

    let (source, destination) = directories()?;
    println!("{} → {}", source.display(), destination.display());
    let emulator = Emulator::builder().collection("source", &source).collection("destination", &destination);
    let local = Local::start(emulator).await?;
    let credentials = local.credentials()?;
    let app = ClientApp::builder(NAME, credentials.client_id(), credentials.client_secret().clone())
        .config(local.config()?)
        .token_storage(MemoryTokenStorage::new())
        .build()?;

    let flows = FlowsClient::builder().app(&app).build()?;
    let created = flows.create_flow(new).send().await?;
    let input = json!({
        "source": {"id": local.collection("source")?, "path": "/"},
        "destination": {"id": local.collection("destination")?, "path": "/"},
    });
    created.validate_input(&input)?;

    let flow = SpecificFlowClient::builder(created.id).app(&app).build()?;
    let run = flow.start(NewRun::new(&input).label(NAME)).await?;
    println!("run {}", run.run_id());
    let (mut log, mut entries) = (run.logs(), Vec::new());
    while let Some(entry) = log.try_next().await? {
        println!(
            "  {:<28} {:<24} {}",
            entry.time.to_string(),
            entry.code,
            entry.state_name().unwrap_or_default()
        );
        entries.push(entry);
    }

    // Drawn before the verdict is looked at: who failed wants to see where.
    let picture = env::temp_dir().join(format!("globus-flow-{}.svg", std::process::id()));
    fs::write(&picture, Picture::new(&copy()).title("Copy").run(&entries).to_svg())?;
    println!("drawn: {}", picture.display());

    let done = run.wait().send().await?;
    println!("succeeded: {}", done.output().unwrap_or(&Value::Null));
    Ok(())
}

/// The directories that were named, or two of its own with a few files.
fn directories() -> Anything<(PathBuf, PathBuf)> {
    let given: Vec<PathBuf> = env::args().skip(1).map(PathBuf::from).collect();
    match given.as_slice() {
        [source, destination] => {
            fs::create_dir_all(destination)?;
            Ok((source.canonicalize()?, destination.canonicalize()?))
        }
        [] => {
            let root = env::temp_dir().join(format!("globus-flow-{}", std::process::id()));
            let (source, destination) = (root.join("source"), root.join("destination"));
            fs::create_dir_all(source.join("images"))?;
            fs::create_dir_all(&destination)?;
            for number in 1..=3 {
                fs::write(source.join(format!("images/{number}.txt")), format!("image {number}\n"))?;
            }
            fs::write(source.join("notes.txt"), "three images\n")?;
            Ok((source, destination))
        }
        _ => Err("give two directories, SRC_DIR and DST_DIR, or none".into()),
    }
}
