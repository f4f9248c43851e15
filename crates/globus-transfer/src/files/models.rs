//! Documents of listings and file operations.

use globus_core::{CollectionId, Timestamp, document, open_enum};
use serde::Serialize;

use crate::document::{FileDocumentType, FileListType, extra_accessors, or_default};

document! {
    /// Holds a listing of a directory.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct FileList {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: FileListType,
        /// What is in the directory, or as much of it as was asked for.
        #[serde(rename = "DATA", default, deserialize_with = "or_default")]
        pub data: Vec<FileEntry>,
        /// The collection.
        pub endpoint: Option<CollectionId>,
        /// The directory as it was asked for, with a `/` at the end.
        pub path: Option<String>,
        /// The directory with `~` resolved; `None` when the collection does not say.
        pub absolute_path: Option<String>,
        /// Whether files can be renamed there.
        pub rename_supported: Option<bool>,
        /// Whether symbolic links can be made there.
        pub symlink_supported: Option<bool>,
        /// How many entries came.
        pub length: Option<u64>,
        /// How many entries there are.
        pub total: Option<u64>,
    }
}

document! {
    /// Describes one file, directory or other entry of a filesystem.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct FileEntry {
        #[serde(rename = "DATA_TYPE", default)]
        data_type: FileDocumentType,
        /// The name, without the path.
        pub name: String,
        /// What it is. A symbolic link has the type of its target.
        #[serde(rename = "type")]
        pub file_type: FileType,
        /// The size in bytes; of a directory, the filesystem's own number.
        pub size: Option<u64>,
        /// When the content changed last; `None` when the storage does not know, or gives what is no time.
        #[serde(default, deserialize_with = "globus_core::time::lenient")]
        pub last_modified: Option<Timestamp>,
        /// The permissions in octal, four digits, e.g. `0755`.
        pub permissions: Option<String>,
        /// The owner.
        pub user: Option<String>,
        /// The group.
        pub group: Option<String>,
        /// Where the symbolic link leads to; `None` when it is none.
        pub link_target: Option<String>,
        /// The size of the symbolic link itself, in bytes.
        pub link_size: Option<u64>,
        /// The owner of the symbolic link itself.
        pub link_user: Option<String>,
        /// The group of the symbolic link itself.
        pub link_group: Option<String>,
        /// When the symbolic link itself changed last.
        #[serde(default, deserialize_with = "globus_core::time::lenient")]
        pub link_last_modified: Option<Timestamp>,
    }
}

impl FileEntry {
    /// Tells whether it is a directory, or a symbolic link to one.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.file_type == FileType::Dir
    }

    /// Tells whether it is a symbolic link, broken or not.
    #[must_use]
    pub fn is_symlink(&self) -> bool {
        self.link_target.is_some() || self.file_type == FileType::InvalidSymlink
    }
}

open_enum! {
    /// Says what an entry of a filesystem is.
    pub enum FileType {
        /// A file.
        File = "file",
        /// A directory.
        Dir = "dir",
        /// A symbolic link that leads nowhere.
        InvalidSymlink = "invalid_symlink",
        /// A character device.
        Chr = "chr",
        /// A block device.
        Blk = "blk",
        /// A pipe.
        Pipe = "pipe",
        /// Anything else.
        Other = "other",
    }
}

document! {
    /// Says how an operation went that has no other answer.
    #[derive(Debug, Clone, Serialize)]
    #[non_exhaustive]
    pub struct OperationResult {
        /// The type of the document, e.g. `mkdir_result`.
        #[serde(rename = "DATA_TYPE")]
        pub data_type: Option<String>,
        /// What was done.
        pub code: Option<ResultCode>,
        /// The same as a sentence, for people.
        pub message: Option<String>,
        /// The service's id of the request, for its support.
        pub request_id: Option<String>,
        /// The path of the request.
        pub resource: Option<String>,
    }
}

open_enum! {
    /// Says what an operation did.
    pub enum ResultCode {
        /// The thing was made.
        Created = "Created",
        /// The thing was changed.
        Updated = "Updated",
        /// The thing was deleted.
        Deleted = "Deleted",
        /// The directory was made.
        DirectoryCreated = "DirectoryCreated",
        /// The file or directory was renamed.
        FileRenamed = "FileRenamed",
        /// The symbolic link was made.
        SymlinkCreated = "SymlinkCreated",
        /// The task was cancelled.
        Canceled = "Canceled",
        /// The task will be cancelled, but has not stopped yet.
        CancelAccepted = "CancelAccepted",
        /// The task had ended before it could be cancelled.
        TaskComplete = "TaskComplete",
        /// The tasks will be paused.
        PauseAccepted = "PauseAccepted",
        /// The tasks will be resumed.
        ResumeAccepted = "ResumeAccepted",
        /// The endpoint was deactivated (legacy).
        Deactivated = "Deactivated",
    }
}

extra_accessors!(FileList, OperationResult, FileEntry);
