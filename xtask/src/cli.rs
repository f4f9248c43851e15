//! The command line: words in, one function called.

use std::ffi::OsString;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::workspace::Workspace;
use crate::{browser, changelog, ci, conformance, fuzz, layers, licences, msrv, release};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  ci [--only STEP]... [--list]     run every check, or the named ones; --list names them
  layers                           check which crate may depend on which
  licences                         check licences, bans and the number of crates a user takes
  msrv                             check that nothing asks for a newer Rust than the workspace
  bench [--python PATH] [--only TEXT]
                                   measure the SDK beside bare reqwest and, with PATH, the Python SDK
  conformance [--python PATH] [--if-available]
                                   run the official Python SDK and command line against the emulator, and compare their
                                   requests with ours; PATH is a python that has both, without it one is made from PyPI;
                                   with --if-available it is no failure that PyPI cannot be reached
  e2e-browser [--chromium PATH] [--if-available]
                                   log in with a real browser at the emulator's pages; without PATH one from the PATH,
                                   or Debian's; with --if-available it is no failure that there is none
  fuzz [TARGET] [--seconds N]      feed the parsers with whatever libFuzzer makes up, 60 s each unless said otherwise;
                                   without TARGET all of them
  changelog new KIND TEXT [--crates A,B] [--breaking]
                                   write a fragment; KIND: added, changed, fixed, removed, security
  release prepare VERSION|patch|minor|major [--date YYYY-MM-DD]
                                   render the changelog, set the version, delete the fragments
  release verify [--allow-dirty]   build every package as a user gets it, and check the release
  release publish [--execute]      publish what the registry lacks, then tag; without --execute only say so
";

/// Runs the command that `words` spell.
///
/// # Errors
/// An unknown command, an unknown option, or the failure of the command itself.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> Result<()> {
    let mut args = lexopt::Parser::from_args(words);
    let Some(command) = command(&mut args)? else {
        print!("{USAGE}");
        return Ok(());
    };
    match command.as_str() {
        "ci" => run_ci(&mut args),
        "layers" => {
            no_more(&mut args)?;
            println!("{}", layers::run(&Workspace::find()?)?);
            Ok(())
        }
        "licences" => {
            no_more(&mut args)?;
            println!("{}", licences::run(&Workspace::find()?)?);
            Ok(())
        }
        "msrv" => {
            no_more(&mut args)?;
            println!("{}", msrv::run(&Workspace::find()?)?);
            Ok(())
        }
        "bench" => run_bench(&mut args),
        "conformance" => run_conformance(&mut args),
        "e2e-browser" => run_browser(&mut args),
        "fuzz" => run_fuzz(&mut args),
        "changelog" => run_changelog(&mut args),
        "release" => run_release(&mut args),
        other => bail!("no command `{other}`\n\n{USAGE}"),
    }
}

