//! One input: its samples in time, whether it is there, how loud it is.

use std::time::{Duration, Instant};

use clipshot_capture::sound::{AudioKind, DeviceId, SoundEvent};
use clipshot_ffmpeg::Resampler;
use clipshot_media::{VIDEO_TIMESCALE, monotonic_ns};
use clipshot_sound::{CHANNELS, Gain, Meter, SAMPLE_RATE, Timeline};

use super::track::{Heard, Track, Volume};
use crate::failure::Result;

/// A device that goes and is replaced or back within this time is not reported.
const GRACE: Duration = Duration::from_millis(500);
/// How long samples are waited for before they count as silence, ms: at least this much, more where they are known to
/// come later, and never more than a save would wait for.
const LEAST_WAIT_MS: f64 = 300.0;
const MOST_WAIT_MS: f64 = 1_000.0;
/// Weight of a new latency in the mean.
const LATENCY_GAIN: f64 = 0.05;

/// What an input has to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It went away, or is not there at the start.
    Lost,
    /// It is there again.
    Back,
}

/// State of an input on the sound thread.
pub struct Input {
    device: DeviceId,
    timeline: Timeline<Resampler>,
    gain: Gain,
    meter: Meter,
    presence: State,
    reported_lost: bool,
    latency_ms: f64,
}

enum State {
    /// Nobody has said yet whether it is there.
    Unknown,
    Open,
    Absent {
        since: Instant,
    },
}

impl Input {
    /// An input of which nothing has been heard; session frame 0 is at `origin_ns`.
    pub fn new(device: DeviceId, volume: Volume, origin_ns: u64) -> Result<Self> {
        Ok(Self {
            device,
            timeline: Timeline::new(Resampler::new()?, origin_ns),
            gain: Gain::new(volume.gain_db, volume.muted),
            meter: Meter::default(),
            presence: State::Unknown,
            reported_lost: false,
            latency_ms: 0.0,
        })
    }

    /// Takes in what happened.
    pub fn hear(&mut self, event: SoundEvent) -> Result<()> {
        match event {
            SoundEvent::Opened => {
                self.presence = State::Open;
                self.timeline.begin_stream();
            }
            SoundEvent::Absent => self.presence = State::Absent { since: Instant::now() },
            SoundEvent::Reading(reading) => self.timeline.add_reading(reading)?,
            SoundEvent::Samples { position, samples } => {
                let end = position + (samples.len() / CHANNELS) as u64;
                if let Some(heard_at) = self.timeline.time_of(end) {
                    let latency_ms = (monotonic_ns() as f64 - heard_at) / 1e6;
                    self.latency_ms += LATENCY_GAIN * (latency_ms - self.latency_ms);
                }
                self.timeline.add_samples(position, samples)?;
            }
        }
        Ok(())
    }

    /// Whether there is nothing to wait for: the frames before `end` are there, or will not be.
    pub fn is_ready(&self, end: i64, late_ns: u64) -> bool {
        let wait_ms = (self.latency_ms * 1.5).clamp(LEAST_WAIT_MS, MOST_WAIT_MS);
        matches!(self.presence, State::Absent { .. })
            || self.timeline.ready_until() >= end
            || late_ns as f64 >= wait_ms * 1e6
    }

    /// The frames from `start` on, as loud as the track's volume says.
    pub fn take(&mut self, start: i64, track: &Track, out: &mut [f32]) {
        self.timeline.take(start, out);
        let volume = track.volume();
        self.gain.set(volume.gain_db, volume.muted);
        self.gain.apply(out);
        self.meter.add(out);
        track.measured(Heard {
            connected: matches!(self.presence, State::Open),
            level: self.meter.level(),
            drift_ppm: self.timeline.drift_ppm(),
            latency_ms: self.latency_ms,
        });
    }

    /// What there is to report; each change once.
    pub fn report(&mut self) -> Option<Presence> {
        match self.presence {
            // An application that does not play is nothing to report unless it has been heard.
            State::Absent { since } if !self.reported_lost && since.elapsed() >= GRACE => {
                self.reported_lost = true;
                let expected = self.device.kind() != AudioKind::Application || self.timeline.placements() > 0;
                expected.then_some(Presence::Lost)
            }
            State::Open if self.reported_lost => {
                self.reported_lost = false;
                Some(Presence::Back)
            }
            _ => None,
        }
    }
}

/// CLOCK_MONOTONIC time of a session frame.
pub fn time_of(frame: i64, origin_ns: u64) -> u64 {
    let since = i128::from(frame) * 1_000_000_000 / i128::from(SAMPLE_RATE);
    u64::try_from(i128::from(origin_ns) + since).unwrap_or(0)
}

/// Session frame that is heard at a moment, in session ticks.
pub fn frame_at(ticks: i64) -> i64 {
    ticks * i64::from(SAMPLE_RATE) / i64::from(VIDEO_TIMESCALE)
}
