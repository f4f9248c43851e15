//! The JSON file itself.

use std::{fs, path::Path, time::Duration};

use globus_auth::storage::{JsonTokenStorage, StorageError, TokenStorage};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::token;

fn in_folder() -> (TempDir, JsonTokenStorage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = JsonTokenStorage::new(folder.path().join("tokens.json"));
    (folder, storage)
}

fn content(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn files_and_folders_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/tokens.json");
    let storage = JsonTokenStorage::new(&path);
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    assert_eq!((mode(&path), mode(&path.with_file_name("tokens.json.lock"))), (0o600, 0o600));
    assert_eq!((mode(path.parent().unwrap()), mode(&folder.path().join("a"))), (0o700, 0o700));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_mended() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    set_mode(storage.path(), 0o644);
    storage.get_token_data("a").await.unwrap();
    assert_eq!(mode(storage.path()), 0o600);
    set_mode(storage.path(), 0o644);
    storage.store_token_data(vec![token("b", 1)]).await.unwrap();
    assert_eq!(mode(storage.path()), 0o600);
    // What the owner has taken from themselves stays taken.
    set_mode(storage.path(), 0o444);
    storage.get_token_data("a").await.unwrap();
    assert_eq!(mode(storage.path()), 0o400);
}

/// Needs the superuser, who alone can make a file of somebody else's.
#[cfg(unix)]
#[tokio::test]
async fn the_superuser_leaves_the_file_to_its_owner() {
    use std::os::unix::fs::{MetadataExt, chown};
    let (folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    if chown(storage.path(), Some(65_534), Some(65_534)).is_err() {
        eprintln!("skipped: not the superuser");
        return;
    }
    let lock = folder.path().join("tokens.json.lock");
    fs::remove_file(&lock).unwrap();
    storage.store_token_data(vec![token("a", 2)]).await.unwrap();
    for path in [storage.path(), &lock] {
        let metadata = fs::metadata(path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (65_534, 65_534), "{}", path.display());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link.json"));
    fs::create_dir(&real).unwrap();
    let target = JsonTokenStorage::new(real.join("tokens.json"));
    target.store_token_data(vec![token("a", 1)]).await.unwrap();
    std::os::unix::fs::symlink("real/tokens.json", &link).unwrap();

    let through_link = JsonTokenStorage::new(&link);
    through_link.store_token_data(vec![token("b", 1)]).await.unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(target.get_token_data("b").await.unwrap(), Some(token("b", 1)));

    // Both ways lead to the same lock.
    let _locked = target.lock().await.unwrap();
    let impatient = through_link.with_lock_timeout(Duration::from_millis(30));
    assert!(matches!(impatient.lock().await, Err(StorageError::Locked { .. })));
}

#[tokio::test]
async fn an_old_file_is_read_as_it_is_and_becomes_new_at_the_next_write() {
    let (_folder, storage) = in_folder();
    let record = json!({
        "resource_server": "old", "scope": "s", "access_token": "Ag", "refresh_token": null,
        "expires_at_seconds": 5, "token_type": "Bearer",
    });
    let old = json!({
        "by_rs": {"old": record}, "format_version": "1.0", "globus-sdk.version": "3.1.0", "mine": [1],
    });
    fs::write(storage.path(), old.to_string()).unwrap();
    let read = storage.get_token_data("old").await.unwrap().unwrap();
    assert_eq!((read.access_token.expose(), read.refresh_token, read.expires_at_seconds), ("Ag", None, 5));
    assert_eq!(content(storage.path()), old);

    let other = storage.clone().with_namespace("other");
    other.store_token_data(vec![token("new", 1)]).await.unwrap();
    let expected = json!({
        "data": {"DEFAULT": {"old": record}, "other": {"new": token("new", 1)}},
        "format_version": "2.0", "globus-sdk.version": "3.1.0", "mine": [1],
    });
    assert_eq!(content(storage.path()), expected);
    assert_eq!(storage.namespaces().await.unwrap(), ["DEFAULT", "other"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_and_stays() {
    for (text, problem) in [
        ("", "PATH is cut off: it is empty; if nothing is writing it, move it away and log in again"),
        (
            r#"{"data": {"DEFAULT": {"a": {"access_to"#,
            "PATH is cut off: it ends at line 1, column 38, in the middle; if nothing is writing it, move it away \
             and log in again",
        ),
        (
            "tokens!",
            "PATH cannot be used as token storage: it is not JSON: expected ident at line 1 column 2",
        ),
        (
            r#"{"format_version": "3.0", "data": {}}"#,
            "PATH has format version \"3.0\", but only 1.0 and 2.0 are known",
        ),
        (r#"{"a": 1}"#, "PATH cannot be used as token storage: \"format_version\" is missing"),
    ] {
        let (_folder, storage) = in_folder();
        fs::write(storage.path(), text).unwrap();
        let expected = problem.replace("PATH", &storage.path().display().to_string());
        for error in [
            storage.get_token_data("a").await.unwrap_err(),
            storage.get_token_data_by_resource_server().await.unwrap_err(),
            storage.store_token_data(vec![token("a", 1)]).await.unwrap_err(),
            storage.remove_token_data("a").await.unwrap_err(),
            storage.lock().await.map(drop).unwrap_err(),
        ] {
            assert_eq!(error.to_string(), expected);
        }
        assert_eq!(fs::read_to_string(storage.path()).unwrap(), text);
    }
}

/// A login is how a broken record is mended.
#[tokio::test]
async fn a_broken_record_can_be_replaced_and_removed() {
    let (_folder, storage) = in_folder();
    let document = json!({"data": {"DEFAULT": {"a": {}, "b": 5}}, "format_version": "2.0"});
    fs::write(storage.path(), document.to_string()).unwrap();
    let error = storage.get_token_data_by_resource_server().await.unwrap_err().to_string();
    assert!(
        error.contains(r#"record "a" of namespace "DEFAULT": member "resource_server" is missing"#),
        "{error}"
    );

    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    assert_eq!(storage.get_token_data("a").await.unwrap(), Some(token("a", 1)));
    assert!(storage.remove_token_data("b").await.unwrap());
    assert_eq!(storage.get_token_data_by_resource_server().await.unwrap().len(), 1);
}

/// As the Python SDK leaves it between two of its writes.
#[tokio::test]
async fn a_file_that_is_just_being_written_is_read_when_it_is_whole() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let whole = fs::read(storage.path()).unwrap();
    for cut in [0, 40] {
        fs::write(storage.path(), &whole[..cut]).unwrap();
        let (path, whole) = (storage.path().to_owned(), whole.clone());
        let python = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(60));
            fs::write(path, whole).unwrap();
        });
        assert_eq!(storage.get_token_data("a").await.unwrap(), Some(token("a", 1)));
        python.join().unwrap();
    }
}

/// Python programs that write one after the other.
#[tokio::test]
async fn a_file_is_waited_for_as_long_as_it_changes() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let whole = fs::read(storage.path()).unwrap();
    fs::write(storage.path(), "").unwrap();
    let path = storage.path().to_owned();
    let python = std::thread::spawn(move || {
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(30));
            fs::write(&path, "").unwrap();
        }
        fs::write(path, whole).unwrap();
    });
    assert_eq!(storage.get_token_data("a").await.unwrap(), Some(token("a", 1)));
    python.join().unwrap();
}

