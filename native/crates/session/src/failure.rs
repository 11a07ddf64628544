//! What can go wrong, in the form that callers see: the one place where errors of the other crates become reasons.

use std::fmt;
use std::io;

use clipshot_media::is_no_space;

/// Result of this crate.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Machine-readable reasons; part of the Python face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No display, or one that cannot be reached.
    DisplayUnavailable,
    /// There is no source of this id.
    SourceNotFound,
    /// The source went away.
    SourceLost,
    /// There is no sound server.
    AudioUnavailable,
    /// The capture backend does not work here.
    BackendUnavailable,
    /// The encoder does not work here.
    EncoderUnavailable,
    /// A value that cannot be used; [`Failure::field`] names it.
    InvalidConfig,
    /// The file system is full.
    NoSpace,
    /// There is no picture yet.
    RingEmpty,
    /// The session does not buffer.
    RingOff,
    /// The session does not record.
    NotRecording,
    /// The session records already.
    AlreadyRecording,
    /// The file or the ring is there already.
    AlreadyExists,
    /// Nothing in the file or folder can be read.
    BrokenFile,
    /// The caller cancelled it.
    Cancelled,
    /// What the call is about has ended.
    Closed,
    /// Another error of the file system.
    Io,
    /// A bug, or an error of FFmpeg that nobody expects.
    Internal,
}

impl Reason {
    /// The name callers see.
    pub fn name(self) -> &'static str {
        match self {
            Self::DisplayUnavailable => "DISPLAY_UNAVAILABLE",
            Self::SourceNotFound => "SOURCE_NOT_FOUND",
            Self::SourceLost => "SOURCE_LOST",
            Self::AudioUnavailable => "AUDIO_UNAVAILABLE",
            Self::BackendUnavailable => "BACKEND_UNAVAILABLE",
            Self::EncoderUnavailable => "ENCODER_UNAVAILABLE",
            Self::InvalidConfig => "INVALID_CONFIG",
            Self::NoSpace => "NO_SPACE",
            Self::RingEmpty => "RING_EMPTY",
            Self::RingOff => "RING_OFF",
            Self::NotRecording => "NOT_RECORDING",
            Self::AlreadyRecording => "ALREADY_RECORDING",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::BrokenFile => "BROKEN_FILE",
            Self::Cancelled => "CANCELLED",
            Self::Closed => "CLOSED",
            Self::Io => "IO",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A failed call. It can be kept and given out more than once.
#[derive(Clone, Debug)]
pub struct Failure {
    /// For programs.
    pub reason: Reason,
    /// For people.
    pub message: String,
    /// The configuration field that [`Reason::InvalidConfig`] is about, else empty.
    pub field: String,
}

impl Failure {
    /// A failure that is about no configuration field.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), field: String::new() }
    }

    /// A value of the caller that cannot be used.
    pub fn invalid(field: &str, message: impl fmt::Display) -> Self {
        Self { reason: Reason::InvalidConfig, message: format!("{field}: {message}"), field: field.into() }
    }

    /// The session is over.
    pub fn closed() -> Self {
        Self::new(Reason::Closed, "the session has ended")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(reason_of(&error), error.to_string())
    }
}

fn reason_of(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => Reason::AlreadyExists,
        _ if is_no_space(error) => Reason::NoSpace,
        _ => Reason::Io,
    }
}

impl From<clipshot_capture::Error> for Failure {
    fn from(error: clipshot_capture::Error) -> Self {
        use clipshot_capture::Error;
        let reason = match &error {
            Error::BackendUnavailable { .. } => Reason::BackendUnavailable,
            Error::DisplayUnavailable { .. } => Reason::DisplayUnavailable,
            Error::SourceNotFound { .. } => Reason::SourceNotFound,
            Error::SoundUnavailable { .. } => Reason::AudioUnavailable,
            Error::SourceLost { .. } => Reason::SourceLost,
            _ => Reason::Internal,
        };
        Self::new(reason, error.to_string())
    }
}

impl From<clipshot_media::Error> for Failure {
    fn from(error: clipshot_media::Error) -> Self {
        use clipshot_media::Error;
        let reason = match &error {
            Error::Io { source, .. } => reason_of(source),
            Error::NoSpace { .. } => Reason::NoSpace,
            Error::BadInit(_) | Error::BadBox(_) | Error::BadAvcc(_) | Error::NoKeyframe | Error::BadTimes(_) => {
                Reason::BrokenFile
            }
            Error::EmptyRange { .. } => Reason::RingEmpty,
            _ => Reason::Internal,
        };
        Self::new(reason, error.to_string())
    }
}

impl From<clipshot_ffmpeg::Error> for Failure {
    fn from(error: clipshot_ffmpeg::Error) -> Self {
        use clipshot_ffmpeg::Error;
        let message = error.to_string();
        match error {
            Error::InvalidConfig { field: "bitrate", reason } => Self::invalid("bitrate_kbps", reason),
            Error::InvalidConfig { field: "max_bitrate", reason } => Self::invalid("max_bitrate_kbps", reason),
            Error::InvalidConfig { field, reason } => Self::invalid(field, reason),
            Error::EncoderUnavailable { .. } => Self::new(Reason::EncoderUnavailable, message),
            Error::Cancelled => Self::new(Reason::Cancelled, message),
            Error::NoSpace { .. } => Self::new(Reason::NoSpace, message),
            Error::TargetExists { .. } => Self::new(Reason::AlreadyExists, message),
            Error::Io { source, .. } => Self::new(reason_of(&source), message),
            Error::Media(error) => error.into(),
            _ => Self::new(Reason::Internal, message),
        }
    }
}
