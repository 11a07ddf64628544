//! Everything that can go wrong in this crate.

use std::io;
use std::path::{Path, PathBuf};

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or writing a file failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The file system is full; what had been written before is whole.
    #[error("no space left for {}", path.display())]
    NoSpace {
        /// The file that was being written.
        path: PathBuf,
    },
    /// The bytes are not an initialisation segment that this program writes.
    #[error("not a usable initialisation segment: {0}")]
    BadInit(&'static str),
    /// The bytes are not the boxes that this program writes.
    #[error("not a usable box: {0}")]
    BadBox(&'static str),
    /// The bytes are not an H.264 decoder configuration that this program can use.
    #[error("not a usable H.264 configuration: {0}")]
    BadAvcc(&'static str),
    /// There is no picture from which decoding could start.
    #[error("no keyframe in the requested range")]
    NoKeyframe,
    /// The requested range holds no picture.
    #[error("no picture between {start} and {end} (90 kHz ticks)")]
    EmptyRange {
        /// First tick asked for.
        start: i64,
        /// Tick after the last one asked for.
        end: i64,
    },
    /// The times of the packets are not ones a file can hold.
    #[error("packet times cannot be stored: {0}")]
    BadTimes(&'static str),
}

impl Error {
    /// For `map_err` on operations on `path`; tells a full file system from other errors.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_path_buf();
            if is_no_space(&source) { Self::NoSpace { path } } else { Self::Io { path, source } }
        }
    }
}

/// Whether a system error says that there is no room: full file system, quota or size limit.
pub fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}
