//! When the next frame is due.

use std::sync::atomic::{AtomicBool, Ordering};

use clipshot_media::monotonic_ns;
use rustix::thread::{ClockId, clock_nanosleep_absolute};
use rustix::time::Timespec;

/// A sleep is never longer, so that a stop is seen soon.
const LONGEST_SLEEP_NS: u64 = 100_000_000;

/// A steady rate from a fixed start: a late frame does not delay those after it.
pub struct Pace {
    start_ns: u64,
    interval_ns: f64,
    next: u64,
    end_ns: u64,
}

impl Pace {
    /// Frames from now on, `seconds` long or for ever.
    pub fn new(fps: f64, seconds: Option<f64>) -> Self {
        let start_ns = monotonic_ns();
        let length_ns = seconds.map_or(u64::MAX / 4, |seconds| (seconds.max(0.0) * 1e9) as u64);
        Self { start_ns, interval_ns: 1e9 / fps, next: 0, end_ns: start_ns.saturating_add(length_ns) }
    }

    /// Sleeps until the next frame is due and returns that time; none when the time is over or `stop` is set.
    ///
    /// Frames whose whole interval has passed already are left out.
    pub fn wait(&mut self, stop: &AtomicBool) -> Option<u64> {
        let passed = (monotonic_ns() - self.start_ns) as f64 / self.interval_ns;
        self.next = self.next.max(passed as u64);
        let due_ns = self.start_ns + (self.next as f64 * self.interval_ns) as u64;
        self.next += 1;
        sleep_until(due_ns.min(self.end_ns), stop);
        (due_ns < self.end_ns && !stop.load(Ordering::Relaxed)).then_some(due_ns)
    }

    /// Sleeps until the end.
    pub fn sleep_until_stopped(&self, stop: &AtomicBool) {
        sleep_until(self.end_ns, stop);
    }
}

fn sleep_until(time_ns: u64, stop: &AtomicBool) {
    loop {
        let now = monotonic_ns();
        if now >= time_ns || stop.load(Ordering::Relaxed) {
            return;
        }
        let wake = time_ns.min(now + LONGEST_SLEEP_NS);
        let wake = Timespec { tv_sec: (wake / 1_000_000_000) as i64, tv_nsec: (wake % 1_000_000_000) as _ };
        // A signal ends the sleep early; the loop looks again.
        let _ = clock_nanosleep_absolute(ClockId::Monotonic, &wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_due_at_a_steady_rate_until_the_end() {
        let stop = AtomicBool::new(false);
        let mut pace = Pace::new(200.0, Some(0.1));
        let start = pace.start_ns;
        let due: Vec<u64> = std::iter::from_fn(|| pace.wait(&stop)).map(|due| due - start).collect();
        assert!(due.iter().all(|due| due.is_multiple_of(5_000_000) && *due < 100_000_000), "{due:?}");
        assert!(due.windows(2).all(|pair| pair[0] < pair[1]), "{due:?}");
    }

    #[test]
    fn a_stop_ends_it() {
        let stop = AtomicBool::new(true);
        assert_eq!(Pace::new(1.0, None).wait(&stop), None);
        Pace::new(1.0, None).sleep_until_stopped(&stop);
    }
}
