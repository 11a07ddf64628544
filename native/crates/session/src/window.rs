//! Rates over the last two seconds.

use std::collections::VecDeque;

const LENGTH_NS: u64 = 2_000_000_000;

/// What happened in the last two seconds.
#[derive(Debug, Default)]
pub struct Window {
    packets: VecDeque<Sample>,
    work: VecDeque<Work>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at_ns: u64,
    bytes: u64,
    encode_ns: u64,
}

/// A picture that the encode stage was busy with.
#[derive(Clone, Copy, Debug)]
struct Work {
    until_ns: u64,
    busy_ns: u64,
}

/// Means over the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    pub fps: f64,
    pub bitrate_kbps: f64,
    pub encode_ms: f64,
    /// Part of the time in which the encode stage was busy, 0 to 1.
    pub encoder_load: f64,
}

impl Window {
    /// Adds a packet that came out at `at_ns`, `encode_ns` after its picture was taken.
    pub fn add(&mut self, at_ns: u64, bytes: u64, encode_ns: u64) {
        self.packets.push_back(Sample { at_ns, bytes, encode_ns });
        self.forget(at_ns);
    }

    /// Adds a picture that took the encode stage `busy_ns` up to `until_ns`.
    pub fn add_work(&mut self, until_ns: u64, busy_ns: u64) {
        self.work.push_back(Work { until_ns, busy_ns });
        self.forget(until_ns);
    }

    /// Rates as of `now_ns` for a session that began at `began_ns`.
    pub fn rates(&mut self, now_ns: u64, began_ns: u64) -> Rates {
        self.forget(now_ns);
        let seconds = now_ns.saturating_sub(began_ns).min(LENGTH_NS) as f64 / 1e9;
        if seconds == 0.0 {
            return Rates::default();
        }
        let busy_ns: u64 = self.work.iter().map(|work| work.busy_ns).sum();
        let encoder_load = (busy_ns as f64 / 1e9 / seconds).min(1.0);
        let count = self.packets.len() as f64;
        if count == 0.0 {
            return Rates { encoder_load, ..Rates::default() };
        }
        let bytes: u64 = self.packets.iter().map(|sample| sample.bytes).sum();
        let encode_ns: u64 = self.packets.iter().map(|sample| sample.encode_ns).sum();
        Rates {
            fps: count / seconds,
            bitrate_kbps: bytes as f64 * 8.0 / 1000.0 / seconds,
            encode_ms: encode_ns as f64 / 1e6 / count,
            encoder_load,
        }
    }

    fn forget(&mut self, now_ns: u64) {
        while self.packets.front().is_some_and(|sample| sample.at_ns + LENGTH_NS < now_ns) {
            self.packets.pop_front();
        }
        while self.work.front().is_some_and(|work| work.until_ns + LENGTH_NS < now_ns) {
            self.work.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn load_is_the_busy_part_of_two_seconds() {
        let mut window = Window::default();
        for n in 1..=40 {
            window.add_work(n * SECOND / 10, SECOND / 40);
        }
        assert!((window.rates(4 * SECOND, 0).encoder_load - 0.25).abs() < 0.02);
        assert!((window.rates(5 * SECOND, 0).encoder_load - 0.125).abs() < 0.02);
        assert_eq!(window.rates(7 * SECOND, 0).encoder_load, 0.0);
        window.add_work(7 * SECOND, 3 * SECOND);
        assert_eq!(window.rates(7 * SECOND, 0).encoder_load, 1.0);
    }

    #[test]
    fn a_young_session_is_measured_over_its_life() {
        let mut window = Window::default();
        window.add(SECOND, 1000, 5_000_000);
        window.add_work(SECOND, SECOND / 2);
        let expected = Rates { fps: 1.0, bitrate_kbps: 8.0, encode_ms: 5.0, encoder_load: 0.5 };
        assert_eq!(window.rates(SECOND, 0), expected);
        assert_eq!(window.rates(SECOND, SECOND), Rates::default());
    }
}
