//! The SQLite database itself.

use std::{fs, path::Path, time::Duration};

use globus_auth::storage::{SqliteTokenStorage, StorageError, TokenStorage};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::fixture::token;

fn in_folder() -> (TempDir, SqliteTokenStorage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteTokenStorage::new(folder.path().join("tokens.db"));
    (folder, storage)
}

fn database(path: &Path, statements: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(statements).unwrap();
    connection
}

const LEGACY: &str = "
    CREATE TABLE config_storage (namespace VARCHAR NOT NULL, config_name VARCHAR NOT NULL,
        config_data_json VARCHAR NOT NULL, PRIMARY KEY (namespace, config_name));
    CREATE TABLE token_storage (namespace VARCHAR NOT NULL, resource_server VARCHAR NOT NULL,
        token_data_json VARCHAR NOT NULL, PRIMARY KEY (namespace, resource_server));
    CREATE TABLE sdk_storage_adapter_internal (attribute VARCHAR NOT NULL, value VARCHAR NOT NULL,
        PRIMARY KEY (attribute));
    INSERT INTO sdk_storage_adapter_internal VALUES
        ('globus-sdk.version', '3.9.0'), ('globus-sdk.database_schema_version', '1');
    INSERT INTO config_storage VALUES ('userprofile/production', 'auth_client_data', '{\"client_id\": \"c\"}');
    INSERT INTO token_storage VALUES ('userprofile/production', 'old',
        '{\"scope\": \"s\", \"access_token\": \"Ag\", \"refresh_token\": null, \"token_type\": \"Bearer\",
          \"expires_at_seconds\": 5, \"resource_server\": \"old\"}');
";

#[tokio::test]
async fn the_database_of_the_globus_command_is_read_and_kept() {
    let (_folder, storage) = in_folder();
    drop(database(storage.path(), LEGACY));
    let storage = storage.with_namespace("userprofile/production");
    let old = storage.get_token_data("old").await.unwrap().unwrap();
    assert_eq!((old.access_token.expose(), old.refresh_token), ("Ag", None));

    storage.store_token_data(vec![token("new", 1)]).await.unwrap();
    let connection = Connection::open(storage.path()).unwrap();
    let text = |query| connection.query_row(query, (), |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT config_data_json FROM config_storage"), r#"{"client_id": "c"}"#);
    assert_eq!(
        text("SELECT value FROM sdk_storage_adapter_internal WHERE attribute LIKE '%schema_version'"),
        "1"
    );
    assert_eq!(text("SELECT group_concat(resource_server) FROM token_storage"), "new,old");
}

#[tokio::test]
async fn a_new_database_has_schema_2() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let connection = Connection::open(storage.path()).unwrap();
    let mut query = connection.prepare("SELECT attribute, value FROM sdk_storage_adapter_internal").unwrap();
    let rows: Vec<(String, String)> =
        query.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let text = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        rows,
        [
            text("globus-sdk.version", env!("CARGO_PKG_VERSION")),
            text("globus-sdk.database_schema_version", "2"),
        ]
    );
    let mode: String = connection.query_row("PRAGMA journal_mode", (), |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
    assert_eq!(storage.namespaces().await.unwrap(), ["DEFAULT"]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, storage) = in_folder();
    let mode = || fs::metadata(storage.path()).unwrap().permissions().mode() & 0o777;
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(storage.path(), fs::Permissions::from_mode(0o644)).unwrap();
    storage.get_token_data("a").await.unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(storage.path(), fs::Permissions::from_mode(0o644)).unwrap();
    storage.store_token_data(vec![token("a", 2)]).await.unwrap();
    assert_eq!(mode(), 0o600);
}

/// A Python program that was stopped while it made the database.
#[tokio::test]
async fn an_empty_file_gets_its_tables() {
    let (_folder, storage) = in_folder();
    fs::write(storage.path(), "").unwrap();
    assert_eq!(storage.get_token_data("a").await.unwrap(), None);
    assert!(storage.namespaces().await.unwrap().is_empty());
    assert_eq!(fs::metadata(storage.path()).unwrap().len(), 0);
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    assert_eq!(storage.get_token_data("a").await.unwrap(), Some(token("a", 1)));
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named_and_stays() {
    type Make = fn(&Path);
    let cases: [(Make, &str); 5] = [
        (
            |path| fs::write(path, "tokens!").unwrap(),
            "PATH cannot be used as token storage: it is not an SQLite database",
        ),
        (
            |path| drop(database(path, "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)")),
            "PATH cannot be used as token storage: it is an SQLite database without a table \"token_storage\"",
        ),
        (
            |path| {
                let change =
                    "UPDATE sdk_storage_adapter_internal SET value = '3' WHERE attribute LIKE '%schema%'";
                drop(database(path, &format!("{LEGACY}; {change}")));
            },
            "PATH has format version 3, but only 1 and 2 are known",
        ),
        (
            |path| {
                let change = "UPDATE token_storage SET token_data_json = '{\"access_token\": \"SECRET', namespace = 'DEFAULT'";
                drop(database(path, &format!("{LEGACY}; {change}")));
            },
            "PATH cannot be used as token storage: record \"old\" of namespace \"DEFAULT\": EOF while parsing a \
             string at line 1 column 24",
        ),
        (
            |path| {
                let change = "UPDATE token_storage SET token_data_json = '\"SECRET\"', namespace = 'DEFAULT'";
                drop(database(path, &format!("{LEGACY}; {change}")));
            },
            "PATH cannot be used as token storage: record \"old\" of namespace \"DEFAULT\": the record is not an \
             object",
        ),
    ];
    for (make, problem) in cases {
        let (_folder, storage) = in_folder();
        make(storage.path());
        let before = fs::read(storage.path()).unwrap();
        let expected = problem.replace("PATH", &storage.path().display().to_string());
        for error in [
            storage.get_token_data("old").await.unwrap_err(),
            storage.get_token_data_by_resource_server().await.unwrap_err(),
            storage.lock().await.map(drop).unwrap_err(),
        ] {
            assert_eq!(error.to_string(), expected);
        }
        if !problem.contains("record") {
            let error = storage.store_token_data(vec![token("a", 1)]).await.unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert_eq!(storage.remove_token_data("a").await.unwrap_err().to_string(), expected);
        }
        assert_eq!(fs::read(storage.path()).unwrap(), before);
    }
}

#[tokio::test]
async fn a_broken_record_does_not_hide_others_and_can_be_replaced() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1), token("b", 1)]).await.unwrap();
    drop(database(
        storage.path(),
        "UPDATE token_storage SET token_data_json = '{}' WHERE resource_server = 'a'",
    ));
    assert!(storage.get_token_data("a").await.is_err());
    assert_eq!(storage.get_token_data("b").await.unwrap(), Some(token("b", 1)));
    storage.store_token_data(vec![token("a", 2)]).await.unwrap();
    assert_eq!(storage.get_token_data("a").await.unwrap(), Some(token("a", 2)));
}

