//! Everything that can go wrong while pictures are taken.

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a source cannot be listed, opened or read any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backend cannot work here; the reason says what to do.
    #[error("capture backend {backend} cannot be used: {reason}")]
    BackendUnavailable {
        /// Name in the registry.
        backend: String,
        /// What is missing, and the remedy.
        reason: String,
    },
    /// There is no display to connect to, or it refused the connection.
    #[error("display {display:?} cannot be opened: {reason}")]
    DisplayUnavailable {
        /// What was tried; empty when DISPLAY is not set.
        display: String,
        /// What happened, and the remedy.
        reason: String,
    },
    /// No source has this id, or it is gone since it was listed.
    #[error("there is no capture source {id:?}")]
    SourceNotFound {
        /// The id that was asked for.
        id: String,
    },
    /// The source's pictures have another size than its slots; see [`crate::Source::fill`].
    #[error("the capture source has another size now")]
    Resized,
    /// The source worked and then went away: the server ended, the monitor changed.
    #[error("the capture source is gone: {reason}")]
    SourceLost {
        /// What was seen.
        reason: String,
    },
    /// There is no sound server, or it refused the connection.
    #[error(
        "no sound server answers: {reason}; start PulseAudio or PipeWire with its PulseAudio interface, or set PULSE_SERVER"
    )]
    SoundUnavailable {
        /// What happened.
        reason: String,
    },
}
