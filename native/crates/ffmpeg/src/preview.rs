//! The encoder of what viewers see live: small, at once, and begun anew whenever somebody comes.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use clipshot_media::{Avcc, VIDEO_TIMESCALE};
use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::x264::{self, Setup};
use crate::{Error, Nv12, RateControl, Result};

/// Enough for moving pictures and text at half size; what it saves on simple pictures is not sent.
const QUALITY: f32 = 23.0;
/// No picture, keyframes included, takes longer than this at the full bit rate.
const BUFFER: Duration = Duration::from_millis(250);
/// Each thread is a slice of the picture, and slices cost bits; a small picture needs no more.
const MOST_THREADS: usize = 4;

/// What a preview looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviewConfig {
    /// Width in pixels, even.
    pub width: u32,
    /// Height in pixels, even.
    pub height: u32,
    /// The most pictures there can be in a second.
    pub fps: u32,
    /// Bits a second that are not passed.
    pub bitrate: u64,
}

/// Pictures in, access units out: Annex B, each keyframe behind its parameter sets.
pub struct PreviewEncoder {
    codec: Codec,
    /// The parameter sets as they go before a keyframe.
    sets: Vec<u8>,
    codec_name: String,
}

impl PreviewEncoder {
    /// Opens the encoder: x264, which holds nothing back.
    ///
    /// # Errors
    /// [`Error::EncoderUnavailable`] where FFmpeg's libraries have no x264, [`Error::Ffmpeg`] for values it cannot take.
    pub fn open(config: &PreviewConfig) -> Result<Self> {
        let cores = available_parallelism().map_or(1, NonZero::get);
        let codec = x264::open(&Setup {
            width: config.width as i32,
            height: config.height as i32,
            format: ffi::AVPixelFormat::AV_PIX_FMT_NV12,
            time_base: ffi::AVRational { num: 1, den: VIDEO_TIMESCALE as i32 },
            fps: config.fps,
            rate: RateControl::Crf { quality: QUALITY, max_bitrate: Some(config.bitrate) },
            preset: "ultrafast",
            tune: Some("zerolatency"),
            lookahead: 0,
            set_id: 0,
            buffer: BUFFER,
            threads: cores.min(MOST_THREADS) as u32,
        })?;
        let sets = codec.parameters(VIDEO_TIMESCALE)?.extradata().to_vec();
        let codec_name = Avcc::from_annex_b(&sets)?.codec();
        Ok(Self { codec, sets, codec_name })
    }

    /// What a decoder is told, as [`Avcc::codec`] says it.
    pub fn codec_name(&self) -> &str {
        &self.codec_name
    }

    /// Encodes a picture shown from `pts` (ticks, rising) on; `key` makes it a keyframe.
    ///
    /// # Errors
    /// FFmpeg's error, after which the encoder must be dropped.
    pub fn encode(&mut self, picture: &Nv12, pts: i64, key: bool) -> Result<Vec<u8>> {
        self.codec.send_frame(Some(&picture.frame_at(pts, key)?))?;
        let packet = self.codec.receive_packet()?;
        let packet = packet.ok_or_else(|| Error::UnexpectedStream("the preview holds a picture back".into()))?;
        let sets = if packet.is_key() { &self.sets[..] } else { &[] };
        Ok([sets, packet.data()].concat())
    }
}
