//! When a sample of a stream was heard: the stream's clock against the machine's, estimated without end.
//!
//! Each reading says which frame of the stream is heard at a moment. Single readings are off by milliseconds, and the
//! first ones of a stream by much more; the device's crystal is off by up to hundreds of parts per million. A Kalman
//! filter over offset and drift averages the readings and follows slow changes; a reading that cannot be true counts
//! for little, and when many in a row agree on another time the stream has really jumped.

use crate::SAMPLE_RATE;

/// Readings that are thrown away when a stream begins: servers answer with zeros or guesses then.
const DISCARDED: usize = 3;
/// Readings whose median the estimate begins with.
const FIRST: usize = 5;
/// Readings, after the discarded ones, from which on the estimate is good enough to place samples by.
const SETTLED: usize = 8;
/// Spread of a reading beyond its own uncertainty, ns.
const SPREAD: f64 = 1.0e6;
/// What is known of the drift before the first reading: crystals are within this (one sigma, as a ratio).
const DRIFT_PRIOR: f64 = 100e-6;
/// How much offset (ns) and drift (ratio) wander in a second (one sigma).
const OFFSET_WANDER: f64 = 20e3;
const DRIFT_WANDER: f64 = 1e-6;
/// A reading further off than this many sigmas is doubted.
const DOUBT: f64 = 4.0;
/// So many doubted readings in a row are believed.
const BELIEVED: usize = 8;
/// Believed readings that are further off than this (ns) are a jump of the stream, not an error of the estimate.
const JUMP: f64 = 40e6;

/// The frame that is heard at a moment, as the sound server tells it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// CLOCK_MONOTONIC nanoseconds.
    pub at_ns: u64,
    /// Position in the stream, in frames since its start; not a whole number.
    pub frame: f64,
    /// How far `at_ns` may be off, ns: half the time that the question took.
    pub uncertainty_ns: u64,
}

/// The estimate for one stream.
#[derive(Clone, Debug, Default)]
pub struct StreamClock {
    first: Vec<Reading>,
    readings: usize,
    doubted: usize,
    state: Option<State>,
}

/// Offset = stream time - machine time, both in ns, the machine's since `base_ns`.
#[derive(Clone, Debug)]
struct State {
    base_ns: u64,
    /// Machine time of the estimate, since `base_ns`.
    at: f64,
    offset: f64,
    drift: f64,
    /// Covariance: offset, offset with drift, drift.
    covariance: [f64; 3],
}

impl StreamClock {
    /// Adds a reading. Returns whether it showed that the stream jumped, so that samples have to be placed anew.
    pub fn add(&mut self, reading: Reading) -> bool {
        self.readings += 1;
        if self.readings <= DISCARDED {
            return false;
        }
        let Some(state) = &mut self.state else {
            self.first.push(reading);
            if self.first.len() == FIRST {
                self.begin();
            }
            return false;
        };
        let at = reading.at_ns as f64 - state.base_ns as f64;
        if at < state.at {
            return false;
        }
        state.predict(at);
        let error = stream_ns(reading.frame) - at - state.offset;
        let mut variance = variance_of(&reading);
        let expected = state.covariance[0] + variance;
        if error * error <= DOUBT * DOUBT * expected {
            self.doubted = 0;
        } else {
            self.doubted += 1;
            if self.doubted >= BELIEVED {
                self.doubted = 0;
                if error.abs() > JUMP {
                    // The drift is the crystal's and outlives the jump.
                    state.offset += error;
                    state.covariance = [variance, 0.0, state.covariance[2]];
                    return true;
                }
                state.covariance[0] += error * error;
            } else {
                variance = error * error;
            }
        }
        state.correct(error, variance);
        false
    }

    /// Whether samples can be placed.
    pub fn is_settled(&self) -> bool {
        self.state.is_some() && self.readings >= DISCARDED + SETTLED
    }

    /// When a frame is heard, CLOCK_MONOTONIC ns; none before the first readings.
    pub fn time_of(&self, frame: f64) -> Option<f64> {
        let state = self.state.as_ref()?;
        let since = (stream_ns(frame) - state.at - state.offset) / (1.0 + state.drift);
        Some(state.base_ns as f64 + state.at + since)
    }

    /// By how much the stream is faster than the machine's clock, parts per million.
    pub fn drift_ppm(&self) -> f64 {
        self.state.as_ref().map_or(0.0, |state| state.drift * 1e6)
    }

    fn begin(&mut self) {
        let base_ns = self.first[0].at_ns;
        let offset_of = |r: &Reading| stream_ns(r.frame) - (r.at_ns as f64 - base_ns as f64);
        let mut offsets: Vec<f64> = self.first.iter().map(offset_of).collect();
        offsets.sort_by(f64::total_cmp);
        let newest = self.first[FIRST - 1];
        let covariance = [variance_of(&newest), 0.0, DRIFT_PRIOR * DRIFT_PRIOR];
        let at = newest.at_ns as f64 - base_ns as f64;
        self.state = Some(State { base_ns, at, offset: offsets[FIRST / 2], drift: 0.0, covariance });
        self.first.clear();
    }
}

impl State {
    fn predict(&mut self, at: f64) {
        let passed = at - self.at;
        let seconds = passed / 1e9;
        let [offset, both, drift] = self.covariance;
        self.offset += self.drift * passed;
        self.covariance = [
            offset + 2.0 * passed * both + passed * passed * drift + OFFSET_WANDER * OFFSET_WANDER * seconds,
            both + passed * drift,
            drift + DRIFT_WANDER * DRIFT_WANDER * seconds,
        ];
        self.at = at;
    }

    fn correct(&mut self, error: f64, variance: f64) {
        let [offset, both, drift] = self.covariance;
        let (gain, drift_gain) = (offset / (offset + variance), both / (offset + variance));
        self.offset += gain * error;
        self.drift += drift_gain * error;
        self.covariance = [offset * (1.0 - gain), both * (1.0 - gain), drift - drift_gain * both];
    }
}

fn stream_ns(frame: f64) -> f64 {
    frame * 1e9 / f64::from(SAMPLE_RATE)
}

fn variance_of(reading: &Reading) -> f64 {
    SPREAD * SPREAD + (reading.uncertainty_ns as f64).powi(2)
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