/// The Python SDK takes no lock.
#[tokio::test]
async fn what_others_write_without_the_lock_is_kept() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let mut locked = storage.lock().await.unwrap();
    let mut document = content(storage.path());
    document["data"]["DEFAULT"]["b"] = serde_json::to_value(token("b", 1)).unwrap();
    fs::write(storage.path(), document.to_string()).unwrap();
    locked.renew(token("a", 2));
    locked.commit().await.unwrap();
    let stored = storage.get_token_data_by_resource_server().await.unwrap();
    assert_eq!(stored.into_values().collect::<Vec<_>>(), [token("a", 2), token("b", 1)]);
}

#[tokio::test]
async fn nothing_is_made_by_reading_or_by_removing_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let storage = JsonTokenStorage::new(folder.path().join("new/tokens.json"));
    assert_eq!(storage.get_token_data("a").await.unwrap(), None);
    assert!(!storage.remove_token_data("a").await.unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn only_leftovers_of_this_file_are_removed() {
    let (folder, storage) = in_folder();
    let leftover = ".tokens.json.0123456789abcdef.tmp";
    let others = [".tokens.json.mine.tmp", ".other.json.0123456789abcdef.tmp", "tokens.json.bak"];
    for name in others.iter().chain([&leftover]) {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    assert!(!folder.path().join(leftover).exists());
    for name in others {
        assert!(folder.path().join(name).exists(), "{name}");
    }
}

#[tokio::test]
async fn waiting_for_a_lock_ends() {
    let (folder, storage) = in_folder();
    let _locked = storage.lock().await.unwrap();
    let lock = folder.path().join("tokens.json.lock");
    // In the same process, in order of arrival; and from another one, by the file.
    for waiting in [storage.clone(), JsonTokenStorage::new(storage.path())] {
        let waiting = waiting.with_lock_timeout(Duration::from_millis(50));
        let error = waiting.store_token_data(vec![token("a", 1)]).await.unwrap_err();
        assert_eq!(error.to_string(), format!("another process holds {} for more than 0 s", lock.display()));
    }
}

#[tokio::test]
async fn a_path_without_a_file_name_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let before = std::fs::metadata(&folder).unwrap().permissions();
    for path in ["".into(), "/".into(), folder.join(".."), folder.clone()] {
        let storage = JsonTokenStorage::new(&path);
        assert!(storage.store_token_data(vec![token("a", 1)]).await.is_err(), "{path:?}");
        assert!(path.as_os_str().is_empty() || storage.get_token_data("a").await.is_err(), "{path:?}");
    }
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions(), before);
    assert_eq!(std::fs::read_dir(outer.path()).unwrap().count(), 1, "nothing is left beside a directory");
    let error = globus_core::Error::from(JsonTokenStorage::new("").lock().await.unwrap_err());
    assert_eq!(error.kind(), globus_core::ErrorKind::Config);
    assert!(matches!(StorageError::from_error(&error), Some(StorageError::Path { .. })), "{error}");
}
