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
use crate::failure::{Failure, Result};
use crate::locked::lock;

/// The thread's own state.
pub struct Encoding {
    pub shared: Arc<Shared>,
    pub frames: Arc<FrameQueue>,
    pub encoder: VideoEncoder,
    pub converter: Converter,
    pub packets: Sender<Packet>,
    pub keyframe_ticks: i64,
}

impl Encoding {
    /// Encodes until the queue of pictures is closed and empty, then drains the encoder.
    pub fn run(mut self) -> Result<()> {
        let mut last_key: Option<i64> = None;
        let mut taken: VecDeque<(i64, u64)> = VecDeque::new();
        while let Some(frame) = self.frames.pop() {
            let (slot, taken_at) = (frame.slot, frame.taken_at);
            let picture = self.convert(frame).inspect_err(|_| {
                self.shared.encoded.dropped.fetch_add(1, Ordering::Relaxed);
            })?;
            let pts = self.encoder.ticks_of(slot);
            // By time and not by a count of frames: a still screen makes one frame a second.
            let due = last_key.is_none_or(|last| pts - last >= self.keyframe_ticks);
            let key = self.shared.encoded.force_key.swap(false, Ordering::AcqRel) || due;
            if key {
                last_key = Some(pts);
            }
            taken.push_back((pts, taken_at));
            let packets = self.encoder.encode(&picture, slot, key)?;
            self.hand_on(packets, &mut taken);
        }
        let rest = self.encoder.finish()?;
        self.hand_on(rest, &mut taken);
        Ok(())
    }

    fn convert(&mut self, frame: Frame) -> Result<Nv12> {
        let image = match frame.image {
            Image::Cpu(image) => image,
            _ => {
                return Err(Failure::new(crate::failure::Reason::Internal, "pictures of a kind that is not supported"));
            }
        };
        let CpuImage { slot, layout } = image;
        let converted = self.converter.convert(slot.bytes(), layout);
        self.frames.recycle(slot);
        let picture = converted?;
        *lock(&self.shared.encoded.newest) = Some(picture.clone());
        Ok(picture)
    }

    fn hand_on(&self, packets: Vec<Packet>, taken: &mut VecDeque<(i64, u64)>) {
        let encoded = &self.shared.encoded;
        for packet in packets {
            let now = monotonic_ns();
            while taken.front().is_some_and(|(pts, _)| *pts < packet.meta.pts) {
                taken.pop_front();
            }
            let taken_at = taken.pop_front().map_or(now, |(_, taken_at)| taken_at);
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
