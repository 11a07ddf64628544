//! Re-encoding the head of a clip, so that the asked picture is the first one for every player.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clipshot_media::{
    Avcc, Error as MediaError, FootageReader, HeadSample, Meta, Packet, VIDEO_TIMESCALE, VIDEO_TRACK, nal,
};
use ffmpeg_sys_next as ffi;

use crate::codec::Codec;
use crate::frame::AvFrame;
use crate::packet::AvPacket;
use crate::x264::{self, Setup};
use crate::{Error, RateControl, Result, TrackParameters};

/// Better than the stream's default of 23: the head is encoded a second time.
const QUALITY: f32 = 20.0;
/// The head's bit rate may not be below this, or a head out of a nearly still GOP would be poor.
const LEAST_LIMIT: u64 = 4_000_000;

/// A head, ready to be muxed.
pub(crate) struct Head {
    /// Samples in the form of an `avc1` track with the clip's times.
    pub samples: Vec<Packet>,
    /// The track's configuration: the parameter sets of the stream and of the head.
    pub configuration: Vec<u8>,
    /// Time spent.
    pub took: Duration,
}

/// How to encode.
pub(crate) struct HeadSettings<'a> {
    pub fps: u32,
    pub preset: &'a str,
}

/// Decodes the head from its keyframe and encodes the shown pictures, with parameter sets of an id of their own.
///
/// `on_picture` is called after each picture.
///
/// # Errors
/// [`Error::Cancelled`]; anything else means that the head cannot be encoded, and the clip can still start at a
/// keyframe.
pub(crate) fn encode_head(
    head: &[HeadSample],
    reader: &mut FootageReader,
    video: &TrackParameters,
    settings: &HeadSettings,
    cancel: &AtomicBool,
    on_picture: &mut dyn FnMut(),
) -> Result<Head> {
    let began = Instant::now();
    let stream = Avcc::parse(video.extradata())?;
    let id = stream.free_id().ok_or(MediaError::BadAvcc("all parameter set ids are taken"))?;
    let mut decoder = Codec::decoder(video)?;
    let mut work = Work {
        encoder: None,
        video,
        settings,
        limit: limit_of(head),
        set_id: id,
        expected: head.iter().filter_map(|h| h.shown.map(|shown| (h.meta.pts, shown))).collect(),
        in_encoder: VecDeque::new(),
        samples: Vec::new(),
    };
    for sample in head {
        if cancel.load(Ordering::Relaxed) {
            return Err(Error::Cancelled);
        }
        let packet = AvPacket::filled(&sample.meta, sample.len as usize, |buf| reader.read(sample.source, buf))?;
        decoder.send_packet(Some(&packet))?;
        work.encode_decoded(&mut decoder, cancel, on_picture)?;
    }
    decoder.send_packet(None)?;
    work.encode_decoded(&mut decoder, cancel, on_picture)?;
    let (samples, sets) = work.finish()?;
    Ok(Head { samples, configuration: stream.merged_with(&sets)?.to_bytes(), took: began.elapsed() })
}

/// Twice the bit rate that the stream spent on the same GOP.
fn limit_of(head: &[HeadSample]) -> u64 {
    let bytes: u64 = head.iter().map(|h| u64::from(h.len)).sum();
    let ticks: i64 = head.iter().map(|h| h.meta.dur).sum();
    let rate = bytes.saturating_mul(8 * u64::from(VIDEO_TIMESCALE)) / (ticks.max(1) as u64);
    (2 * rate).clamp(LEAST_LIMIT, 500_000_000)
}

struct Work<'a> {
    encoder: Option<Codec>,
    video: &'a TrackParameters,
    settings: &'a HeadSettings<'a>,
    limit: u64,
    set_id: u32,
    /// Session PTS and clip times of the pictures that are still to be decoded.
    expected: VecDeque<(i64, (i64, i64))>,
    /// Clip times of the pictures that the encoder holds.
    in_encoder: VecDeque<(i64, i64)>,
    samples: Vec<Packet>,
}

impl Work<'_> {
    fn encode_decoded(&mut self, decoder: &mut Codec, cancel: &AtomicBool, on_picture: &mut dyn FnMut()) -> Result<()> {
        while let Some(frame) = decoder.receive_frame()? {
            if cancel.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            if self.expected.front().is_some_and(|&(pts, _)| pts == frame.get().pts) {
                self.encode(frame)?;
                on_picture();
            }
        }
        Ok(())
    }

    fn encode(&mut self, mut frame: AvFrame) -> Result<()> {
        let Some((_, times)) = self.expected.pop_front() else { return Ok(()) };
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => self.encoder.insert(self.open_encoder(&frame)?),
        };
        let raw = frame.get_mut();
        raw.pts = times.0;
        // The decoder says what the picture was; the encoder would take that as an order.
        raw.pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE;
        encoder.send_frame(Some(&frame))?;
        self.in_encoder.push_back(times);
        self.take_packets()
    }

    fn open_encoder(&self, first: &AvFrame) -> Result<Codec> {
        let first = first.get();
        let format = match first.format {
            f if f == ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32 => ffi::AVPixelFormat::AV_PIX_FMT_YUV420P,
            f if f == ffi::AVPixelFormat::AV_PIX_FMT_NV12 as i32 => ffi::AVPixelFormat::AV_PIX_FMT_NV12,
            other => return Err(Error::UnexpectedStream(format!("pixel format {other} in the head"))),
        };
        x264::open(&Setup {
            width: first.width,
            height: first.height,
            format,
            time_base: ffi::AVRational { num: 1, den: VIDEO_TIMESCALE as i32 },
            fps: self.settings.fps,
            rate: RateControl::Crf { quality: QUALITY, max_bitrate: Some(self.limit) },
            preset: self.settings.preset,
            tune: None,
            lookahead: 0,
            set_id: self.set_id,
            buffer: x264::RECORDED_BUFFER,
            threads: 0,
        })
    }

    fn take_packets(&mut self) -> Result<()> {
        let Some(encoder) = &mut self.encoder else { return Ok(()) };
        while let Some(packet) = encoder.receive_packet()? {
            let (pts, dur) = self.in_encoder.pop_front().unwrap_or_default();
            if packet.pts() != pts {
                return Err(Error::UnexpectedStream("the head's encoder changed the order".into()));
            }
            let meta = Meta { track: VIDEO_TRACK, key: packet.is_key(), pts, dts: pts, dur };
            self.samples.push(Packet { meta, data: nal::annex_b_to_sample(packet.data()) });
        }
        Ok(())
    }

    /// The samples and the parameter sets they need.
    fn finish(mut self) -> Result<(Vec<Packet>, Avcc)> {
        let Some(encoder) = &mut self.encoder else {
            return Err(Error::UnexpectedStream("the head could not be decoded".into()));
        };
        encoder.send_frame(None)?;
        self.take_packets()?;
        let complete = self.expected.is_empty() && self.in_encoder.is_empty();
        if !complete || self.samples.first().is_none_or(|first| !first.meta.key) {
            return Err(Error::UnexpectedStream("the head could not be decoded as a whole".into()));
        }
        let encoder = self.encoder.ok_or_else(|| Error::UnexpectedStream("no encoder".into()))?;
        let sets = Avcc::from_annex_b(encoder.parameters(self.video.timescale())?.extradata())?;
        Ok((self.samples, sets))
    }
}
