//! The encoder of a session's pictures.

use clipshot_media::{Meta, Packet, VIDEO_TIMESCALE, VIDEO_TRACK};
use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::registry::known;
use crate::x264::{self, Setup};
use crate::{Error, Nv12, RateControl, Result, TrackParameters, VideoConfig};

/// Pictures in, packets of track 0 out.
pub struct VideoEncoder {
    codec: Codec,
    width: u32,
    height: u32,
    fps: u32,
    last_slot: Option<i64>,
}

impl VideoEncoder {
    /// Opens the encoder.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] names the field that the encoder cannot do; [`Error::EncoderUnavailable`] when it
    /// does not work here.
    pub fn open(config: &VideoConfig) -> Result<Self> {
        let info = known(&config.encoder)?;
        config.validate(info)?;
        let codec = x264::open(&Setup {
            width: config.width as i32,
            height: config.height as i32,
            format: ffi::AVPixelFormat::AV_PIX_FMT_NV12,
            time_base: ffi::AVRational { num: 1, den: config.fps as i32 },
            fps: config.fps,
            rate: config.rate,
            preset: &config.preset,
            tune: config.tune.as_deref(),
            lookahead: config.lookahead,
            set_id: 0,
            buffer: x264::RECORDED_BUFFER,
            threads: 0,
        });
        let codec = codec.map_err(|e| match e {
            Error::Ffmpeg { .. } => Error::EncoderUnavailable { name: config.encoder.clone(), reason: e.to_string() },
            other => other,
        })?;
        Ok(Self { codec, width: config.width, height: config.height, fps: config.fps, last_slot: None })
    }

    /// What the muxer needs to know.
    ///
    /// # Errors
    /// No memory.
    pub fn parameters(&self) -> Result<TrackParameters> {
        self.codec.parameters(VIDEO_TIMESCALE)
    }

    /// PTS of a slot of the grid in 90 kHz ticks, rounded to the nearest.
    pub fn ticks_of(&self, slot: i64) -> i64 {
        let (slot, fps) = (i128::from(slot), i128::from(self.fps));
        ((slot * i128::from(VIDEO_TIMESCALE) * 2 + fps).div_euclid(2 * fps)) as i64
    }

    /// Encodes a picture shown from `slot` of the grid on; slots must rise.
    ///
    /// With tune zerolatency its packet comes out at once, else the encoder holds some back. `force_key` makes it
    /// an IDR picture.
    ///
    /// # Errors
    /// [`Error::WrongSize`] when the picture has another size than the encoder, [`Error::UnexpectedStream`] when the
    /// slot does not rise; otherwise FFmpeg's error, after which the encoder must be dropped.
    pub fn encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> Result<Vec<Packet>> {
        let (got_width, got_height) = (picture.width(), picture.height());
        if (got_width, got_height) != (self.width, self.height) {
            return Err(Error::WrongSize { width: self.width, height: self.height, got_width, got_height });
        }
        if self.last_slot.is_some_and(|last| slot <= last) {
            return Err(Error::UnexpectedStream(format!("slot {slot} comes after {:?}", self.last_slot)));
        }
        self.codec.send_frame(Some(&picture.frame_at(slot, force_key)?))?;
        self.last_slot = Some(slot);
        self.drain()
    }

    /// Another bit rate or quality from the next picture on, without a keyframe: the stream goes on as it was.
    ///
    /// # Errors
    /// FFmpeg's error for a rate that [`VideoConfig::with_rate`] did not allow.
    pub fn set_rate(&mut self, rate: RateControl) -> Result<()> {
        x264::set_rate(&mut self.codec, rate, x264::RECORDED_BUFFER)
    }

    /// Gives out the packets that are held back. The encoder takes no picture after this.
    ///
    /// # Errors
    /// FFmpeg's error.
    pub fn finish(&mut self) -> Result<Vec<Packet>> {
        self.codec.send_frame(None)?;
        self.drain()
    }

    fn drain(&mut self) -> Result<Vec<Packet>> {
        let mut packets = Vec::new();
        while let Some(packet) = self.codec.receive_packet()? {
            let (pts, dts) = (self.ticks_of(packet.pts()), self.ticks_of(packet.dts()));
            let dur = self.ticks_of(packet.pts() + 1) - pts;
            let meta = Meta { track: VIDEO_TRACK, key: packet.is_key(), pts, dts, dur };
            packets.push(Packet { meta, data: packet.data().to_vec() });
        }
        Ok(packets)
    }
}
