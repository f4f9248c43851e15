//! The file under a storage: its lock, its permissions, and how it is replaced as a whole.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Once},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::{Instant, sleep, timeout},
};
use tracing::warn;

use super::{Result, StorageError};

/// Longer than any renewal of a token takes, so that only a holder that hangs makes others fail.
const LOCK_TIMEOUT: Duration = Duration::from_secs(120);

/// A file with tokens. Clones share the turn, so that the tasks of one process wait in order and off the file system.
#[derive(Debug, Clone)]
pub(super) struct TokenFile {
    path: PathBuf,
    lock_timeout: Duration,
    turn: Arc<Mutex<()>>,
    warned: Arc<Once>,
}

impl TokenFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, lock_timeout: LOCK_TIMEOUT, turn: Arc::default(), warned: Arc::new(Once::new()) }
    }

    pub(super) fn set_lock_timeout(&mut self, lock_timeout: Duration) {
        self.lock_timeout = lock_timeout;
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn lock_timeout(&self) -> Duration {
        self.lock_timeout
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file for reading and mends its permissions; `None` when it is not there.
    pub(super) fn open(&self) -> Result<Option<File>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StorageError::io("read", &self.path)(error)),
        };
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(self.not_a_file());
        }
        mend_permissions(&file, &self.path);
        Ok(Some(file))
    }

    fn not_a_file(&self) -> StorageError {
        StorageError::Path { problem: format!("\"{}\" is not the path of a file", self.path.display()) }
    }

    pub(super) fn read(&self) -> Result<Option<(Vec<u8>, Stamp)>> {
        let Some(mut file) = self.open()? else {
            return Ok(None);
        };
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(StorageError::io("read", &self.path))?;
        let metadata = file.metadata().map_err(StorageError::io("read", &self.path))?;
        Ok(Some((content, Stamp { length: metadata.len(), modified: metadata.modified().ok() })))
    }

    /// Waits until nobody else, in this process or another, holds the lock of the file.
    pub(super) async fn lock(&self) -> Result<Held> {
        let target = self.target()?;
        let lock_path = beside(&target, "", ".lock");
        let locked = || StorageError::Locked { path: lock_path.clone(), waited: self.lock_timeout };
        let begin = Instant::now();
        let turn =
            timeout(self.lock_timeout, Arc::clone(&self.turn).lock_owned()).await.map_err(|_| locked())?;

        let file = open_lock(&lock_path).map_err(StorageError::io("lock", &lock_path))?;
        // By trying again, because a thread that waits in the system could be the one that the holder's task needs,
        // and could not be cancelled.
        loop {
            match file.try_lock() {
                Ok(()) => {
                    hand_over(&file, &target);
                    return Ok(Held { target, lock: Some(file), _turn: turn });
                }
                Err(TryLockError::Error(error)) if has_no_locks(&error) => {
                    self.warned.call_once(|| {
                        warn!(
                            path = %lock_path.display(), %error,
                            "the file system has no locks: other processes may renew the same tokens"
                        );
                    });
                    return Ok(Held { target, lock: None, _turn: turn });
                }
                Err(TryLockError::Error(error)) => return Err(StorageError::io("lock", &lock_path)(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = begin.elapsed();
            if waited >= self.lock_timeout {
                return Err(locked());
            }
            sleep(pause(waited)).await;
        }
    }

    /// Gives the file that is meant, which a symbolic link at the path may name, and makes sure of its folder.
    fn target(&self) -> Result<PathBuf> {
        match fs::canonicalize(&self.path) {
            // Nothing must be made beside a directory, nor its permissions touched.
            Ok(target) if target.is_dir() => return Err(self.not_a_file()),
            Ok(target) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StorageError::io("write", &self.path)(error)),
        }
        if self.path.file_name().is_none() {
            return Err(self.not_a_file());
        }
        create_folder(folder_of(&self.path)).map_err(StorageError::io("create the folder of", &self.path))?;
        Ok(self.path.clone())
    }
}

/// Is another one whenever a file has been written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

/// Gives how long to wait before the next try: short at first, and by chance, so that those who wait do not march in
/// step.
fn pause(waited: Duration) -> Duration {
    let longest = (waited / 8).clamp(Duration::from_millis(2), Duration::from_millis(50));
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// Holds the lock of a file, until it is dropped.
pub(super) struct Held {
    target: PathBuf,
    /// `None` where the file system has no locks.
    lock: Option<File>,
    // After the lock, so that it is given up after it.
    _turn: OwnedMutexGuard<()>,
}

impl Held {
    /// Gives the path of the file itself, without symbolic links.
    #[cfg(feature = "sqlite")]
    pub(super) fn path(&self) -> &Path {
        &self.target
    }

    /// Replaces the file as a whole: after a crash, there is either the old content or the new.
    pub(super) fn replace(&self, content: &[u8]) -> Result<()> {
        // With the lock, what others left behind is nobody's any more.
        if self.lock.is_some() {
            self.remove_leftovers();
        }
        self.try_replace(content).map_err(StorageError::io("write", &self.target))
    }

    fn try_replace(&self, content: &[u8]) -> io::Result<()> {
        let path = beside(&self.target, ".", &format!(".{:016x}.tmp", fastrand::u64(..)));
        let mut temporary = Temporary { file: create_private(&path)?, path, renamed: false };
        hand_over(&temporary.file, &self.target);
        temporary.file.write_all(content)?;
        temporary.file.sync_all()?;
        fs::rename(&temporary.path, &self.target)?;
        temporary.renamed = true;
        sync_folder(folder_of(&self.target));
        Ok(())
    }

    fn remove_leftovers(&self) {
        let prefix = beside(&self.target, ".", ".");
        let Some(prefix) = prefix.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return;
        };
        for entry in fs::read_dir(folder_of(&self.target)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let random = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".tmp"));
            if random
                .is_some_and(|random| random.len() == 16 && random.bytes().all(|b| b.is_ascii_hexdigit()))
            {
                // One that cannot be removed does no harm to the write.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing it does the same, but on Windows only some time later.
        if let Some(lock) = &self.lock {
            let _ = lock.unlock();
        }
    }
}

/// A file that goes away unless it is renamed.
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Gives the path of a file in the same folder, with something before and after the name.
fn beside(path: &Path, before: &str, after: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(before);
    name.push(path.file_name().unwrap_or_default());
    name.push(after);
    path.with_file_name(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// True for what a file system says that has no locks at all: Lustre mounted without `flock`, NFS without a lock
/// service, some user-space file systems.
fn has_no_locks(error: &io::Error) -> bool {
    const ENOLCK: i32 = if cfg!(target_os = "linux") { 37 } else { 77 };
    error.kind() == io::ErrorKind::Unsupported || cfg!(unix) && error.raw_os_error() == Some(ENOLCK)
}

#[cfg(unix)]
mod system {
    use std::{
        fs::{DirBuilder, File, Metadata, OpenOptions, Permissions},
        io,
        os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
        path::Path,
    };

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    /// What the group and all others may do.
    const OTHERS: u32 = 0o077;

    /// Takes from everybody but the owner what they may do with the file.
    pub(super) fn mend_permissions(file: &File, path: &Path) {
        let Ok(metadata) = file.metadata() else {
            return;
        };
        let mode = metadata.permissions().mode();
        if !metadata.is_file() || mode & OTHERS == 0 {
            return;
        }
        match file.set_permissions(Permissions::from_mode(mode & 0o600)) {
            Ok(()) => tracing::info!(path = %path.display(), "took the token file from other users' eyes"),
            Err(error) => tracing::warn!(
                path = %path.display(), %error,
                "other users can read the token file, and its permissions cannot be changed"
            ),
        }
    }

    /// Gives a new file to the owner of the one that it stands for: the superuser may work on somebody else's, who
    /// must be able to go on with it.
    pub(super) fn hand_over(file: &File, stands_for: &Path) {
        let owner = |metadata: Metadata| (metadata.uid(), metadata.gid());
        if let (Ok(old), Ok(new)) = (stands_for.metadata().map(owner), file.metadata().map(owner))
            && old != new
        {
            // Nobody else may; then the file is the writer's, as with any other program.
            let _ = fchown(file, Some(old.0), Some(old.1));
        }
    }

    /// Makes sure that a rename is on disk. Some file systems cannot say; the file is whole all the same.
    pub(super) fn sync_folder(folder: &Path) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

#[cfg(not(unix))]
mod system {
    use std::{
        fs::{self, File, OpenOptions},
        io,
        path::Path,
    };

    /// The user's own folder gives the permissions.
    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    pub(super) fn mend_permissions(_: &File, _: &Path) {}

    pub(super) fn hand_over(_: &File, _: &Path) {}

    pub(super) fn sync_folder(_: &Path) {}
}

use system::{create_folder, hand_over, mend_permissions, private, sync_folder};

fn create_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

fn open_lock(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_file_systems_without_locks() {
        assert!(has_no_locks(&io::Error::from(io::ErrorKind::Unsupported)));
        assert!(!has_no_locks(&io::Error::from(io::ErrorKind::PermissionDenied)));
        #[cfg(target_os = "linux")]
        for (number, expected) in [(37, true), (38, true), (95, true), (13, false), (5, false)] {
            assert_eq!(has_no_locks(&io::Error::from_raw_os_error(number)), expected, "errno {number}");
        }
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        for (waited, shortest, longest) in [(0, 1, 2), (80, 5, 10), (60_000, 25, 50)] {
            let pause = pause(Duration::from_millis(waited));
            let range = Duration::from_millis(shortest)..=Duration::from_millis(longest);
            assert!(range.contains(&pause), "{waited}: {pause:?}");
        }
    }

    #[test]
    fn neighbours_are_in_the_same_folder() {
        assert_eq!(beside(Path::new("/a/tokens.json"), ".", ".tmp"), Path::new("/a/.tokens.json.tmp"));
        assert_eq!(beside(Path::new("tokens.json"), "", ".lock"), Path::new("tokens.json.lock"));
        assert_eq!(folder_of(Path::new("tokens.json")), Path::new("."));
    }
}
