//! Counters and ring state as one consistent reading for callers.

use std::sync::atomic::Ordering;

use clipshot_ffmpeg::Brightness;
use clipshot_media::{VIDEO_TIMESCALE, monotonic_ns};

use crate::Shared;
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;
use crate::window::Rates;

/// Counters since the session's start.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Pictures taken.
    pub captured: u64,
    /// Of these, pictures taken although nothing had changed.
    pub keepalive: u64,
    /// Packets that came out of the encoder.
    pub encoded: u64,
    /// Stage and number of pictures lost there.
    pub dropped: [(&'static str, u64); 4],
    /// Size of all packets.
    pub bytes_encoded: u64,
    /// PTS of the newest packet.
    pub last_pts_ticks: i64,
    /// From slot 0 to the end of the newest packet; 0 before the first.
    pub duration_ticks: i64,
    /// Over the last two seconds.
    pub rates: Rates,
    /// Name of the encoder in use.
    pub encoder: String,
    /// How bright the newest picture is; looked at once a second.
    pub brightness: Brightness,
    /// PTS of the newest picture that was not taken of a still screen.
    pub last_change_ticks: i64,
    /// Size of the recording in progress, else 0.
    pub recording_bytes: u64,
    /// Length of the recording in progress, else 0.
    pub recording_ticks: i64,
}

/// What the ring holds and may hold.
#[derive(Clone, Debug)]
pub struct RingFacts {
    /// Time it holds.
    pub filled_ticks: i64,
    /// Time it may hold.
    pub capacity_seconds: f64,
    /// 0 when there is no limit.
    pub max_bytes: u64,
    /// Size of its segments.
    pub bytes: u64,
    /// Of these, packets.
    pub payload_bytes: u64,
    /// Number of segments.
    pub segments: usize,
    /// Of these, segments in memory because the folder is full.
    pub memory_segments: usize,
    /// PTS of the oldest picture.
    pub oldest_ticks: i64,
    /// End of the newest picture.
    pub newest_ticks: i64,
    /// PTS of the keyframes.
    pub keyframes: Vec<i64>,
}

impl Shared {
    /// The counters as of now.
    pub fn stats(&self) -> Stats {
        let recording = lock(&self.recording).clone();
        let encoded = &self.encoded;
        let last_pts_ticks = encoded.last_pts.load(Ordering::Relaxed);
        let frames = encoded.frames.load(Ordering::Relaxed);
        let step = self.ticks_of(1);
        Stats {
            captured: self.counters.captured.load(Ordering::Relaxed),
            keepalive: self.counters.keepalive.load(Ordering::Relaxed),
            encoded: frames,
            dropped: [
                ("late", self.counters.late.load(Ordering::Relaxed)),
                ("queue", self.counters.queue.load(Ordering::Relaxed)),
                ("encode", encoded.lost.load(Ordering::Relaxed) + self.counters.unread.load(Ordering::Relaxed)),
                ("live", self.live.skipped()),
            ],
            bytes_encoded: encoded.bytes.load(Ordering::Relaxed),
            last_pts_ticks,
            duration_ticks: if frames == 0 { 0 } else { last_pts_ticks + step },
            rates: lock(&encoded.window).rates(monotonic_ns(), self.clock.origin_ns()),
            encoder: lock(&self.video).encoder.clone(),
            brightness: *lock(&encoded.brightness),
            last_change_ticks: self.ticks_of(self.counters.last_change_slot.load(Ordering::Acquire)),
            recording_bytes: recording.as_ref().map_or(0, |recording| recording.bytes()),
            recording_ticks: recording.as_ref().map_or(0, |recording| recording.ticks()),
        }
    }

    /// What the ring holds as of now.
    ///
    /// # Errors
    /// RING_OFF.
    pub fn ring_facts(&self) -> Result<RingFacts> {
        let ring = lock(&self.ring).clone().ok_or_else(ring_off)?;
        let (status, limits) = (ring.status(), ring.limits());
        let oldest = status.oldest_pts.unwrap_or(0);
        Ok(RingFacts {
            filled_ticks: status.filled_ticks,
            capacity_seconds: limits.ticks as f64 / f64::from(VIDEO_TIMESCALE),
            max_bytes: if limits.bytes == u64::MAX { 0 } else { limits.bytes },
            bytes: status.bytes,
            payload_bytes: status.payload_bytes,
            segments: status.segments,
            memory_segments: status.memory_segments,
            oldest_ticks: oldest,
            newest_ticks: oldest + status.filled_ticks,
            keyframes: status.keyframes,
        })
    }
}

/// There is no ring.
pub fn ring_off() -> Failure {
    Failure::new(Reason::RingOff, "the session does not buffer")
}
