//! How pictures are to be encoded.

/// How many bits a picture may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateControl {
    /// Constant quality, with an upper limit of the bit rate.
    Crf {
        /// x264's rate factor, 0 (best) to 51.
        quality: f32,
        /// Bits a second that are never passed over the length of the buffer (one second); none is no limit.
        max_bitrate: Option<u64>,
    },
    /// Constant bit rate, in bits a second.
    Cbr {
        /// Bits a second.
        bitrate: u64,
    },
    /// Average bit rate with a limit.
    Vbr {
        /// Average bits a second.
        bitrate: u64,
        /// Bits a second that are never passed over the length of the buffer (one second); none is no limit.
        max_bitrate: Option<u64>,
    },
}

/// What [`crate::VideoEncoder::open`] needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoConfig {
    /// Encoder's name as [`crate::list_encoders`] gives it.
    pub encoder: String,
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// Slots of the grid in a second: the most frames there can be.
    pub fps: u32,
    /// Bit rate or quality.
    pub rate: RateControl,
    /// The encoder's preset.
    pub preset: String,
    /// The encoder's tuning; none leaves it out.
    pub tune: Option<String>,
    /// Frames the encoder may hold back to look ahead.
    pub lookahead: u32,
    /// Seconds between keyframes. The caller forces them by time; the encoder places none on its own.
    pub keyframe_seconds: f64,
}

impl Default for VideoConfig {
    /// 1080p60 by x264: superfast, zerolatency, CRF 23 capped at 20 Mbit/s, a keyframe a second.
    fn default() -> Self {
        Self {
            encoder: "libx264".into(),
            width: 1920,
            height: 1080,
            fps: 60,
            rate: RateControl::Crf { quality: 23.0, max_bitrate: Some(20_000_000) },
            preset: "superfast".into(),
            tune: Some("zerolatency".into()),
            lookahead: 0,
            keyframe_seconds: 1.0,
        }
    }
}
