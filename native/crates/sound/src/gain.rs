//! Volume that changes without a click.

use crate::{CHANNELS, SAMPLE_RATE};

/// The lowest and highest gain, dB.
pub const MIN_GAIN_DB: f64 = -60.0;
/// See [`MIN_GAIN_DB`].
pub const MAX_GAIN_DB: f64 = 24.0;

/// Length of a full change from silence to unity: 5 ms, too short to be heard as a fade and long enough not to click.
const STEP: f32 = 1.0 / (SAMPLE_RATE as f32 * 0.005);

/// Gain and mute of a track.
#[derive(Clone, Debug)]
pub struct Gain {
    factor: f32,
    target: f32,
}

impl Gain {
    /// At this gain from the first sample on.
    pub fn new(gain_db: f64, muted: bool) -> Self {
        let factor = factor_of(gain_db, muted);
        Self { factor, target: factor }
    }

    /// Goes to this gain with the next samples.
    pub fn set(&mut self, gain_db: f64, muted: bool) {
        self.target = factor_of(gain_db, muted);
    }

    /// Changes the samples in place.
    pub fn apply(&mut self, samples: &mut [f32]) {
        if self.factor == self.target && self.factor == 1.0 {
            return;
        }
        // Changes above unity are as quick in proportion.
        let step = STEP * self.target.max(self.factor).max(1.0);
        for frame in samples.chunks_mut(CHANNELS) {
            let left = self.target - self.factor;
            self.factor = if left.abs() <= step { self.target } else { self.factor + step.copysign(left) };
            frame.iter_mut().for_each(|sample| *sample *= self.factor);
        }
    }
}

fn factor_of(gain_db: f64, muted: bool) -> f32 {
    if muted { 0.0 } else { 10f64.powf(gain_db.clamp(MIN_GAIN_DB, MAX_GAIN_DB) / 20.0) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(frames: usize) -> Vec<f32> {
        vec![1.0; frames * CHANNELS]
    }

    #[test]
    fn decibels_are_amplitude() {
        let mut samples = ones(4);
        Gain::new(-6.0206, false).apply(&mut samples);
        assert!(samples.iter().all(|s| (s - 0.5).abs() < 1e-4));
    }

    #[test]
    fn a_change_is_a_ramp_of_milliseconds() {
        let mut gain = Gain::new(0.0, false);
        gain.set(0.0, true);
        let mut samples = ones(480);
        gain.apply(&mut samples);
        let steps = samples.chunks(CHANNELS).zip(samples.chunks(CHANNELS).skip(1)).map(|(a, b)| (a[0] - b[0]).abs());
        assert!(steps.fold(0.0, f32::max) < 0.006, "no step is heard");
        assert!(samples[10] > 0.9 && samples[2 * 240 + 2] == 0.0, "silent after 5 ms");
        gain.set(20.0, false);
        let mut samples = ones(480);
        gain.apply(&mut samples);
        assert_eq!(samples[samples.len() - 1], 10.0);
    }
}