#[tokio::test]
async fn memory_is_refused() {
    let storage = SqliteTokenStorage::new(":memory:");
    for error in [
        storage.get_token_data("a").await.unwrap_err(),
        storage.store_token_data(vec![token("a", 1)]).await.unwrap_err(),
        storage.remove_token_data("a").await.unwrap_err(),
        storage.lock().await.map(drop).unwrap_err(),
    ] {
        let expected = "\":memory:\" cannot be used as token storage: use MemoryTokenStorage";
        assert_eq!(error.to_string(), expected);
    }
    assert!(!Path::new(":memory:").exists());
}

/// On one thread: whoever waits for a Python program must not block others.
#[tokio::test(flavor = "current_thread")]
async fn waits_for_others_who_use_the_database_without_blocking() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let python = database(storage.path(), "BEGIN EXCLUSIVE");

    let impatient = storage.clone().with_lock_timeout(Duration::from_millis(50));
    let error = impatient.get_token_data("a").await.unwrap_err();
    assert!(matches!(error, StorageError::Locked { .. }), "{error}");
    let error = impatient.store_token_data(vec![token("a", 2)]).await.unwrap_err();
    assert!(matches!(error, StorageError::Locked { .. }), "{error}");

    let waiting = tokio::spawn({
        let storage = storage.clone();
        async move { storage.store_token_data(vec![token("b", 1)]).await }
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(!waiting.is_finished());
    python.execute_batch("COMMIT").unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(storage.get_token_data_by_resource_server().await.unwrap().len(), 2);
}

/// While a token is renewed, Python programs can use the database.
#[tokio::test]
async fn the_lock_is_not_one_of_the_database() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let mut locked = storage.lock().await.unwrap();
    let python = Connection::open(storage.path()).unwrap();
    python.busy_timeout(Duration::ZERO).unwrap();
    let record = serde_json::to_string(&token("b", 1)).unwrap();
    python.execute("REPLACE INTO token_storage VALUES ('DEFAULT', 'b', ?)", [record]).unwrap();
    locked.renew(token("a", 2));
    locked.commit().await.unwrap();
    let stored = storage.get_token_data_by_resource_server().await.unwrap();
    assert_eq!(stored.into_values().collect::<Vec<_>>(), [token("a", 2), token("b", 1)]);
}

#[tokio::test]
async fn a_journal_that_others_chose_stays() {
    let (_folder, storage) = in_folder();
    storage.store_token_data(vec![token("a", 1)]).await.unwrap();
    let python = database(storage.path(), "PRAGMA journal_mode = WAL");
    storage.store_token_data(vec![token("b", 1)]).await.unwrap();
    assert_eq!(storage.get_token_data_by_resource_server().await.unwrap().len(), 2);
    let mode: String = python.query_row("PRAGMA journal_mode", (), |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}
