//! One input's samples on the session's time.
//!
//! A device's 48 000 samples a second are not the machine's. The resampler is steered gently, so that each sample comes
//! to lie where the stream's clock says it was heard; only a real gap (samples that were lost, a stream that jumped)
//! moves what follows at once, and what is missing is silence.

use std::collections::VecDeque;

use crate::{CHANNELS, Reading, SAMPLE_RATE, StreamClock};

/// An error is corrected over about this many seconds.
const CORRECTION_SECONDS: f64 = 4.0;
/// The most that the speed is changed for a correction, parts per million: 5 cents, which nobody hears.
const MAX_CORRECTION_PPM: f64 = 3_000.0;
/// An error above this is not corrected gently but moves the samples: it would take too long to be heard as in time.
const MAX_ERROR_FRAMES: f64 = SAMPLE_RATE as f64 * 0.1;
/// What is kept until the clock is settled, and of what is heard later than now: seconds of sound.
const MAX_HELD_FRAMES: usize = SAMPLE_RATE as usize * 5;

/// A resampler whose speed can be changed while it runs. Samples are interleaved.
pub trait Resample {
    /// What a call of the resampler fails with.
    type Error;
    /// Takes samples and appends those that are ready to `out`.
    ///
    /// # Errors
    /// The resampler's own.
    fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), Self::Error>;
    /// Makes the output longer by so many parts per million (shorter where negative), from the next sample on.
    ///
    /// # Errors
    /// The resampler's own.
    fn stretch(&mut self, ppm: f64) -> Result<(), Self::Error>;
    /// Input frames that were taken and lie after the next output frame; not a whole number.
    fn delay(&self) -> f64;
    /// Forgets all samples.
    ///
    /// # Errors
    /// The resampler's own.
    fn restart(&mut self) -> Result<(), Self::Error>;
}

/// Samples of one input, placed on the session's frames (48 000 a second since its origin).
pub struct Timeline<R> {
    resampler: R,
    clock: StreamClock,
    origin_ns: u64,
    /// Position in the stream after the last frame that the resampler took; none when it has to begin anew.
    taken: Option<u64>,
    /// Samples that came before the clock was settled, with the position of the first.
    early: VecDeque<(u64, Vec<f32>)>,
    early_frames: usize,
    /// Session frame of the first sample in `ready`.
    first: i64,
    ready: VecDeque<f32>,
    scratch: Vec<f32>,
    placements: u64,
}

impl<R: Resample> Timeline<R> {
    /// An input of which nothing is known yet, for a session whose frame 0 is at `origin_ns` (CLOCK_MONOTONIC).
    pub fn new(resampler: R, origin_ns: u64) -> Self {
        Self {
            resampler,
            clock: StreamClock::default(),
            origin_ns,
            taken: None,
            early: VecDeque::new(),
            early_frames: 0,
            first: 0,
            ready: VecDeque::new(),
            scratch: Vec::new(),
            placements: 0,
        }
    }

    /// A new stream begins: positions and clock start again. What was placed stays.
    pub fn begin_stream(&mut self) {
        self.clock = StreamClock::default();
        self.taken = None;
        self.early.clear();
        self.early_frames = 0;
    }

    /// What the server says about the stream's time.
    ///
    /// # Errors
    /// The resampler's.
    pub fn add_reading(&mut self, reading: Reading) -> Result<(), R::Error> {
        if self.clock.add(reading) {
            self.taken = None;
        }
        if self.clock.is_settled() {
            for (position, samples) in std::mem::take(&mut self.early) {
                self.place(position, &samples)?;
            }
            self.early_frames = 0;
        }
        Ok(())
    }

    /// Samples of the stream, the first of which has this position (frames since the stream's start).
    ///
    /// # Errors
    /// The resampler's.
    pub fn add_samples(&mut self, position: u64, samples: Vec<f32>) -> Result<(), R::Error> {
        if self.clock.is_settled() {
            return self.place(position, &samples);
        }
        self.early_frames += samples.len() / CHANNELS;
        self.early.push_back((position, samples));
        while self.early_frames > MAX_HELD_FRAMES
            && let Some((_, oldest)) = self.early.pop_front()
        {
            self.early_frames -= oldest.len() / CHANNELS;
        }
        Ok(())
    }

