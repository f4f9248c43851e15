//! Whole directories over HTTPS.

use std::{
    collections::VecDeque,
    fs,
    path::{Component, Path, PathBuf},
    pin::pin,
};

use futures_util::{StreamExt as _, stream};
use globus_core::{Error, Result, RetryPolicy};

use super::{CollectionFiles, local};
use crate::files::{WalkItem, path::below};

/// How many files are under way at a time.
const FILES: usize = 4;

impl CollectionFiles {
    /// Downloads a directory with all that is below it.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// let report = files.download_tree("/runs/7/", "data/7").send().await?;
    /// println!("{} files, {} failed", report.files, report.failed.len());
    /// # Ok(()) }
    /// ```
    ///
    /// The directory is [walked](crate::TransferClient::walk) with the client that this was made from. A file that
    /// cannot be downloaded stops nothing else. Symbolic links to directories are left out.
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope); and
    /// [`ALL`](globus_core::scope::transfer::ALL) for the walk.
    ///
    /// # Errors
    /// Those of [`operation_ls`](crate::TransferClient::operation_ls) when the directory itself cannot be listed. What
    /// happens to one file is told in [`TreeReport::failed`].
    pub fn download_tree(&self, path: impl Into<String>, local: impl Into<PathBuf>) -> DownloadTree {
        DownloadTree { files: self.clone(), path: path.into(), local: local.into(), at_a_time: FILES }
    }

    /// Uploads a directory with all that is below it.
    ///
    /// ```no_run
    /// # async fn example(files: globus_transfer::https::CollectionFiles) -> globus_transfer::Result<()> {
    /// let report = files.upload_tree("data/7", "/runs/7/").send().await?;
    /// println!("{} files, {} failed", report.files, report.failed.len());
    /// # Ok(()) }
    /// ```
    ///
    /// Directories are made with the client that this was made from. A file that cannot be uploaded stops nothing else.
    /// Symbolic links are left out.
    ///
    /// Scope: that of the collection, [`Endpoint::https_scope`](crate::Endpoint::https_scope); and
    /// [`ALL`](globus_core::scope::transfer::ALL) for the directories.
    ///
    /// # Errors
    /// Those of [`operation_mkdir`](crate::TransferClient::operation_mkdir) when the directory itself cannot be made. What
    /// happens to one file is told in [`TreeReport::failed`].
    pub fn upload_tree(&self, local: impl Into<PathBuf>, path: impl Into<String>) -> UploadTree {
        UploadTree { files: self.clone(), local: local.into(), path: path.into(), at_a_time: FILES }
    }
}

/// Is a download of a directory, made by [`CollectionFiles::download_tree`]: set what is optional, then send it.
#[derive(Debug, Clone)]
#[must_use = "a download does nothing until it is sent"]
pub struct DownloadTree {
    files: CollectionFiles,
    path: String,
    local: PathBuf,
    at_a_time: usize,
}

/// Is an upload of a directory, made by [`CollectionFiles::upload_tree`]: set what is optional, then send it.
#[derive(Debug, Clone)]
#[must_use = "an upload does nothing until it is sent"]
pub struct UploadTree {
    files: CollectionFiles,
    local: PathBuf,
    path: String,
    at_a_time: usize,
}

/// Tells what became of the files of a directory.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TreeReport {
    /// How many files arrived.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// What did not arrive, and why.
    pub failed: Vec<TreeFailure>,
}

/// Names what did not arrive, and says why.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TreeFailure {
    /// The path, where it was to come from.
    pub path: String,
    /// Why.
    pub error: Error,
}

impl TreeReport {
    fn add(&mut self, path: String, result: Result<u64>) {
        match result {
            Ok(bytes) => {
                self.files += 1;
                self.bytes += bytes;
            }
            Err(error) => self.failed.push(TreeFailure { path, error }),
        }
    }
}

impl DownloadTree {
    /// Downloads this many files at a time. Default: 4. Zero counts as one.
    pub fn files_at_a_time(mut self, files: usize) -> Self {
        self.at_a_time = files.max(1);
        self
    }

