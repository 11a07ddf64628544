//! Keeps a sum of tracks below full scale without clipping.

use std::collections::VecDeque;

use crate::{CHANNELS, SAMPLE_RATE};

/// No sample leaves above this (-1 dBFS): a lossy codec overshoots a little.
const CEILING: f32 = 0.891_25;
/// How far the limiter looks ahead, and so how late its output is: 5 ms, over which it turns down gently.
const LOOKAHEAD: usize = SAMPLE_RATE as usize / 200;
/// Share of the way back to unity that one frame makes: about 100 ms for most of it.
const RELEASE: f32 = 1.0 / (SAMPLE_RATE as f32 * 0.1);

/// A look-ahead peak limiter; both channels are turned down together.
///
/// The gain that each frame needs is held for the look-ahead, then averaged over it: so the gain has reached what a
/// peak needs when the peak comes out, and it never moves abruptly.
#[derive(Clone, Debug)]
pub struct Limiter {
    delayed: VecDeque<[f32; CHANNELS]>,
    /// Candidates for the smallest gain within the look-ahead: frame number and gain, both rising.
    smallest: VecDeque<(u64, f32)>,
    released: f32,
    averaged: VecDeque<f32>,
    sum: f64,
    frame: u64,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            delayed: VecDeque::from(vec![[0.0; CHANNELS]; LOOKAHEAD]),
            smallest: VecDeque::new(),
            released: 1.0,
            averaged: VecDeque::from(vec![1.0; LOOKAHEAD]),
            sum: LOOKAHEAD as f64,
            frame: 0,
        }
    }
}

impl Limiter {
    /// Frames by which the output is later than the input.
    pub const DELAY: usize = LOOKAHEAD;

    /// Limits the samples in place; what comes out is [`Limiter::DELAY`] frames older.
    pub fn apply(&mut self, samples: &mut [f32]) {
        for frame in samples.chunks_exact_mut(CHANNELS) {
            let peak = frame.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            let gain = self.gain(if peak > CEILING { CEILING / peak } else { 1.0 });
            self.delayed.push_back([frame[0], frame[1]]);
            let oldest = self.delayed.pop_front().unwrap_or_default();
            for (sample, delayed) in frame.iter_mut().zip(oldest) {
                *sample = (delayed * gain).clamp(-CEILING, CEILING);
            }
        }
    }

    /// The gain for the frame that comes out now, when the one that comes in needs `needed`.
    fn gain(&mut self, needed: f32) -> f32 {
        while self.smallest.back().is_some_and(|&(_, gain)| gain >= needed) {
            self.smallest.pop_back();
        }
        self.smallest.push_back((self.frame, needed));
        while self.smallest.front().is_some_and(|&(at, _)| at + LOOKAHEAD as u64 <= self.frame) {
            self.smallest.pop_front();
        }
        self.frame += 1;
        let held = self.smallest.front().map_or(1.0, |&(_, gain)| gain);
        self.released = held.min(self.released + (1.0 - self.released) * RELEASE);
        self.averaged.push_back(self.released);
        self.sum += f64::from(self.released) - f64::from(self.averaged.pop_front().unwrap_or(1.0));
        (self.sum / LOOKAHEAD as f64) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(limiter: &mut Limiter, wave: impl Fn(usize) -> f32, frames: usize) -> Vec<f32> {
        let mut samples: Vec<f32> = (0..frames).flat_map(|n| [wave(n); CHANNELS]).collect();
        limiter.apply(&mut samples);
        samples.into_iter().step_by(CHANNELS).collect()
    }

    fn sine(n: usize) -> f32 {
        (n as f32 * 997.0 / SAMPLE_RATE as f32 * std::f32::consts::TAU).sin()
    }

    #[test]
    fn quiet_sound_passes_untouched_but_later() {
        let out = limited(&mut Limiter::default(), |n| 0.8 * sine(n), 2_000);
        for (n, sample) in out.iter().enumerate().skip(Limiter::DELAY) {
            assert_eq!(*sample, 0.8 * sine(n - Limiter::DELAY));
        }
    }

    #[test]
    fn loud_sound_is_turned_down_and_not_clipped() {
        let out = limited(&mut Limiter::default(), |n| 3.0 * sine(n), 48_000);
        let peak = out.iter().fold(0.0f32, |peak, s| peak.max(s.abs()));
        assert!(peak <= CEILING);
        // Once turned down it is the same sine: what is left beside it is the distortion.
        let (settled, mut rest) = (&out[24_000..], 0.0);
        let factor = settled.iter().enumerate().map(|(n, s)| s * sine(n + 24_000 - Limiter::DELAY)).sum::<f32>() * 2.0
            / settled.len() as f32;
        for (n, sample) in settled.iter().enumerate() {
            rest += (sample - factor * sine(n + 24_000 - Limiter::DELAY)).powi(2);
        }
        let distortion = (rest / settled.len() as f32).sqrt() / (factor / 2f32.sqrt());
        assert!(distortion < 0.01, "{distortion}");
        assert!(factor > 0.85, "no quieter than needed: {factor}");
    }

    #[test]
    fn one_peak_is_met_by_a_slope_and_let_go() {
        let mut limiter = Limiter::default();
        let out = limited(&mut limiter, |n| if n == 5_000 { 2.0 } else { 0.1 }, 48_000);
        let at = 5_000 + Limiter::DELAY;
        assert!((out[at] - CEILING).abs() < 1e-3, "{}", out[at]);
        let around = &out[at - Limiter::DELAY - 10..at];
        let step = around.windows(2).map(|w| (w[0] - w[1]).abs()).fold(0.0, f32::max);
        assert!(step < 0.001, "the gain slopes: {step}");
        assert!(out[40_000] > 0.099, "and comes back");
    }
}