    /// Session frame after the last one that is ready.
    pub fn ready_until(&self) -> i64 {
        self.first + (self.ready.len() / CHANNELS) as i64
    }

    /// Fills `out` with the frames from `start` on, silence where there are none. Frames before its end can not be
    /// had again; `start` must not go back.
    pub fn take(&mut self, start: i64, out: &mut [f32]) {
        self.forget_before(start);
        out.fill(0.0);
        let end = start + (out.len() / CHANNELS) as i64;
        let from = (self.first.max(start) - start).min(end - start) as usize * CHANNELS;
        for (sample, ready) in out[from..].iter_mut().zip(&self.ready) {
            *sample = *ready;
        }
        self.forget_before(end);
    }

    /// How much faster than the machine's clock the device is, parts per million.
    pub fn drift_ppm(&self) -> f64 {
        self.clock.drift_ppm()
    }

    /// Times that samples were placed anew, the first time included.
    pub fn placements(&self) -> u64 {
        self.placements
    }

    /// When the frame at this position is heard, CLOCK_MONOTONIC ns; none while that is unknown.
    pub fn time_of(&self, position: u64) -> Option<f64> {
        self.clock.time_of(position as f64)
    }

    fn place(&mut self, position: u64, samples: &[f32]) -> Result<(), R::Error> {
        if self.taken != Some(position) {
            self.restart_at(position)?;
        } else if let Some(error) = self.error(position) {
            if error.abs() > MAX_ERROR_FRAMES {
                self.restart_at(position)?;
            } else {
                let gentle = error / (CORRECTION_SECONDS * f64::from(SAMPLE_RATE)) * 1e6;
                let ppm = (gentle - self.clock.drift_ppm()).clamp(-MAX_CORRECTION_PPM, MAX_CORRECTION_PPM);
                self.resampler.stretch(ppm)?;
            }
        }
        self.scratch.clear();
        self.resampler.push(samples, &mut self.scratch)?;
        self.taken = Some(position + (samples.len() / CHANNELS) as u64);
        self.ready.extend(&self.scratch);
        let excess = (self.ready.len() / CHANNELS).saturating_sub(MAX_HELD_FRAMES);
        self.forget_before(self.first + excess as i64);
        Ok(())
    }

    /// By how many frames the next output frame lies too early.
    fn error(&self, position: u64) -> Option<f64> {
        Some(self.session_frame(position as f64 - self.resampler.delay())? - self.ready_until() as f64)
    }

    fn session_frame(&self, position: f64) -> Option<f64> {
        let time = self.clock.time_of(position)?;
        Some((time - self.origin_ns as f64) * f64::from(SAMPLE_RATE) / 1e9)
    }

    /// What follows is placed where the clock says, behind silence or in place of what is there already.
    fn restart_at(&mut self, position: u64) -> Result<(), R::Error> {
        let Some(frame) = self.session_frame(position as f64) else { return Ok(()) };
        self.resampler.restart()?;
        self.resampler.stretch(-self.clock.drift_ppm())?;
        self.placements += 1;
        let target = frame.round() as i64;
        let missing = target - self.ready_until();
        if self.ready.is_empty() || target <= self.first || missing > MAX_HELD_FRAMES as i64 {
            self.ready.clear();
            self.first = target;
        } else {
            self.ready.resize((target - self.first) as usize * CHANNELS, 0.0);
        }
        Ok(())
    }

    fn forget_before(&mut self, frame: i64) {
        let gone = (frame - self.first).clamp(0, (self.ready.len() / CHANNELS) as i64);
        self.ready.drain(..gone as usize * CHANNELS);
        self.first += gone;
    }
}
