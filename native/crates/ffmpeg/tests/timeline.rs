//! Samples of made-up devices, whose clocks drift and whose servers answer with jitter, placed by the real resampler.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used)]

use clipshot_ffmpeg::Resampler;
use clipshot_sound::{CHANNELS, Reading, SAMPLE_RATE, Timeline};

const RATE: f64 = SAMPLE_RATE as f64;
const ORIGIN_NS: u64 = 5_000_000_000;
/// Frames that a device hands over at a time: 10 ms.
const BLOCK: u64 = SAMPLE_RATE as u64 / 100;
const BEEP_SECONDS: f64 = 0.05;

/// A device that hears a beep at each whole second of the session.
struct Device {
    /// By how much it is faster than the machine's clock.
    drift: f64,
    /// Session time (s) at which its stream begins.
    start: f64,
    /// Readings are off by up to this much (s).
    jitter: f64,
    seed: u32,
}

impl Device {
    fn new(ppm: f64, start: f64, jitter: f64) -> Self {
        Self { drift: 1.0 + ppm * 1e-6, start, jitter, seed: 7 }
    }

    /// Session time (s) at which a frame is heard.
    fn time_of(&self, frame: f64) -> f64 {
        self.start + frame / RATE / self.drift
    }

    fn samples(&self, position: u64) -> Vec<f32> {
        let sample = |frame: u64| {
            let time = self.time_of(frame as f64);
            let since = time - time.floor();
            if since < BEEP_SECONDS { (since * 1000.0 * std::f64::consts::TAU).cos() as f32 * 0.5 } else { 0.0 }
        };
        (position..position + BLOCK).flat_map(|frame| [sample(frame); CHANNELS]).collect()
    }

    fn reading(&mut self, time: f64) -> Reading {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (f64::from(self.seed >> 8) / f64::from(1u32 << 23) - 1.0) * self.jitter;
        let frame = (time + noise - self.start) * self.drift * RATE;
        Reading { at_ns: ORIGIN_NS + (time * 1e9) as u64, frame, uncertainty_ns: 300_000 }
    }
}

/// Hears a device for some seconds; `lose` says which blocks never arrive. Gives the session's samples (one channel).
fn hear(device: &mut Device, seconds: f64, lose: impl Fn(u64) -> bool) -> Vec<f32> {
    let mut timeline = Timeline::new(Resampler::new().unwrap(), ORIGIN_NS);
    let mut heard = Vec::new();
    let (mut block, mut taken) = (0, 0);
    let mut next_reading = device.start;
    while device.time_of((block * BLOCK) as f64) < seconds {
        let now = device.time_of(((block + 1) * BLOCK) as f64);
        if now >= next_reading {
            timeline.add_reading(device.reading(now)).unwrap();
            next_reading = now + if now < device.start + 0.4 { 0.02 } else { 0.25 };
        }
        if !lose(block) {
            timeline.add_samples(block * BLOCK, device.samples(block * BLOCK)).unwrap();
        }
        block += 1;
        // As the session does: what is 300 ms old is taken, there or not.
        while (taken as f64 + 1024.0) / RATE < now - 0.3 {
            let mut out = vec![0.0; 1024 * CHANNELS];
            timeline.take(taken, &mut out);
            heard.extend(out.iter().step_by(CHANNELS));
            taken += 1024;
        }
    }
    heard
}

/// How many seconds too late the beep of each second lies, by the middle of its energy.
fn lateness(heard: &[f32], seconds: std::ops::Range<usize>) -> Vec<f64> {
    let middle = |second: usize| {
        let begin = (second as f64 * RATE) as usize - 4_800;
        let (mut energy, mut moment) = (0.0, 0.0);
        for (n, sample) in heard[begin..begin + 14_400].iter().enumerate() {
            let power = f64::from(*sample).powi(2);
            energy += power;
            moment += power * n as f64;
        }
        assert!(energy > 0.0, "no beep at {second} s");
        (moment / energy - 4_800.0) / RATE - BEEP_SECONDS / 2.0
    };
    seconds.map(middle).collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

#[test]
fn a_device_that_drifts_stays_in_time() {
    for ppm in [-300.0, 0.0, 120.0, 300.0] {
        let heard = hear(&mut Device::new(ppm, 0.137, 0.002), 70.0, |_| false);
        let late = lateness(&heard, 2..69);
        assert!(largest(&late) < 0.002, "{ppm} ppm: {late:?}");
        // Without correction the last would be off by 20 ms at 300 ppm.
        assert!(largest(&late[20..]) < 0.0007, "{ppm} ppm: {:?}", &late[20..]);
    }
}

#[test]
fn lost_samples_are_silence_and_move_nothing() {
    let lose = |block| (550..630).contains(&block);
    let heard = hear(&mut Device::new(80.0, 0.0, 0.001), 20.0, lose);
    let late = lateness(&heard, 2..5);
    assert!(largest(&late) < 0.002, "{late:?}");
    let gap = &heard[(5.6 * RATE) as usize..(6.25 * RATE) as usize];
    assert!(gap.iter().all(|sample| *sample == 0.0), "silence where nothing came");
    let late = lateness(&heard, 7..19);
    assert!(largest(&late) < 0.001, "{late:?}");
}

#[test]
fn the_correction_makes_no_noise() {
    // A tone right through: what is not the tone is noise of the resampler, or a jump.
    let mut timeline = Timeline::new(Resampler::new().unwrap(), ORIGIN_NS);
    let mut device = Device::new(150.0, 0.0, 0.002);
    let tone = |frame: u64| (frame as f64 * 997.0 / RATE * std::f64::consts::TAU).sin() as f32 * 0.5;
    let mut heard: Vec<f32> = Vec::new();
    for block in 0..3_000u64 {
        let now = device.time_of(((block + 1) * BLOCK) as f64);
        if block < 40 || block.is_multiple_of(25) {
            timeline.add_reading(device.reading(now)).unwrap();
        }
        let position = block * BLOCK;
        let samples = (position..position + BLOCK).flat_map(|frame| [tone(frame); CHANNELS]).collect();
        timeline.add_samples(position, samples).unwrap();
        if block > 50 {
            let mut out = vec![0.0; BLOCK as usize * CHANNELS];
            timeline.take((block as i64 - 50) * BLOCK as i64, &mut out);
            heard.extend(out.iter().step_by(CHANNELS));
        }
    }
    assert_eq!(timeline.placements(), 1);
    // Each sample of a sine follows from the two before it, whatever its phase.
    let settled = &heard[48_000..];
    let twice = 2.0 * (997.0 / RATE * std::f64::consts::TAU).cos();
    let rest: Vec<f64> =
        settled.windows(3).map(|w| f64::from(w[2]) - twice * f64::from(w[1]) + f64::from(w[0])).collect();
    assert!(largest(&rest) < 3e-4, "{}", largest(&rest));
}
