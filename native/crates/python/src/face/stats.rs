//! Readings of a session.

use std::collections::BTreeMap;

use clipshot_session::{RingFacts, Stats};
use pyo3::prelude::*;

/// Counters of a running or ended session, since its start.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct SessionStats {
    captured: u64,
    keepalive: u64,
    encoded: u64,
    dropped: BTreeMap<&'static str, u64>,
    bytes_encoded: u64,
    last_pts_ticks: i64,
    duration_ticks: i64,
    fps: f64,
    bitrate_kbps: f64,
    encode_ms: f64,
    encoder: String,
    encoder_load: f64,
    luma_mean: f32,
    luma_max: u8,
    last_change_ticks: i64,
    recording_bytes: u64,
    recording_ticks: i64,
}

/// State of the replay ring.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct RingStatus {
    filled_ticks: i64,
    capacity_seconds: f64,
    max_bytes: u64,
    bytes: u64,
    payload_bytes: u64,
    segments: usize,
    memory_segments: usize,
    oldest_ticks: i64,
    newest_ticks: i64,
    keyframes: Vec<i64>,
}

impl From<Stats> for SessionStats {
    fn from(stats: Stats) -> Self {
        Self {
            captured: stats.captured,
            keepalive: stats.keepalive,
            encoded: stats.encoded,
            dropped: stats.dropped.into_iter().collect(),
            bytes_encoded: stats.bytes_encoded,
            last_pts_ticks: stats.last_pts_ticks,
            duration_ticks: stats.duration_ticks,
            fps: stats.rates.fps,
            bitrate_kbps: stats.rates.bitrate_kbps,
            encode_ms: stats.rates.encode_ms,
            encoder: stats.encoder,
            encoder_load: stats.rates.encoder_load,
            luma_mean: stats.brightness.mean,
            luma_max: stats.brightness.most,
            last_change_ticks: stats.last_change_ticks,
            recording_bytes: stats.recording_bytes,
            recording_ticks: stats.recording_ticks,
        }
    }
}

impl From<RingFacts> for RingStatus {
    fn from(facts: RingFacts) -> Self {
        Self {
            filled_ticks: facts.filled_ticks,
            capacity_seconds: facts.capacity_seconds,
            max_bytes: facts.max_bytes,
            bytes: facts.bytes,
            payload_bytes: facts.payload_bytes,
            segments: facts.segments,
            memory_segments: facts.memory_segments,
            oldest_ticks: facts.oldest_ticks,
            newest_ticks: facts.newest_ticks,
            keyframes: facts.keyframes,
        }
    }
}
