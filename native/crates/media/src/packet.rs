//! What an encoder gives out.

/// Ticks a second of the video track and of every time that this crate calls "session ticks".
pub const VIDEO_TIMESCALE: u32 = 90_000;

/// The track that carries the pictures in every session.
pub const VIDEO_TRACK: u8 = 0;

/// When a packet is due and to which track it belongs.
///
/// Times are ticks of the track's own timescale: [`VIDEO_TIMESCALE`] for pictures, the sample rate for sound.
/// All tracks of a session count from the same moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Index of the track; 0 is the picture.
    pub track: u8,
    /// Whether decoding can start here. Every packet of a sound track is a key packet.
    pub key: bool,
    /// Presentation time.
    pub pts: i64,
    /// Decoding time; equal to `pts` where there are no B-frames.
    pub dts: i64,
    /// Duration as the encoder stated it. Of a picture it is one slot of the grid, even when the next picture
    /// comes later.
    pub dur: i64,
}

impl Meta {
    /// Whether this is a picture from which decoding can start.
    pub fn is_keyframe(&self) -> bool {
        self.track == VIDEO_TRACK && self.key
    }

    /// Presentation time at which the packet is over.
    pub fn end(&self) -> i64 {
        self.pts.saturating_add(self.dur)
    }
}

/// One encoded picture or block of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Track and times.
    pub meta: Meta,
    /// The encoded bytes, as the encoder wrote them (H.264: Annex B).
    pub data: Vec<u8>,
}
