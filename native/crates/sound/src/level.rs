//! How loud a track is.

use std::collections::VecDeque;

use crate::{CHANNELS, SAMPLE_RATE};

/// Levels are never given lower.
pub const FLOOR_DBFS: f64 = -120.0;
/// Below this peak a track counts as silent: noise of a good line input lies under it, quiet speech above.
const SILENCE_DBFS: f64 = -60.0;

/// Peak and RMS over the last second, relative to full scale (a sine at full scale has an RMS of -3 dBFS).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Largest sample.
    pub peak_dbfs: f64,
    /// Root of the mean square over both channels.
    pub rms_dbfs: f64,
    /// How long no sample has been above -60 dBFS.
    pub silent_seconds: f64,
}

/// Measures blocks as they pass.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    blocks: VecDeque<Block>,
    frames: usize,
    silent_frames: u64,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    frames: usize,
    peak: f32,
    squares: f64,
}

impl Meter {
    /// Adds samples; those of more than a second ago are forgotten, in blocks as they came.
    pub fn add(&mut self, samples: &[f32]) {
        let frames = samples.len() / CHANNELS;
        let peak = samples.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let squares = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        self.blocks.push_back(Block { frames, peak, squares });
        self.frames += frames;
        while let Some(oldest) = self.blocks.front()
            && self.frames - oldest.frames >= SAMPLE_RATE as usize
        {
            self.frames -= oldest.frames;
            self.blocks.pop_front();
        }
        let silent = decibels(f64::from(peak)) < SILENCE_DBFS;
        self.silent_frames = if silent { self.silent_frames + frames as u64 } else { 0 };
    }

    /// The level as of the last samples.
    pub fn level(&self) -> Level {
        let peak = self.blocks.iter().fold(0.0f32, |peak, block| peak.max(block.peak));
        let squares: f64 = self.blocks.iter().map(|block| block.squares).sum();
        let samples = (self.frames * CHANNELS).max(1);
        Level {
            peak_dbfs: decibels(f64::from(peak)),
            rms_dbfs: decibels((squares / samples as f64).sqrt()),
            silent_seconds: self.silent_frames as f64 / f64::from(SAMPLE_RATE),
        }
    }
}

fn decibels(amplitude: f64) -> f64 {
    (20.0 * amplitude.log10()).max(FLOOR_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(amplitude: f32, frames: usize) -> Vec<f32> {
        let wave = |n: usize| amplitude * (n as f32 * 1000.0 / SAMPLE_RATE as f32 * std::f32::consts::TAU).sin();
        (0..frames).flat_map(|n| [wave(n); CHANNELS]).collect()
    }

    #[test]
    fn a_sine_has_its_level() {
        let mut meter = Meter::default();
        meter.add(&sine(0.5, 48_000));
        let level = meter.level();
        assert!((level.peak_dbfs + 6.02).abs() < 0.05, "{level:?}");
        assert!((level.rms_dbfs + 9.03).abs() < 0.05, "{level:?}");
        assert_eq!(level.silent_seconds, 0.0);
    }

    #[test]
    fn a_second_later_it_is_forgotten() {
        let mut meter = Meter::default();
        meter.add(&sine(0.5, 4_800));
        for _ in 0..11 {
            meter.add(&[0.0; 4_800 * CHANNELS]);
        }
        let level = meter.level();
        assert_eq!((level.peak_dbfs, level.rms_dbfs), (FLOOR_DBFS, FLOOR_DBFS));
        assert!((level.silent_seconds - 1.1).abs() < 1e-9);
    }
}
