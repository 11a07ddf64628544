//! How pictures are to be encoded.

use crate::registry::{EncoderInfo, RateControlKind, known};
use crate::{Error, Result};

/// FFmpeg holds the buffer of the rate control in a C int.
const MAX_BITRATE: u64 = 1_000_000_000;

/// Average bit rate for an encoder without constant quality, as a part of the limit: room for what moves much.
const AVERAGE_OF_LIMIT: (u64, u64) = (3, 5);

/// How many bits a picture may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateControl {
    /// Constant quality, with an upper limit of the bit rate.
    Crf {
        /// x264's rate factor, 0 (best) to 51.
        quality: f32,
        /// Bits a second that are not passed over any second; none is no limit.
        max_bitrate: Option<u64>,
    },
    /// Constant bit rate.
    Cbr {
        /// Bits a second.
        bitrate: u64,
    },
    /// Average bit rate with a limit.
    Vbr {
        /// Average bits a second.
        bitrate: u64,
        /// Bits a second that are not passed over any second; none is no limit.
        max_bitrate: Option<u64>,
    },
}

impl RateControl {
    /// Which of the kinds it is.
    pub fn kind(&self) -> RateControlKind {
        match self {
            Self::Crf { .. } => RateControlKind::Crf,
            Self::Cbr { .. } => RateControlKind::Cbr,
            Self::Vbr { .. } => RateControlKind::Vbr,
        }
    }

    /// Bits a second that are not passed over any second; none is no limit.
    pub(crate) fn limit(&self) -> Option<u64> {
        match *self {
            Self::Crf { max_bitrate, .. } | Self::Vbr { max_bitrate, .. } => max_bitrate,
            Self::Cbr { bitrate } => Some(bitrate),
        }
    }

    /// Bits a second that are aimed at on average.
    fn average(&self) -> Option<u64> {
        match *self {
            Self::Vbr { bitrate, .. } => Some(bitrate),
            Self::Crf { .. } | Self::Cbr { .. } => None,
        }
    }
}

/// What [`crate::VideoEncoder::open`] needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoConfig {
    /// Encoder's name as [`crate::probed_encoders`] gives it, or "auto".
    pub encoder: String,
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// Slots of the grid in a second: the most frames there can be.
    pub fps: u32,
    /// Bit rate or quality.
    pub rate: RateControl,
    /// The encoder's preset; empty leaves the choice to a hardware encoder.
    pub preset: String,
    /// The encoder's tuning; none leaves it out.
    pub tune: Option<String>,
    /// Frames the encoder may hold back to look ahead.
    pub lookahead: u32,
    /// Seconds between keyframes, 0.1 to 10. The caller forces them by time; the encoder places none on its own.
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

impl VideoConfig {
    /// Checks every field against what the encoder can do.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] names the first field that cannot be used.
    pub fn validate(&self, encoder: &EncoderInfo) -> Result<()> {
        for (field, value, most) in
            [("width", self.width, encoder.max_width), ("height", self.height, encoder.max_height)]
        {
            require(field, value % 2 == 0, || format!("{value} is odd; H.264 with 4:2:0 colour needs even sizes"))?;
            require(field, (16..=most).contains(&value), || format!("{value} is not within 16 and {most}"))?;
        }
        require("fps", (1..=encoder.max_fps).contains(&self.fps), || {
            format!("{} is not within 1 and {}", self.fps, encoder.max_fps)
        })?;
        self.validate_rate(encoder)?;
        let no_preset = encoder.hardware && self.preset.is_empty();
        require("preset", no_preset || encoder.presets.contains(&self.preset.as_str()), || {
            format!("{} has no preset {:?}; it has {}", encoder.name, self.preset, encoder.presets.join(", "))
        })?;
        if let Some(tune) = &self.tune {
            require("tune", encoder.tunes.contains(&tune.as_str()), || {
                format!("{} has no tune {tune:?}; it has {}", encoder.name, encoder.tunes.join(", "))
            })?;
        }
        require("lookahead", self.lookahead <= encoder.max_lookahead, || {
            format!("{} is above {}", self.lookahead, encoder.max_lookahead)
        })?;
        require("keyframe_seconds", (0.1..=10.0).contains(&self.keyframe_seconds), || {
            format!("{} is not within 0.1 and 10", self.keyframe_seconds)
        })
    }

