//! The session's clock: session ticks counted on CLOCK_MONOTONIC.

use rustix::time::{ClockId, clock_gettime};

use crate::VIDEO_TIMESCALE;

const NANOS_A_SECOND: i128 = 1_000_000_000;

/// CLOCK_MONOTONIC in nanoseconds: the clock of every time in the native core that is not a tick.
pub fn monotonic_ns() -> u64 {
    nanoseconds(ClockId::Monotonic)
}

/// The wall clock in nanoseconds since 1970, as it is set now.
pub fn unix_ns() -> u64 {
    nanoseconds(ClockId::Realtime)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Relates session ticks ([`VIDEO_TIMESCALE`] a second) to the machine's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    origin_ns: u64,
    origin_unix_ns: u64,
}

impl Clock {
    /// A clock whose tick 0 is `origin_ns` of CLOCK_MONOTONIC, not later than now.
    pub fn starting_at(origin_ns: u64) -> Self {
        let since = monotonic_ns().saturating_sub(origin_ns);
        Self { origin_ns, origin_unix_ns: unix_ns().saturating_sub(since) }
    }

    /// CLOCK_MONOTONIC time of tick 0.
    pub fn origin_ns(&self) -> u64 {
        self.origin_ns
    }

    /// Wall clock of tick 0. Steps that the wall clock made after the start are not in it.
    pub fn origin_unix_ns(&self) -> u64 {
        self.origin_unix_ns
    }

    /// Session time of a moment, rounded down; negative before the origin.
    pub fn ticks_at(&self, monotonic_ns: u64) -> i64 {
        let since = i128::from(monotonic_ns) - i128::from(self.origin_ns);
        let ticks = (since * i128::from(VIDEO_TIMESCALE)).div_euclid(NANOS_A_SECOND);
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_count_from_the_origin() {
        let clock = Clock::starting_at(5_000_000_000);
        assert_eq!(clock.ticks_at(5_000_000_000), 0);
        assert_eq!(clock.ticks_at(6_500_000_000), 135_000);
        assert_eq!(clock.ticks_at(4_999_999_999), -1);
    }

    #[test]
    fn wall_clock_of_the_origin_is_as_far_back_as_the_origin() {
        let now = monotonic_ns();
        let recent = Clock::starting_at(now);
        let minute_ago = Clock::starting_at(now - 60_000_000_000);
        let apart = recent.origin_unix_ns() - minute_ago.origin_unix_ns();
        assert!(apart.abs_diff(60_000_000_000) < 5_000_000_000, "{apart}");
    }
}