/// The next word, or `None` where help is asked for or nothing is left.
fn command(args: &mut lexopt::Parser) -> Result<Option<String>> {
    match args.next()? {
        None | Some(Short('h') | Long("help")) => Ok(None),
        Some(Value(word)) if word == "help" => Ok(None),
        Some(Value(word)) => Ok(Some(word.string()?)),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn no_more(args: &mut lexopt::Parser) -> Result<()> {
    match args.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}

/// Builds the benches with optimisation and hands the rest of the words on to them.
fn run_bench(args: &mut lexopt::Parser) -> Result<()> {
    let workspace = Workspace::find()?;
    let words: Vec<String> = args.raw_args()?.map(|word| word.to_string_lossy().into_owned()).collect();
    let fixed = ["run", "--release", "--quiet", "--package", "globus-bench", "--"];
    workspace.cargo().args(fixed.into_iter().chain(words.iter().map(String::as_str))).run()
}

fn run_ci(args: &mut lexopt::Parser) -> Result<()> {
    let mut only = Vec::new();
    let mut list = false;
    while let Some(arg) = args.next()? {
        match arg {
            Long("only") => only.push(args.value()?.string()?),
            Long("list") => list = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if list {
        ci::list();
        return Ok(());
    }
    ci::run(&Workspace::find()?, &only)
}

fn run_conformance(args: &mut lexopt::Parser) -> Result<()> {
    let mut python = None;
    let mut if_available = false;
    while let Some(arg) = args.next()? {
        match arg {
            Long("python") => python = Some(args.value()?.into()),
            Long("if-available") => if_available = true,
            other => return Err(other.unexpected().into()),
        }
    }
    conformance::run(&Workspace::find()?, python, if_available)
}

fn run_browser(args: &mut lexopt::Parser) -> Result<()> {
    let mut chromium = None;
    let mut if_available = false;
    while let Some(arg) = args.next()? {
        match arg {
            Long("chromium") => chromium = Some(args.value()?.into()),
            Long("if-available") => if_available = true,
            other => return Err(other.unexpected().into()),
        }
    }
    browser::run(&Workspace::find()?, chromium, if_available)
}

fn run_fuzz(args: &mut lexopt::Parser) -> Result<()> {
    let (mut target, mut seconds) = (None, 60);
    while let Some(arg) = args.next()? {
        match arg {
            Long("seconds") => seconds = args.value()?.parse()?,
            Value(word) if target.is_none() => target = Some(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    fuzz::run(&Workspace::find()?, target.as_deref(), seconds)
}

fn run_changelog(args: &mut lexopt::Parser) -> Result<()> {
    match command(args)?.as_deref() {
        Some("new") => {}
        _ => bail!("`changelog` has one command: changelog new KIND TEXT\n\n{USAGE}"),
    }
    let mut words = Vec::new();
    let mut crates = Vec::new();
    let mut breaking = None;
    while let Some(arg) = args.next()? {
        match arg {
            Long("crates") => {
                let names = args.value()?.string()?;
                crates.extend(names.split(',').map(|name| name.trim().to_owned()));
            }
            Long("breaking") => breaking = Some(true),
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let [kind, text] = words.as_slice() else {
        bail!("`changelog new` takes a kind and a text in quotes, and got {} words", words.len());
    };
    let fragment = changelog::Fragment::new(kind.parse()?, crates, breaking, text)?;
    let written = changelog::write_new(&Workspace::find()?, &fragment)?;
    println!("{written}");
    Ok(())
}

fn run_release(args: &mut lexopt::Parser) -> Result<()> {
    match command(args)?.as_deref() {
        Some("prepare") => {
            let mut version = None;
            let mut date = None;
            while let Some(arg) = args.next()? {
                match arg {
                    Long("date") => {
                        let text = args.value()?.string()?;
                        date =
                            Some(text.parse().with_context(|| format!("--date {text} is not YYYY-MM-DD"))?);
                    }
                    Value(word) if version.is_none() => version = Some(word.parse()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            let version = version.context("`release prepare` takes a version, or patch, minor or major")?;
            release::prepare::run(&Workspace::find()?, &version, date)
        }
        Some("verify") => {
            let mut allow_dirty = false;
            while let Some(arg) = args.next()? {
                match arg {
                    Long("allow-dirty") => allow_dirty = true,
                    other => return Err(other.unexpected().into()),
                }
            }
            release::verify::run(&Workspace::find()?, allow_dirty)
        }
        Some("publish") => {
            let mut execute = false;
            while let Some(arg) = args.next()? {
                match arg {
                    Long("execute") => execute = true,
                    Long("dry-run") => execute = false,
                    other => return Err(other.unexpected().into()),
                }
            }
            release::publish::run(&Workspace::find()?, execute)
        }
        _ => bail!("`release` has three commands: prepare, verify, publish\n\n{USAGE}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails_with(words: &[&str]) -> String {
        run(words.iter().map(OsString::from)).expect_err("must be refused").to_string()
    }

    #[test]
    fn unknown_words_are_refused_by_name() {
        assert!(fails_with(&["shiny"]).contains("no command `shiny`"));
        assert!(fails_with(&["ci", "--shiny"]).contains("--shiny"));
        assert!(fails_with(&["layers", "extra"]).contains("extra"));
        assert!(fails_with(&["conformance", "--shiny"]).contains("--shiny"));
        assert!(fails_with(&["release", "destroy"]).contains("prepare, verify, publish"));
        assert!(fails_with(&["release", "prepare"]).contains("takes a version"));
        assert!(fails_with(&["release", "prepare", "0.2.0", "--date", "soon"]).contains("YYYY-MM-DD"));
        assert!(fails_with(&["changelog", "new", "added"]).contains("got 1 words"));
        assert!(fails_with(&["changelog", "new", "shiny", "text"]).contains("shiny"));
    }
}