    /// The same for a hardware encoder, as far as it can: with a preset of its own choice, and where it knows no constant
    /// quality with an average bit rate below the limit. None where nothing comes near.
    pub(crate) fn suited_to(&self, encoder: &EncoderInfo) -> Option<Self> {
        let can = |kind| encoder.rate_controls.contains(&kind);
        let rate = match self.rate {
            rate if can(rate.kind()) => rate,
            RateControl::Crf { max_bitrate: Some(most), .. } if can(RateControlKind::Vbr) => {
                RateControl::Vbr { bitrate: most * AVERAGE_OF_LIMIT.0 / AVERAGE_OF_LIMIT.1, max_bitrate: Some(most) }
            }
            RateControl::Cbr { bitrate } if can(RateControlKind::Vbr) => {
                RateControl::Vbr { bitrate, max_bitrate: Some(bitrate) }
            }
            _ => return None,
        };
        let (encoder, preset) = (encoder.name.into(), String::new());
        Some(Self { encoder, rate, preset, tune: None, lookahead: 0, ..self.clone() })
    }

    /// The same for libx264 in place of a hardware encoder.
    pub(crate) fn software(&self) -> Self {
        let Self { encoder, preset, tune, lookahead, .. } = Self::default();
        Self { encoder, preset, tune, lookahead, ..self.clone() }
    }

    /// The same stream with another rate control, for [`crate::VideoEncoder::set_rate`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for values that cannot be used, or for which the stream would have to begin anew;
    /// [`Error::EncoderUnavailable`] for an encoder that cannot change while it runs.
    pub fn with_rate(&self, rate: RateControl) -> Result<Self> {
        let encoder = known(&self.encoder)?;
        let new = Self { rate, ..self.clone() };
        new.validate_rate(encoder)?;
        if rate == self.rate {
            return Ok(new);
        }
        if !encoder.rate_changes {
            let reason = "it cannot change its rate control while it runs".into();
            return Err(Error::EncoderUnavailable { name: self.encoder.clone(), reason });
        }
        // What x264 cannot do in a running stream (x264_encoder_reconfig in x264.h; an average bit rate is kept).
        require("rate_control", rate.kind() == self.rate.kind(), || {
            format!("{:?} cannot become {:?} while the stream runs", self.rate.kind(), rate.kind())
        })?;
        require("bitrate", rate.average() == self.rate.average(), || {
            "the average of Vbr cannot change while the stream runs; Crf and Cbr can".into()
        })?;
        require("max_bitrate", rate.limit().is_some() == self.rate.limit().is_some(), || {
            "a limit can only change where there was one from the start, and cannot go".into()
        })?;
        Ok(new)
    }

    fn validate_rate(&self, encoder: &EncoderInfo) -> Result<()> {
        require("rate_control", encoder.rate_controls.contains(&self.rate.kind()), || {
            format!("{} cannot do {:?}", encoder.name, self.rate.kind())
        })?;
        let bits = |field, value| {
            require(field, (10_000..=MAX_BITRATE).contains(&value), || {
                format!("{value} bit/s is not within 10 kbit/s and 1 Gbit/s")
            })
        };
        let most = match self.rate {
            RateControl::Crf { quality, max_bitrate } => {
                require("crf", (0.0..=51.0).contains(&quality), || format!("{quality} is not within 0 and 51"))?;
                max_bitrate
            }
            RateControl::Cbr { bitrate } => {
                bits("bitrate", bitrate)?;
                None
            }
            RateControl::Vbr { bitrate, max_bitrate } => {
                bits("bitrate", bitrate)?;
                require("max_bitrate", max_bitrate.is_none_or(|most| most >= bitrate), || {
                    "is below the average bit rate".into()
                })?;
                max_bitrate
            }
        };
        most.map_or(Ok(()), |most| bits("max_bitrate", most))
    }
}

