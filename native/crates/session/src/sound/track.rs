//! The sound tracks as callers see them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use clipshot_media::VIDEO_TIMESCALE;
use clipshot_sound::{FLOOR_DBFS, Level, SAMPLE_RATE};

use super::config::{SoundConfig, check_gain};
use crate::failure::{Failure, Result};
use crate::locked::lock;

/// Title of the mixdown.
const MIXDOWN: &str = "Mix";

/// The sound tracks of a session, shared by its threads and its callers.
#[derive(Debug)]
pub struct Sound {
    tracks: Vec<Track>,
    /// Session frame up to which every track's packets have been handed to the spine.
    sent_until: AtomicI64,
    stop: AtomicBool,
    ended: AtomicBool,
}

#[derive(Debug)]
pub(super) struct Track {
    pub label: String,
    /// Empty for the mixdown.
    pub device_id: String,
    volume: Mutex<Volume>,
    heard: Mutex<Heard>,
}

/// What callers set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Volume {
    pub gain_db: f64,
    pub muted: bool,
}

/// What the thread measures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub connected: bool,
    pub level: Level,
    pub drift_ppm: f64,
    pub latency_ms: f64,
}

/// A sound track as of now.
#[derive(Clone, Debug)]
pub struct TrackStatus {
    /// Number among the sound tracks, from 0.
    pub index: usize,
    /// Its title.
    pub label: String,
    /// What it hears; empty for the mixdown.
    pub device_id: String,
    /// Whether it is the sum of the others.
    pub mixdown: bool,
    /// Gain.
    pub gain_db: f64,
    /// Whether it is silenced.
    pub muted: bool,
    /// Whether the device is there.
    pub connected: bool,
    /// Over the last second, with gain and mute.
    pub level: Level,
    /// How much faster than the machine's clock the device is, parts per million.
    pub drift_ppm: f64,
    /// How long after it is heard a sound arrives here.
    pub latency_ms: f64,
}

impl Sound {
    pub(super) fn new(config: &SoundConfig) -> Self {
        let mut tracks = Vec::new();
        if config.inputs.len() > 1 {
            tracks.push(Track::new(MIXDOWN, String::new(), Volume { gain_db: 0.0, muted: false }));
        }
        for input in &config.inputs {
            let volume = Volume { gain_db: input.gain_db, muted: input.muted };
            tracks.push(Track::new(input.title(), input.device.to_string(), volume));
        }
        let sent_until = AtomicI64::new(0);
        Self { tracks, sent_until, stop: AtomicBool::new(false), ended: AtomicBool::new(false) }
    }

    /// Status of every track.
    pub fn tracks(&self) -> Vec<TrackStatus> {
        self.tracks.iter().enumerate().map(|(index, track)| track.status(index)).collect()
    }

    /// Changes an input's gain or mute.
    ///
    /// # Errors
    /// INVALID_CONFIG (`index` or `gain_db`); the mixdown has neither.
    pub fn set(&self, index: usize, gain_db: Option<f64>, muted: Option<bool>) -> Result<()> {
        let track = self.tracks.get(index).filter(|track| !track.device_id.is_empty());
        let track = track.ok_or_else(|| Failure::invalid("index", format!("{index} is no track of an input")))?;
        if let Some(gain_db) = gain_db {
            check_gain(gain_db)?;
        }
        let mut volume = lock(&track.volume);
        volume.gain_db = gain_db.unwrap_or(volume.gain_db);
        volume.muted = muted.unwrap_or(volume.muted);
        Ok(())
    }

    /// Ends the sound with what has been heard up to now.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whether all sound before this session time (90 kHz ticks) is on its way to the files.
    pub fn is_sent(&self, ticks: i64) -> bool {
        self.sent_until.load(Ordering::Acquire) >= frames_of(ticks)
    }

    /// Whether no packets come any more.
    pub fn is_over(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    pub(super) fn track(&self, index: usize) -> &Track {
        &self.tracks[index]
    }

    pub(super) fn stop_flag(&self) -> &AtomicBool {
        &self.stop
    }

    pub(super) fn sent(&self, until: i64) {
        self.sent_until.store(until, Ordering::Release);
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }
}

impl Track {
    fn new(label: &str, device_id: String, volume: Volume) -> Self {
        let level = Level { peak_dbfs: FLOOR_DBFS, rms_dbfs: FLOOR_DBFS, silent_seconds: 0.0 };
        let heard = Heard { connected: device_id.is_empty(), level, drift_ppm: 0.0, latency_ms: 0.0 };
        Self { label: label.into(), device_id, volume: Mutex::new(volume), heard: Mutex::new(heard) }
    }

    pub fn volume(&self) -> Volume {
        *lock(&self.volume)
    }

    pub fn measured(&self, heard: Heard) {
        *lock(&self.heard) = heard;
    }

    fn status(&self, index: usize) -> TrackStatus {
        let (volume, heard) = (self.volume(), *lock(&self.heard));
        TrackStatus {
            index,
            label: self.label.clone(),
            device_id: self.device_id.clone(),
            mixdown: self.device_id.is_empty(),
            gain_db: volume.gain_db,
            muted: volume.muted,
            connected: heard.connected,
            level: heard.level,
            drift_ppm: heard.drift_ppm,
            latency_ms: heard.latency_ms,
        }
    }
}

/// Session ticks as frames, rounded up.
fn frames_of(ticks: i64) -> i64 {
    let scaled = i128::from(ticks) * i128::from(SAMPLE_RATE) + i128::from(VIDEO_TIMESCALE) - 1;
    i64::try_from(scaled.div_euclid(i128::from(VIDEO_TIMESCALE))).unwrap_or(i64::MAX)
}
