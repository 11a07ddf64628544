//! cs-encode: pictures in, packets out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clipshot_capture::{CpuImage, Frame, FrameQueue, Image};
use clipshot_ffmpeg::{Nv12, VideoEncoder};
use clipshot_media::{Packet, VIDEO_TIMESCALE, monotonic_ns};
use crossbeam_channel::Sender;

use super::convert::Converter;
use super::{NoticeKind, Shared};
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;

/// The thread's own state.
pub struct Encoding {
    pub shared: Arc<Shared>,
    pub frames: Arc<FrameQueue>,
    pub encoder: VideoEncoder,
    pub converter: Converter,
    pub packets: Sender<Packet>,
    pub keyframe_ticks: i64,
    /// PTS of the last keyframe.
    pub last_key: Option<i64>,
    /// PTS of the pictures in the encoder, and when they were taken (ns).
    pub taken: VecDeque<(i64, u64)>,
}

impl Encoding {
    /// Encodes until the queue of pictures is closed and empty, then drains the encoder.
    pub fn run(mut self) -> Result<()> {
        while let Some(frame) = self.frames.pop() {
            let encoded = self.encode(frame);
            if encoded.is_err() {
                self.shared.encoded.dropped.fetch_add(1, Ordering::Relaxed);
            }
            self.hand_on(encoded?);
        }
        let rest = self.encoder.finish()?;
        self.hand_on(rest);
        Ok(())
    }

    fn encode(&mut self, frame: Frame) -> Result<Vec<Packet>> {
        let (slot, taken_at) = (frame.slot, frame.taken_at);
        let picture = self.convert(frame)?;
        let pts = self.encoder.ticks_of(slot);
        // By time and not by a count of frames: a still screen makes one frame a second.
        let due = self.last_key.is_none_or(|last| pts - last >= self.keyframe_ticks);
        let key = self.shared.encoded.force_key.swap(false, Ordering::AcqRel) || due;
        if key {
            self.last_key = Some(pts);
        }
        self.taken.push_back((pts, taken_at));
        Ok(self.encoder.encode(&picture, slot, key)?)
    }

    fn convert(&mut self, frame: Frame) -> Result<Nv12> {
        let image = match frame.image {
            Image::Cpu(image) => image,
            _ => return Err(Failure::new(Reason::Internal, "pictures of a kind that is not supported")),
        };
        let CpuImage { slot, layout } = image;
        let converted = self.converter.convert(slot.bytes(), layout);
        self.frames.recycle(slot);
        let picture = converted?;
        *lock(&self.shared.encoded.newest) = Some(picture.clone());
        Ok(picture)
    }

    fn hand_on(&mut self, packets: Vec<Packet>) {
        let encoded = &self.shared.encoded;
        for packet in packets {
            let now = monotonic_ns();
            while self.taken.front().is_some_and(|(pts, _)| *pts < packet.meta.pts) {
                self.taken.pop_front();
            }
            let taken_at = self.taken.pop_front().map_or(now, |(_, taken_at)| taken_at);
            let bytes = packet.data.len() as u64;
            encoded.frames.fetch_add(1, Ordering::Relaxed);
            encoded.bytes.fetch_add(bytes, Ordering::Relaxed);
            lock(&encoded.window).add(now, bytes, now.saturating_sub(taken_at));
            let pts = packet.meta.pts;
            // The spine outlives this thread unless it failed, which it has reported then.
            let _ = self.packets.send(packet);
            // Last: who sees it can rely on the packet being on its way.
            encoded.last_pts.store(pts, Ordering::Release);
        }
    }
}

/// What a failure of the thread means: capture stops, what was encoded is kept.
pub fn failed(shared: &Shared, frames: &FrameQueue, failure: Failure) {
    frames.close();
    shared.control.stop();
    shared.notify(NoticeKind::EncoderFailed, failure.message);
}

/// Ticks between keyframes.
pub fn keyframe_ticks(seconds: f64) -> i64 {
    (seconds * f64::from(VIDEO_TIMESCALE)) as i64
}
