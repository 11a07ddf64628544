//! Everything that can go wrong in this crate.

use std::ffi::{CStr, c_char, c_int};
use std::io;
use std::path::{Path, PathBuf};

use ffmpeg_sys_next as ffi;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field of a configuration cannot be used.
    #[error("{field}: {reason}")]
    InvalidConfig {
        /// Name of the field in [`crate::VideoConfig`].
        field: &'static str,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// No such encoder, or it did not encode a frame on this machine.
    #[error("encoder {name} does not work here: {reason}")]
    EncoderUnavailable {
        /// Name of the encoder.
        name: String,
        /// What happened when it was tried.
        reason: String,
    },
    /// A picture does not have the size that was agreed on.
    #[error("picture is {got_width}x{got_height}, expected {width}x{height}")]
    WrongSize {
        /// Expected width in pixels.
        width: u32,
        /// Expected height in pixels.
        height: u32,
        /// Width in pixels of what was given.
        got_width: u32,
        /// Height in pixels of what was given.
        got_height: u32,
    },
    /// A call into FFmpeg's libraries failed.
    #[error("{call}: {message} ({code})")]
    Ffmpeg {
        /// The function that failed.
        call: &'static str,
        /// Its error code, negative.
        code: i32,
        /// FFmpeg's text for the code.
        message: String,
    },
    /// The muxer or a stream did something that this crate relies on it not to do.
    #[error("unexpected stream: {0}")]
    UnexpectedStream(String),
    /// The cancel flag was set.
    #[error("cancelled")]
    Cancelled,
    /// The target's file system is full.
    #[error("no space left for {}", path.display())]
    NoSpace {
        /// The file that was being written.
        path: PathBuf,
    },
    /// The target exists; it was left as it is.
    #[error("{} exists already", path.display())]
    TargetExists {
        /// The file that exists.
        path: PathBuf,
    },
    /// Reading or writing a file failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The segments cannot be cut or read as asked.
    #[error(transparent)]
    Media(#[from] clipshot_media::Error),
}

impl Error {
    /// For `map_err` on operations on `path`; tells a full file system from other errors.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_path_buf();
            if clipshot_media::is_no_space(&source) { Self::NoSpace { path } } else { Self::Io { path, source } }
        }
    }
}

/// The result of a call into FFmpeg, which is negative where it failed.
pub(crate) fn check(call: &'static str, result: c_int) -> Result<c_int> {
    if result < 0 { Err(failure(call, result)) } else { Ok(result) }
}

/// What FFmpeg's error code means.
pub(crate) fn failure(call: &'static str, code: c_int) -> Error {
    let mut text = [0 as c_char; 128];
    // SAFETY: the buffer is as long as said, and av_strerror always ends it with a zero.
    let message = unsafe {
        ffi::av_strerror(code, text.as_mut_ptr(), text.len());
        CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
    };
    Error::Ffmpeg { call, code, message }
}

/// The error of an allocation that failed.
pub(crate) fn out_of_memory(call: &'static str) -> Error {
    failure(call, ffi::AVERROR(ffi::ENOMEM))
}
