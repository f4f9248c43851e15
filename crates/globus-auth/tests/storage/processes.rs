//! Many processes on one file, and processes that die.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    child::{self, TokenEndpoint},
    fixture::{Kind, token},
};

const PROCESSES: usize = 8;
/// How many resource servers each process writes, again and again.
pub(crate) const ENTRIES: i64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_lose_no_entry() {
    for &kind in Kind::ALL {
        let begin = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let children: Vec<_> = (0..PROCESSES)
            .map(|process| {
                child::spawn(
                    "writer",
                    &[
                        ("KIND", kind.name()),
                        ("PATH", path.to_str().unwrap()),
                        ("PROCESS", &process.to_string()),
                        ("WRITES", "200"),
                    ],
                )
            })
            .collect();
        for child in children {
            child::finish(child);
        }
        let stored = kind.open(&path, "DEFAULT").get_token_data_by_resource_server().await.unwrap();
        assert_eq!(i64::try_from(stored.len()).unwrap(), i64::try_from(PROCESSES).unwrap() * ENTRIES);
        for process in 0..PROCESSES {
            for write in 200 - ENTRIES..200 {
                let resource_server = format!("{process}-{}", write % ENTRIES);
                assert_eq!(stored[&resource_server], token(&resource_server, write), "{kind:?}");
            }
        }
        assert_eq!(leftovers(folder.path()), ["tokens", "tokens.lock"], "{kind:?}");
        println!("{kind:?}: {PROCESSES} processes, 200 writes each: none lost, {:.1?}", begin.elapsed());
    }
}

/// Everybody lives through the same fifty seconds, at which the token expires: it is renewed fifty times, not more.
#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_renew_a_token_once_for_each_expiry() {
    for &kind in Kind::ALL {
        let begin = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let storage = kind.open(&path, "DEFAULT");
        let mut first = token("rs", 1);
        first.refresh_token = Some("refresh-1".into());
        storage.store_token_data(vec![first]).await.unwrap();

        let children: Vec<_> = (0..PROCESSES)
            .map(|_| {
                child::spawn(
                    "renewer",
                    &[
                        ("KIND", kind.name()),
                        ("PATH", path.to_str().unwrap()),
                        ("ENDPOINT", folder.path().to_str().unwrap()),
                        ("SECONDS", "50"),
                    ],
                )
            })
            .collect();
        for child in children {
            child::finish(child);
        }
        let endpoint = TokenEndpoint { folder: folder.path().to_owned() };
        assert_eq!(endpoint.generation(), 51, "{kind:?}");
        let stored = storage.get_token_data("rs").await.unwrap().unwrap();
        assert_eq!(stored.refresh_token.unwrap().expose(), "refresh-51");
        assert_eq!(stored.expires_at_seconds, 51);
        println!("{kind:?}: {PROCESSES} processes, 50 expiries: 50 renewals, {:.1?}", begin.elapsed());
    }
}

/// What a process said that it had stored is there after it was killed, whatever it was doing.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_kills_leave_a_whole_file() {
    for &kind in Kind::ALL {
        let begin = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let storage = kind.open(&path, "DEFAULT");
        let filler: Vec<_> = (0..50).map(|n| token(&format!("old-{n}"), 0)).collect();
        storage.store_token_data(filler.clone()).await.unwrap();

        let mut acknowledged = 0_i64;
        let mut kills_while_it_wrote = 0;
        for kill in 0..200_u64 {
            let from = acknowledged;
            let mut child = child::spawn(
                "endless-writer",
                &[("KIND", kind.name()), ("PATH", path.to_str().unwrap()), ("FROM", &from.to_string())],
            );
            let mut said = BufReader::new(child.stdout.take().unwrap());
            // From its first write on, at another moment each time.
            let mut line = String::new();
            while !line.contains("says ") {
                line.clear();
                assert_ne!(said.read_line(&mut line).unwrap(), 0, "{kind:?}: the process ended");
            }
            std::thread::sleep(Duration::from_micros(kill * 7_919 % 5_000));
            child.kill().unwrap();
            child.wait().unwrap();
            // Before anybody reads: reading undoes what SQLite had not finished.
            kills_while_it_wrote += i32::from(leftovers(folder.path()).len() > 2);

            let mut rest = String::new();
            said.read_to_string(&mut rest).unwrap();
            // The last line may be cut off.
            let whole = format!("{line}{}", rest.rsplit_once('\n').map_or("", |(whole, _)| whole));
            let last = whole.lines().filter_map(|line| line.split_once("says ")?.1.parse().ok()).max();
            acknowledged = last.unwrap();

            let stored = storage.get_token_data_by_resource_server().await.unwrap();
            for old in &filler {
                assert_eq!(stored.get(&old.resource_server), Some(old), "{kind:?}, kill {kill}");
            }
            let newest = stored.values().map(|token| token.expires_at_seconds).max().unwrap();
            assert!((acknowledged..=acknowledged + 1).contains(&newest), "{kind:?}, kill {kill}");
            for number in (acknowledged - 8).max(1)..=acknowledged {
                let resource_server = format!("rs-{}", number % 10);
                assert_eq!(
                    stored[&resource_server],
                    token(&resource_server, number),
                    "{kind:?}, kill {kill}"
                );
            }
            acknowledged = newest;
        }
        assert!(kills_while_it_wrote > 0, "{kind:?}: no kill came while a file was being written");
        println!(
            "{kind:?}: 200 kills, {kills_while_it_wrote} in the middle of a write: {acknowledged} writes, none lost, {:.1?}",
            begin.elapsed()
        );

        // The next write finds no lock in its way, and cleans up.
        storage.store_token_data(vec![token("last", 1)]).await.unwrap();
        assert_eq!(leftovers(folder.path()), ["tokens", "tokens.lock"], "{kind:?}");
    }
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains("tokens")).collect();
    names.sort();
    names
}
