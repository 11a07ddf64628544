//! The encoder of a session's sound.

use clipshot_media::{Meta, Packet};
use clipshot_sound::{CHANNELS, SAMPLE_RATE};
use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::error::{check, failure};
use crate::frame::AvFrame;
use crate::{Error, Result, TrackParameters};

/// Frames of one packet (ISO/IEC 14496-3: AAC-LC).
pub const AAC_FRAMES: usize = 1024;
/// Bit rates of a stereo track that make sense, kbit/s.
pub const MIN_AUDIO_KBPS: u32 = 32;
/// The most that AAC-LC can use at 48 kHz in stereo is 576 (6144 bits a packet and channel).
pub const MAX_AUDIO_KBPS: u32 = 512;

/// Stereo sound at 48 kHz in, AAC-LC packets of one track out.
pub struct AudioEncoder {
    codec: Codec,
    track: u8,
    next_pts: Option<i64>,
}

impl AudioEncoder {
    /// Opens FFmpeg's AAC encoder for the track with this number.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] (`bitrate_kbps`); [`Error::EncoderUnavailable`] when FFmpeg is built without it.
    pub fn open(track: u8, bitrate_kbps: u32) -> Result<Self> {
        if !(MIN_AUDIO_KBPS..=MAX_AUDIO_KBPS).contains(&bitrate_kbps) {
            let reason = format!("{bitrate_kbps} is not within {MIN_AUDIO_KBPS} and {MAX_AUDIO_KBPS}");
            return Err(Error::InvalidConfig { field: "bitrate_kbps", reason });
        }
        // SAFETY: no preconditions.
        let codec = unsafe { ffi::avcodec_find_encoder(ffi::AVCodecID::AV_CODEC_ID_AAC) };
        if codec.is_null() {
            let reason = failure("avcodec_find_encoder", ffi::AVERROR_ENCODER_NOT_FOUND).to_string();
            return Err(Error::EncoderUnavailable { name: "aac".into(), reason });
        }
        let set_up = |context: &mut ffi::AVCodecContext| {
            context.sample_fmt = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
            context.sample_rate = SAMPLE_RATE as i32;
            context.time_base = ffi::AVRational { num: 1, den: SAMPLE_RATE as i32 };
            context.bit_rate = i64::from(bitrate_kbps) * 1000;
            context.flags |= ffi::AV_CODEC_FLAG_GLOBAL_HEADER as i32;
            // SAFETY: the layout belongs to the context.
            unsafe { ffi::av_channel_layout_default(&mut context.ch_layout, CHANNELS as i32) };
        };
        // SAFETY: the codec comes from avcodec_find_encoder.
        let codec = unsafe { Codec::open(codec, set_up, &[]) }?;
        Ok(Self { codec, track, next_pts: None })
    }

    /// What the muxer needs to know; players show `title`.
    ///
    /// # Errors
    /// No memory.
    pub fn parameters(&self, title: &str) -> Result<TrackParameters> {
        Ok(self.codec.parameters(SAMPLE_RATE)?.with_title(title))
    }

    /// Encodes [`AAC_FRAMES`] frames (interleaved) that begin at `start` (frames of the session); calls follow one
    /// another without a gap.
    ///
    /// The PTS of the packets are such that a decoder gives each sample at its own time, although the encoder gives
    /// them out one packet late.
    ///
    /// # Errors
    /// [`Error::UnexpectedStream`] for another number of samples or a gap; otherwise FFmpeg's error.
    pub fn encode(&mut self, samples: &[f32], start: i64) -> Result<Vec<Packet>> {
        if samples.len() != AAC_FRAMES * CHANNELS || self.next_pts.is_some_and(|next| next != start) {
            return Err(Error::UnexpectedStream(format!("{} samples at {start}", samples.len())));
        }
        let mut frame = AvFrame::empty()?;
        let raw = frame.get_mut();
        raw.format = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP as i32;
        (raw.nb_samples, raw.sample_rate, raw.pts) = (AAC_FRAMES as i32, SAMPLE_RATE as i32, start);
        // SAFETY: the layout belongs to the frame.
        unsafe { ffi::av_channel_layout_default(&mut raw.ch_layout, CHANNELS as i32) };
        // SAFETY: format, length and layout are set.
        check("av_frame_get_buffer", unsafe { ffi::av_frame_get_buffer(frame.as_ptr(), 0) })?;
        for (channel, plane) in frame.get_mut().data.iter().take(CHANNELS).enumerate() {
            // SAFETY: av_frame_get_buffer made a plane of AAC_FRAMES floats, aligned, for each channel; nothing else
            // refers to it.
            let plane = unsafe { std::slice::from_raw_parts_mut(plane.cast::<f32>(), AAC_FRAMES) };
            for (to, from) in plane.iter_mut().zip(samples.iter().skip(channel).step_by(CHANNELS)) {
                *to = *from;
            }
        }
        self.codec.send_frame(Some(&frame))?;
        self.next_pts = Some(start + AAC_FRAMES as i64);
        self.drain()
    }

    /// Gives out the packet that is held back. The encoder takes no sound after this.
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
            let pts = packet.pts();
            let meta = Meta { track: self.track, key: true, pts, dts: pts, dur: AAC_FRAMES as i64 };
            packets.push(Packet { meta, data: packet.data().to_vec() });
        }
        Ok(packets)
    }
}
