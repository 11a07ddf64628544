//! One of FFmpeg's encoders as a session uses it.

use clipshot_media::{Avcc, Meta, Packet, VIDEO_TIMESCALE, VIDEO_TRACK};
use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::hardware::{self, Opened};
use crate::registry::{EncoderInfo, known};
use crate::upload::Upload;
use crate::x264::{self, Setup};
use crate::{Error, Nv12, PictureEncoder, RateControl, Result, TrackParameters, VideoConfig};

/// Pictures in, packets of track 0 out.
pub struct VideoEncoder {
    codec: Codec,
    upload: Option<Upload>,
    config: VideoConfig,
    last_slot: Option<i64>,
}

impl VideoEncoder {
    /// Opens the encoder.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] names the field that the encoder cannot do; [`Error::EncoderUnavailable`] when it
    /// does not work here.
    pub fn open(config: &VideoConfig) -> Result<Self> {
        Self::with_set_id(config, 0)
    }

    /// The same; a software encoder gives its parameter sets this id.
    pub(crate) fn with_set_id(config: &VideoConfig, set_id: u32) -> Result<Self> {
        let info = known(&config.encoder)?;
        config.validate(info)?;
        let opened = if info.hardware { open_hardware(config, info) } else { open_software(config, set_id) };
        let Opened { codec, upload } = opened.map_err(|e| match e {
            Error::Ffmpeg { .. } => {
                let needs = if info.needs.is_empty() { String::new() } else { format!("it needs {}; ", info.needs) };
                Error::EncoderUnavailable { name: config.encoder.clone(), reason: format!("{needs}{e}") }
            }
            other => other,
        })?;
        Ok(Self { codec, upload, config: config.clone(), last_slot: None })
    }

    /// PTS of a slot of the grid in 90 kHz ticks, rounded to the nearest.
    pub fn ticks_of(&self, slot: i64) -> i64 {
        let (slot, fps) = (i128::from(slot), i128::from(self.config.fps));
        ((slot * i128::from(VIDEO_TIMESCALE) * 2 + fps).div_euclid(2 * fps)) as i64
    }

    fn drain(&mut self) -> Result<Vec<Packet>> {
        let mut packets = Vec::new();
        while let Some(packet) = self.codec.receive_packet()? {
            let pts = self.ticks_of(packet.pts());
            let dur = self.ticks_of(packet.pts() + 1) - pts;
            // Without B-frames pictures are decoded as they are shown, whatever delay an encoder says it has.
            let meta = Meta { track: VIDEO_TRACK, key: packet.is_key(), pts, dts: pts, dur };
            packets.push(Packet { meta, data: packet.data().to_vec() });
        }
        Ok(packets)
    }
}

impl PictureEncoder for VideoEncoder {
    fn config(&self) -> &VideoConfig {
        &self.config
    }

    fn parameters(&self) -> Result<TrackParameters> {
        self.codec.parameters(VIDEO_TIMESCALE)
    }

    /// With tune zerolatency the packet of a picture comes out at once, else the encoder holds some back.
    fn encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> Result<Vec<Packet>> {
        let (width, height) = (self.config.width, self.config.height);
        let (got_width, got_height) = (picture.width(), picture.height());
        if (got_width, got_height) != (width, height) {
            return Err(Error::WrongSize { width, height, got_width, got_height });
        }
        if self.last_slot.is_some_and(|last| slot <= last) {
            return Err(Error::UnexpectedStream(format!("slot {slot} comes after {:?}", self.last_slot)));
        }
        let frame = picture.frame_at(slot, force_key)?;
        match &self.upload {
            Some(upload) => self.codec.send_frame(Some(&upload.upload(&frame)?))?,
            None => self.codec.send_frame(Some(&frame))?,
        }
        self.last_slot = Some(slot);
        self.drain()
    }

    fn set_rate(&mut self, rate: RateControl) -> Result<()> {
        self.config = self.config.with_rate(rate)?;
        x264::set_rate(&mut self.codec, rate, x264::RECORDED_BUFFER)
    }

    fn finish(&mut self) -> Result<Vec<Packet>> {
        self.codec.send_frame(None)?;
        self.drain()
    }
}

fn open_software(config: &VideoConfig, set_id: u32) -> Result<Opened> {
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
        set_id,
        buffer: x264::RECORDED_BUFFER,
        threads: 0,
    })?;
    Ok(Opened { codec, upload: None })
}

fn open_hardware(config: &VideoConfig, info: &EncoderInfo) -> Result<Opened> {
    let opened = hardware::open(config, info)?;
    // The initialisation segment is made of them, before the first picture.
    if Avcc::from_annex_b(opened.codec.parameters(VIDEO_TIMESCALE)?.extradata()).is_err() {
        let reason = "it gives no parameter sets ahead of the first picture".into();
        return Err(Error::EncoderUnavailable { name: info.name.into(), reason });
    }
    Ok(opened)
}
