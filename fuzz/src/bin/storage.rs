//! Token files: what can be read survives a change, and what cannot stays as it is.
#![no_main]

use std::{cell::OnceCell, fs};

use globus_auth::storage::{JsonTokenStorage, TokenData, TokenStorage};
use globus_fuzz::block_on;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
}

fuzz_target!(|file: &[u8]| {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a folder"));
        let path = folder.path().join("tokens.json");
        fs::write(&path, file).expect("the file can be written");
        let storage = JsonTokenStorage::new(&path);
        let known = block_on(storage.get_token_data_by_resource_server());
        let added = TokenData::new("fuzz.example.org", "fuzz:all", "Ag", 1_900_000_000);
        let stored = block_on(storage.store_token_data(vec![added.clone()]));
        match known {
            Ok(mut known) => {
                if stored.is_ok() {
                    known.insert(added.resource_server.clone(), added);
                    let after = block_on(storage.get_token_data_by_resource_server());
                    assert_eq!(after.expect("what was written can be read"), known);
                }
            }
            Err(error) => {
                assert!(stored.is_err() && !error.to_string().contains('\n'));
                assert_eq!(fs::read(&path).expect("the file is there"), file);
            }
        }
    });
});