    /// Downloads.
    ///
    /// # Errors
    /// When the local directory cannot be made. All else is told of the file that it happened to.
    pub async fn send(self) -> Result<TreeReport> {
        let Self { files, path, local: root, at_a_time } = self;
        fs::create_dir_all(&root).map_err(|error| local("make", &root, error))?;
        let walk = files.transfer.walk(files.collection, path.clone()).start();
        let (files, path, root) = (&files, &path, &root);
        let mut arrivals = pin!(
            walk.map(|item| async move {
                match item {
                    WalkItem::Failed(failed) => Some((failed.path, Err(failed.error))),
                    WalkItem::Entry(found) if found.entry.is_dir() => {
                        let made = place(root, path, &found.path).and_then(|place| {
                            fs::create_dir_all(&place).map_err(|error| local("make", &place, error))
                        });
                        made.err().map(|error| (found.path, Err(error)))
                    }
                    WalkItem::Entry(found) if found.entry.file_type == crate::FileType::File => {
                        let result = match place(root, path, &found.path) {
                            Ok(place) => files.download(&found.path, place).parts(1).send().await,
                            Err(error) => Err(error),
                        };
                        Some((found.path, result.map(|done| done.bytes)))
                    }
                    WalkItem::Entry(found) => {
                        let message = format!("is no file, but {}", found.entry.file_type);
                        Some((found.path, Err(Error::invalid_input(message))))
                    }
                }
            })
            .buffer_unordered(at_a_time)
        );
        let mut report = TreeReport::default();
        while let Some(arrived) = arrivals.next().await {
            if let Some((path, result)) = arrived {
                report.add(path, result);
            }
        }
        Ok(report)
    }
}

/// Where something below a directory of the collection goes on this machine. A name that would lead elsewhere is refused.
fn place(root: &Path, directory: &str, path: &str) -> Result<PathBuf> {
    let below = path.strip_prefix(directory).map(|below| below.trim_start_matches('/'));
    let refused = || Error::invalid_input(format!("{path:?} cannot be a file below {}", root.display()));
    let below = below.filter(|below| !below.is_empty()).ok_or_else(refused)?;
    let mut place = root.to_owned();
    for name in below.split('/') {
        let mut components = Path::new(name).components();
        match (components.next(), components.next()) {
            // On some systems a name has more in it than one.
            (Some(Component::Normal(only)), None) if only == name => place.push(name),
            _ => return Err(refused()),
        }
    }
    Ok(place)
}

impl UploadTree {
    /// Uploads this many files at a time. Default: 4. Zero counts as one.
    pub fn files_at_a_time(mut self, files: usize) -> Self {
        self.at_a_time = files.max(1);
        self
    }

    /// Uploads.
    ///
    /// # Errors
    /// When the directory cannot be read, or that on the collection cannot be made. All else is told of the file that it
    /// happened to.
    pub async fn send(self) -> Result<TreeReport> {
        let Self { files, local: root, path, at_a_time } = self;
        fs::read_dir(&root).map_err(|error| local("read", &root, error))?;
        files.transfer.mkdir_all(files.collection, &path).await?;
        let mut report = TreeReport::default();
        let mut directories = VecDeque::from([(root, path)]);
        while let Some((directory, remote)) = directories.pop_front() {
            let mut found = Vec::new();
            match list(&directory, &remote, &mut report) {
                Ok(entries) => found = entries,
                Err(error) => report.add(directory.display().to_string(), Err(error)),
            }
            let mut uploads = Vec::new();
            for (place, remote, is_directory) in found {
                if !is_directory {
                    uploads.push((place, remote));
                    continue;
                }
                let made = files.transfer.operation_mkdir(files.collection, &remote);
                match made.with_retry(RetryPolicy::permissive()).send().await {
                    Err(error) if !error.is_code("ExternalError.MkdirFailed.Exists") => {
                        report.add(place.display().to_string(), Err(error));
                    }
                    _ => directories.push_back((place, remote)),
                }
            }
            let files = &files;
            let uploads = uploads.into_iter().map(|(place, remote)| async move {
                let name = place.display().to_string();
                (name, files.upload(place, remote).send().await)
            });
            let mut uploads = pin!(stream::iter(uploads).buffer_unordered(at_a_time));
            while let Some((name, result)) = uploads.next().await {
                report.add(name, result);
            }
        }
        Ok(report)
    }
}

/// Lists files and directories: where each is, where it goes, and whether it is a directory.
fn list(directory: &Path, remote: &str, report: &mut TreeReport) -> Result<Vec<(PathBuf, String, bool)>> {
    let unreadable = |error| local("read", directory, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_symlink() {
            continue;
        }
        let place = entry.path();
        match entry.file_name().to_str() {
            Some(name) if kind.is_dir() || kind.is_file() => {
                found.push((place, below(remote, name), kind.is_dir()));
            }
            Some(_) => report.add(place.display().to_string(), Err(Error::invalid_input("is no file"))),
            None => {
                report.add(place.display().to_string(), Err(Error::invalid_input("the name is no UTF-8")));
            }
        }
    }
    found.sort();
    Ok(found)
}
