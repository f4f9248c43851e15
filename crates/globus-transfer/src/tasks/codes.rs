//! Words of tasks.

use globus_core::open_enum;

open_enum! {
    /// Says how far a task is.
    pub enum TaskStatus {
        /// It runs, waits for its turn, or tries again after errors.
        Active = "ACTIVE",
        /// It has stopped until the user does something: consents, logs in again.
        Inactive = "INACTIVE",
        /// It has ended well. Files may still have been skipped, if it was told to skip errors.
        Succeeded = "SUCCEEDED",
        /// It has ended badly, was cancelled, or met its deadline.
        Failed = "FAILED",
    }
}

impl TaskStatus {
    /// Tells whether the task has ended, well or badly. A word from the future counts as not ended.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

open_enum! {
    /// Says what a task does.
    pub enum TaskType {
        /// Copies.
        Transfer = "TRANSFER",
        /// Deletes.
        Delete = "DELETE",
    }
}

open_enum! {
    /// Says what happened to a task: the code of an event, of a fatal error, or of the state that a running task is in.
    pub enum TaskCode {
        /// All is well.
        Ok = "OK",
        /// It waits for its turn.
        Queued = "Queued",
        /// It began.
        Started = "STARTED",
        /// It got on.
        Progress = "PROGRESS",
        /// It ended well.
        Succeeded = "SUCCEEDED",
        /// It was cancelled.
        Canceled = "CANCELED",
        /// It met its deadline.
        Expired = "EXPIRED",
        /// It was paused.
        Paused = "PAUSED",
        /// It was paused by an administrator.
        PausedByAdmin = "PAUSED_BY_ADMIN",
        /// It goes on after a pause.
        Unpaused = "UNPAUSED",
        /// Files were left out because of errors.
        SkippedErrors = "SKIPPED_ERRORS",
        /// Nothing was deleted at the destination, because files of the source were left out.
        DeleteDestinationExtraSkipped = "DELETE_DESTINATION_EXTRA_SKIPPED",
        /// Permissions of the collection changed.
        AclChanged = "ACL_CHANGED",
        /// A path means more than one thing.
        AmbiguousPath = "AMBIGUOUS_PATH",
        /// A login failed.
        Auth = "AUTH",
        /// A clock is wrong.
        Clock = "CLOCK",
        /// No connection could be made.
        ConnectFailed = "CONNECT_FAILED",
        /// A connection broke.
        ConnectionBroken = "CONNECTION_BROKEN",
        /// A connection was reset.
        ConnectionReset = "CONNECTION_RESET",
        /// The collection's server failed.
        EndpointError = "ENDPOINT_ERROR",
        /// The collection's server has too much to do.
        EndpointTooBusy = "ENDPOINT_TOO_BUSY",
        /// A file does not have the checksum that was given for it.
        ExternalChecksumMismatch = "EXTERNAL_CHECKSUM_MISMATCH",
        /// A file could not be read or written.
        FileAccess = "FILE_ACCESS",
        /// There is no such file.
        FileNotFound = "FILE_NOT_FOUND",
        /// A file changed while it was copied.
        FileSizeChanged = "FILE_SIZE_CHANGED",
        /// Globus Connect Personal is not connected.
        GcNotConnected = "GC_NOT_CONNECTED",
        /// Globus Connect Personal is paused.
        GcPaused = "GC_PAUSED",
        /// A server is not the one that was expected.
        GsiDnMismatch = "GSI_DN_MISMATCH",
        /// The service failed.
        InternalError = "INTERNAL_ERROR",
        /// The storage has no such name for a file.
        InvalidPathName = "INVALID_PATH_NAME",
        /// The collection's credential for its storage is not valid.
        InvalidServiceCredential = "INVALID_SERVICE_CREDENTIAL",
        /// A symbolic link leads nowhere.
        InvalidSymlink = "INVALID_SYMLINK",
        /// There is a directory where a file should be.
        IsADirectory = "IS_A_DIRECTORY",
        /// There is a file where a directory should be.
        IsAFile = "IS_A_FILE",
        /// A limit was exceeded.
        LimitExceeded = "LIMIT_EXCEEDED",
        /// An upload in parts was lost.
        MpuNotFound = "MPU_NOT_FOUND",
        /// The storage cannot append to files.
        NoAppendFilesystem = "NO_APPEND_FILESYSTEM",
        /// There is no credential for the collection.
        NoCredentials = "NO_CREDENTIALS",
        /// The collection has no servers.
        NoPhysicals = "NO_PHYSICALS",
        /// The storage is full.
        NoSpaceLeft = "NO_SPACE_LEFT",
        /// Something is no directory.
        NotADirectory = "NOT_A_DIRECTORY",
        /// Something is no file.
        NotAFile = "NOT_A_FILE",
        /// Something is no symbolic link.
        NotASymlink = "NOT_A_SYMLINK",
        /// Access was denied.
        PermissionDenied = "PERMISSION_DENIED",
        /// A quota was exceeded.
        QuotaExceeded = "QUOTA_EXCEEDED",
        /// Time ran out.
        Timeout = "TIMEOUT",
        /// The service does not know.
        UnknownCause = "UNKNOWN",
        /// The checksums of a file and its copy differ.
        VerifyChecksum = "VERIFY_CHECKSUM",
        /// Legacy: it ended abnormally.
        Abend = "ABEND",
    }
}

open_enum! {
    /// Says on whose side an administrator cancelled a task.
    pub enum AdminSide {
        /// The source's.
        Source = "SOURCE",
        /// The destination's.
        Destination = "DESTINATION",
        /// Both.
        Both = "BOTH",
    }
}

open_enum! {
    /// Says why the local account of a task is or is not told.
    pub enum LocalUserStatus {
        /// It is told.
        Ok = "OK",
        /// The caller may not know it.
        NoPermission = "NO_PERMISSION",
        /// It is not known yet.
        NotScanned = "NOT_SCANNED",
        /// The collection's server failed.
        EndpointError = "ENDPOINT_ERROR",
        /// There is no collection on that side.
        NoEndpoint = "NO_ENDPOINT",
    }
}
