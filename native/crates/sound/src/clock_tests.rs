use super::*;

/// A made-up stream: its true clock, and readings with noise that is the same in every run.
struct Stream {
    start_ns: f64,
    ppm: f64,
    noise_ns: f64,
    seed: u32,
}

impl Stream {
    fn frame_at(&self, at_ns: u64) -> f64 {
        (at_ns as f64 - self.start_ns) * (1.0 + self.ppm * 1e-6) * f64::from(SAMPLE_RATE) / 1e9
    }

    fn time_of(&self, frame: f64) -> f64 {
        self.start_ns + frame * 1e9 / f64::from(SAMPLE_RATE) / (1.0 + self.ppm * 1e-6)
    }

    /// Within -1 and 1.
    fn random(&mut self) -> f64 {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.seed >> 8) / f64::from(1u32 << 23) - 1.0
    }

    fn reading(&mut self, at_ns: u64) -> Reading {
        let noise = self.random() * self.noise_ns;
        Reading { at_ns, frame: self.frame_at((at_ns as f64 + noise) as u64), uncertainty_ns: 200_000 }
    }
}

const SECOND: u64 = 1_000_000_000;
const START: u64 = 7_000 * SECOND;

fn stream(ppm: f64, noise_ns: f64) -> Stream {
    Stream { start_ns: START as f64, ppm, noise_ns, seed: 1 }
}

/// Error in ns of the estimate for the frame that is heard at `at_ns`.
fn error(clock: &StreamClock, stream: &Stream, at_ns: u64) -> f64 {
    let frame = stream.frame_at(at_ns);
    clock.time_of(frame).unwrap() - stream.time_of(frame)
}

/// Four readings a second; gives the largest error from `from` seconds on.
fn largest_error(clock: &mut StreamClock, stream: &mut Stream, seconds: u64, from: u64) -> f64 {
    let mut largest: f64 = 0.0;
    for quarter in 1..=seconds * 4 {
        let at = START + quarter * SECOND / 4;
        clock.add(stream.reading(at));
        if quarter >= from * 4 {
            largest = largest.max(error(clock, stream, at).abs());
        }
    }
    largest
}

#[test]
fn drift_and_jitter_average_out() {
    for ppm in [-180.0, 0.0, 35.0, 250.0] {
        let (mut clock, mut stream) = (StreamClock::default(), stream(ppm, 3e6));
        let largest = largest_error(&mut clock, &mut stream, 600, 20);
        assert!(largest < 1.2e6, "{ppm} ppm: off by {} ms", largest / 1e6);
        assert!((clock.drift_ppm() - ppm).abs() < 15.0, "{} is not {ppm}", clock.drift_ppm());
    }
}

#[test]
fn first_readings_mislead_nobody() {
    let (mut clock, mut stream) = (StreamClock::default(), stream(0.0, 0.5e6));
    for n in 0..DISCARDED as u64 {
        clock.add(Reading { at_ns: START + n * SECOND / 50, frame: 0.0, uncertainty_ns: 0 });
    }
    // One more that lies, which the median leaves out.
    clock.add(Reading { at_ns: START + 3 * SECOND / 50, frame: -9000.0, uncertainty_ns: 0 });
    assert!(clock.time_of(0.0).is_none() && !clock.is_settled());
    let mut n = 4;
    while !clock.is_settled() {
        clock.add(stream.reading(START + n * SECOND / 50));
        n += 1;
    }
    assert!(n < 20, "settled after {n} readings");
    assert!(error(&clock, &stream, START + n * SECOND / 50).abs() < 1e6);
}

#[test]
fn a_reading_that_cannot_be_true_counts_for_little() {
    let (mut clock, mut stream) = (StreamClock::default(), stream(40.0, 1e6));
    largest_error(&mut clock, &mut stream, 30, 30);
    let at = START + 31 * SECOND;
    let before = error(&clock, &stream, at);
    let late = Reading { frame: stream.frame_at(at) - 4_800.0, ..stream.reading(at) };
    assert!(!clock.add(late));
    assert!((error(&clock, &stream, at) - before).abs() < 0.3e6);
}

#[test]
fn an_uncertain_reading_counts_for_less() {
    let far_off = |uncertainty_ns| {
        let (mut clock, mut stream) = (StreamClock::default(), stream(0.0, 0.2e6));
        largest_error(&mut clock, &mut stream, 10, 10);
        let at = START + 11 * SECOND;
        clock.add(Reading { frame: stream.frame_at(at + 2_000_000), at_ns: at, uncertainty_ns });
        error(&clock, &stream, at).abs()
    };
    assert!(far_off(20_000_000) < far_off(0) / 4.0);
}

#[test]
fn a_jump_is_told_once_and_then_followed() {
    let (mut clock, mut stream) = (StreamClock::default(), stream(40.0, 1e6));
    largest_error(&mut clock, &mut stream, 20, 20);
    stream.start_ns += 0.5e9;
    let mut jumps = 0;
    for n in 0..40 {
        jumps += usize::from(clock.add(stream.reading(START + 21 * SECOND + n * SECOND / 4)));
    }
    assert_eq!(jumps, 1);
    assert!(error(&clock, &stream, START + 31 * SECOND).abs() < 1e6);
    assert!((clock.drift_ppm() - 40.0).abs() < 30.0);
}

#[test]
fn a_small_shift_is_followed_without_a_jump() {
    let (mut clock, mut stream) = (StreamClock::default(), stream(0.0, 0.5e6));
    largest_error(&mut clock, &mut stream, 20, 20);
    stream.start_ns += 15e6;
    for n in 0..80 {
        assert!(!clock.add(stream.reading(START + 21 * SECOND + n * SECOND / 4)));
    }
    assert!(error(&clock, &stream, START + 41 * SECOND).abs() < 1.5e6);
}