fn require(field: &'static str, holds: bool, reason: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::InvalidConfig { field, reason: reason() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x264;

    fn field_of(change: impl FnOnce(&mut VideoConfig)) -> &'static str {
        let mut config = VideoConfig::default();
        change(&mut config);
        match config.validate(&x264::INFO) {
            Err(Error::InvalidConfig { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn default_is_valid() {
        VideoConfig::default().validate(&x264::INFO).unwrap();
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(field_of(|c| c.width = 1281), "width");
        assert_eq!(field_of(|c| c.height = 0), "height");
        assert_eq!(field_of(|c| c.height = 100_000), "height");
        assert_eq!(field_of(|c| c.fps = 0), "fps");
        assert_eq!(field_of(|c| c.fps = 241), "fps");
        assert_eq!(field_of(|c| c.preset = "warp".into()), "preset");
        assert_eq!(field_of(|c| c.tune = Some("vmaf".into())), "tune");
        assert_eq!(field_of(|c| c.lookahead = 251), "lookahead");
        assert_eq!(field_of(|c| c.keyframe_seconds = f64::NAN), "keyframe_seconds");
        assert_eq!(field_of(|c| c.keyframe_seconds = 0.0), "keyframe_seconds");
        assert_eq!(field_of(|c| c.rate = RateControl::Crf { quality: -1.0, max_bitrate: None }), "crf");
        assert_eq!(field_of(|c| c.rate = RateControl::Crf { quality: 23.0, max_bitrate: Some(0) }), "max_bitrate");
        assert_eq!(field_of(|c| c.rate = RateControl::Cbr { bitrate: 0 }), "bitrate");
        let vbr = RateControl::Vbr { bitrate: 2_000_000, max_bitrate: Some(1_000_000) };
        assert_eq!(field_of(|c| c.rate = vbr), "max_bitrate");
    }

    #[test]
    fn a_running_stream_can_change_what_x264_can() {
        let crf = |quality, max_bitrate| RateControl::Crf { quality, max_bitrate };
        let vbr = |bitrate, most| RateControl::Vbr { bitrate, max_bitrate: Some(most) };
        let change = |from: RateControl, to: RateControl| {
            let config = VideoConfig { rate: from, ..VideoConfig::default() };
            match config.with_rate(to) {
                Ok(new) => {
                    assert_eq!(new.rate, to);
                    ""
                }
                Err(Error::InvalidConfig { field, .. }) => field,
                Err(other) => panic!("{other:?}"),
            }
        };
        let cbr = |bitrate| RateControl::Cbr { bitrate };
        assert_eq!(change(crf(23.0, None), crf(30.0, None)), "");
        assert_eq!(change(crf(23.0, Some(20_000_000)), crf(28.0, Some(5_000_000))), "");
        assert_eq!(change(cbr(8_000_000), cbr(2_000_000)), "");
        assert_eq!(change(vbr(4_000_000, 8_000_000), vbr(4_000_000, 4_000_000)), "");
        assert_eq!(change(vbr(4_000_000, 8_000_000), vbr(3_000_000, 8_000_000)), "bitrate");
        assert_eq!(change(crf(23.0, None), crf(23.0, Some(5_000_000))), "max_bitrate");
        assert_eq!(change(crf(23.0, Some(5_000_000)), crf(23.0, None)), "max_bitrate");
        assert_eq!(change(crf(23.0, None), cbr(8_000_000)), "rate_control");
        assert_eq!(change(cbr(8_000_000), cbr(0)), "bitrate");
    }
}
