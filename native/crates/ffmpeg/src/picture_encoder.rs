//! What a session needs of an encoder.

use std::fmt;

use clipshot_media::Packet;

use crate::{Nv12, RateControl, Result, TrackParameters, VideoConfig};

/// Pictures in, packets of track 0 out.
pub trait PictureEncoder: Send {
    /// How it encodes now, with the name of the encoder that does the work.
    fn config(&self) -> &VideoConfig;

    /// What the muxer needs to know; the same for as long as the encoder lives.
    ///
    /// # Errors
    /// No memory.
    fn parameters(&self) -> Result<TrackParameters>;

    /// Encodes a picture shown from `slot` of the grid on; slots must rise. `force_key` makes it an IDR picture.
    ///
    /// # Errors
    /// [`crate::Error::WrongSize`] when the picture has another size than the encoder,
    /// [`crate::Error::UnexpectedStream`] when the slot does not rise; otherwise FFmpeg's error, after which the encoder
    /// must be dropped.
    fn encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> Result<Vec<Packet>>;

    /// Another bit rate or quality from the next picture on, without a keyframe: the stream goes on as it was.
    ///
    /// # Errors
    /// For a rate that [`VideoConfig::with_rate`] did not allow.
    fn set_rate(&mut self, rate: RateControl) -> Result<()>;

    /// Gives out the packets that are held back. The encoder takes no picture after this.
    ///
    /// # Errors
    /// FFmpeg's error.
    fn finish(&mut self) -> Result<Vec<Packet>>;

    /// What an encoder that has another one in its place has to tell, once.
    fn take_fall_back(&mut self) -> Option<FallBack> {
        None
    }
}

/// An encoder has failed and another one goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallBack {
    /// Name of the one that failed.
    pub from: String,
    /// Name of the one in use now.
    pub to: String,
    /// What happened.
    pub why: String,
}

impl fmt::Display for FallBack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} -> {}: {}", self.from, self.to, self.why)
    }
}
