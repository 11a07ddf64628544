//! Counters and ring state as one consistent reading for callers.

use std::sync::atomic::Ordering;

use clipshot_media::{VIDEO_TIMESCALE, monotonic_ns};

use super::Shared;
use super::window::Rates;
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;

/// Counters since the session's start.
#[derive(Clone, Debug)]
pub struct Stats {
    pub captured: u64,
    pub keepalive: u64,
    pub encoded: u64,
    /// Stage and number.
    pub dropped: [(&'static str, u64); 4],
    pub bytes_encoded: u64,
    pub last_pts_ticks: i64,
    pub duration_ticks: i64,
    pub rates: Rates,
    pub recording_bytes: u64,
    pub recording_ticks: i64,
}

/// What the ring holds and may hold.
#[derive(Clone, Debug)]
pub struct RingFacts {
    pub filled_ticks: i64,
    pub capacity_seconds: f64,
    /// 0 when there is no limit.
    pub max_bytes: u64,
    pub bytes: u64,
    pub payload_bytes: u64,
    pub segments: usize,
    pub memory_segments: usize,
    pub oldest_ticks: i64,
    pub newest_ticks: i64,
    pub keyframes: Vec<i64>,
}

impl Shared {
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
                ("encode", encoded.dropped.load(Ordering::Relaxed)),
                ("live", self.live.skipped()),
            ],
            bytes_encoded: encoded.bytes.load(Ordering::Relaxed),
            last_pts_ticks,
            duration_ticks: if frames == 0 { 0 } else { last_pts_ticks + step },
            rates: lock(&encoded.window).rates(monotonic_ns(), self.clock.origin_ns()),
            recording_bytes: recording.as_ref().map_or(0, |recording| recording.bytes()),
            recording_ticks: recording.as_ref().map_or(0, |recording| recording.ticks()),
        }
    }

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
