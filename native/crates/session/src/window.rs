//! Rates over the last two seconds.

use std::collections::VecDeque;

const LENGTH_NS: u64 = 2_000_000_000;

/// Packets of the last two seconds.
#[derive(Debug, Default)]
pub struct Window {
    packets: VecDeque<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at_ns: u64,
    bytes: u64,
    encode_ns: u64,
}

/// Means over the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    pub fps: f64,
    pub bitrate_kbps: f64,
    pub encode_ms: f64,
}

impl Window {
    /// Adds a packet that came out at `at_ns`, `encode_ns` after its picture was taken.
    pub fn add(&mut self, at_ns: u64, bytes: u64, encode_ns: u64) {
        self.packets.push_back(Sample { at_ns, bytes, encode_ns });
        self.forget(at_ns);
    }

    /// Rates as of `now_ns` for a session that began at `began_ns`.
    pub fn rates(&mut self, now_ns: u64, began_ns: u64) -> Rates {
        self.forget(now_ns);
        let seconds = now_ns.saturating_sub(began_ns).min(LENGTH_NS) as f64 / 1e9;
        let count = self.packets.len() as f64;
        if count == 0.0 || seconds == 0.0 {
            return Rates::default();
        }
        let bytes: u64 = self.packets.iter().map(|sample| sample.bytes).sum();
        let encode_ns: u64 = self.packets.iter().map(|sample| sample.encode_ns).sum();
        Rates {
            fps: count / seconds,
            bitrate_kbps: bytes as f64 * 8.0 / 1000.0 / seconds,
            encode_ms: encode_ns as f64 / 1e6 / count,
        }
    }

    fn forget(&mut self, now_ns: u64) {
        while self.packets.front().is_some_and(|sample| sample.at_ns + LENGTH_NS < now_ns) {
            self.packets.pop_front();
        }
    }
}
