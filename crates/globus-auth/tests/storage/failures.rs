//! What happens when the system says no: a clear error, and the old file stays.
#![cfg(unix)]

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
};

use crate::{
    child,
    fixture::{Kind, token},
};

async fn with_one_token(kind: Kind, path: &Path) -> Vec<u8> {
    kind.open(path, "DEFAULT").store_token_data(vec![token("old", 1)]).await.unwrap();
    fs::read(path).unwrap()
}

fn store(kind: Kind, path: &Path, size: &str) -> Command {
    child::command("store", &[("KIND", kind.name()), ("PATH", path.to_str().unwrap()), ("SIZE", size)])
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A process may write files up to a limit only: beyond it, the system refuses in the middle of a write, as it does
/// when a disk is full.
#[tokio::test]
async fn a_write_that_finds_no_space_leaves_the_old_file() {
    for &kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let before = with_one_token(kind, &path).await;

        let program = store(kind, &path, "200000");
        let mut limited = Command::new("sh");
        // In blocks of 512 or 1024 bytes. Without the trap, the signal would end the process.
        limited.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"]).arg(program.get_program());
        limited.args(program.get_args());
        limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        limited.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let said = child::finish(limited.spawn().unwrap());

        let [error] = &*said else { panic!("{said:?}") };
        assert!(error.starts_with(&format!("cannot write {}: ", path.display())), "{error}");
        if kind == Kind::Json {
            assert!(error.contains("too large"), "{error}");
        }
        // What SQLite began is undone by whoever opens the database next.
        let stored = kind.open(&path, "DEFAULT").get_token_data_by_resource_server().await.unwrap();
        assert_eq!(stored.into_values().collect::<Vec<_>>(), [token("old", 1)]);
        assert_eq!(fs::read(&path).unwrap(), before, "{kind:?}");
        assert_eq!(files(folder.path()), ["tokens", "tokens.lock"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_file_where_a_folder_should_be_is_named() {
    for &kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "mine").unwrap();
        let path = file.join("tokens");
        let storage = kind.open(&path, "DEFAULT");
        for error in [
            storage.store_token_data(vec![token("a", 1)]).await.unwrap_err(),
            storage.get_token_data("a").await.unwrap_err(),
            storage.lock().await.map(drop).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(error.contains(path.to_str().unwrap()) && error.contains("Not a directory"), "{error}");
        }
        let deeper = kind.open(&path.join("deeper"), "DEFAULT");
        let error = deeper.store_token_data(vec![token("a", 1)]).await.unwrap_err().to_string();
        assert!(error.contains("Not a directory"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}

/// Needs no privileges to take away: beside a file with the longest name that there is, no other can be made.
#[tokio::test]
async fn a_lock_that_cannot_be_made_is_named_and_nothing_is_renewed() {
    for &kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let short = folder.path().join("tokens");
        with_one_token(kind, &short).await;
        let path = folder.path().join("t".repeat(253));
        fs::rename(short, &path).unwrap();
        let before = fs::read(&path).unwrap();

        let storage = kind.open(&path, "DEFAULT");
        assert_eq!(storage.get_token_data("old").await.unwrap(), Some(token("old", 1)));
        for error in [
            storage.store_token_data(vec![token("a", 1)]).await.unwrap_err(),
            storage.remove_token_data("old").await.unwrap_err(),
            storage.lock().await.map(drop).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(error.starts_with(&format!("cannot lock {}.lock: ", path.display())), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

/// Nothing is read-only for the superuser, so that the process becomes `nobody` then.
#[tokio::test]
async fn a_read_only_folder_can_be_read_and_is_named() {
    for &kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        let before = with_one_token(kind, &path).await;
        fs::remove_file(folder.path().join("tokens.lock")).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();

        let mut store = store(kind, &path, "10");
        if fs::write(folder.path().join("probe"), "").is_ok() {
            fs::remove_file(folder.path().join("probe")).unwrap();
            for path in [folder.path(), &path] {
                std::os::unix::fs::chown(path, Some(65_534), Some(65_534)).unwrap();
            }
            store.uid(65_534).gid(65_534);
        }
        let child = match store.spawn() {
            Ok(child) => child,
            Err(error) => {
                eprintln!("skipped: nobody may not run {:?}: {error}", store.get_program());
                return;
            }
        };
        let said = child::finish(child);
        let expected = format!("cannot lock {}.lock: Permission denied (os error 13)", path.display());
        assert_eq!(said, [expected], "{kind:?}");

        assert_eq!(kind.open(&path, "DEFAULT").get_token_data("old").await.unwrap(), Some(token("old", 1)));
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(files(folder.path()), ["tokens"], "{kind:?}");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    }
}

#[tokio::test]
async fn a_folder_at_the_path_is_left_alone() {
    for &kind in Kind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        let storage = kind.open(&path, "DEFAULT");
        for error in [
            storage.get_token_data("a").await.unwrap_err(),
            storage.store_token_data(vec![token("a", 1)]).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
    }
}
