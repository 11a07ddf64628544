//! The X server's timestamps as times of this machine's clock.

/// Converts millisecond timestamps that wrap every 49 days into CLOCK_MONOTONIC nanoseconds.
///
/// Client and server share the machine but need not share the origin, so the offset is the smallest difference seen
/// between the arrival of an event and its timestamp: an event never arrives before it was made.
#[derive(Debug, Default)]
pub struct ServerTime {
    base: Option<Base>,
}

#[derive(Debug)]
struct Base {
    timestamp_ms: u32,
    /// Smallest "arrival minus time since the base timestamp".
    origin_ns: u64,
}

impl ServerTime {
    /// When the event with this timestamp was made, given that it arrived at `arrival_ns`; never later than that.
    pub fn at(&mut self, timestamp_ms: u32, arrival_ns: u64) -> u64 {
        let base = self.base.get_or_insert(Base { timestamp_ms, origin_ns: arrival_ns });
        // A signed difference, so that timestamps may wrap and may come slightly out of order.
        let since_ms = i64::from(timestamp_ms.wrapping_sub(base.timestamp_ms) as i32);
        let since_ns = since_ms * 1_000_000;
        base.origin_ns = base.origin_ns.min(arrival_ns.saturating_add_signed(-since_ns));
        let time = base.origin_ns.saturating_add_signed(since_ns);
        if since_ms > i64::from(i32::MAX / 2) {
            // Half the range is used up: count from here on.
            *base = Base { timestamp_ms, origin_ns: time };
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn delays_show_once_a_prompt_event_was_seen() {
        let mut time = ServerTime::default();
        assert_eq!(time.at(1000, 50_000 * MS), 50_000 * MS, "the first counts as prompt");
        assert_eq!(time.at(1100, 50_097 * MS), 50_097 * MS, "a prompter one");
        assert_eq!(time.at(1200, 50_230 * MS), 50_197 * MS, "33 ms late");
        assert_eq!(time.at(1200, 50_197 * MS + 1), 50_197 * MS);
    }

    #[test]
    fn timestamps_wrap() {
        let mut time = ServerTime::default();
        time.at(u32::MAX - 9, 1000 * MS);
        assert_eq!(time.at(10, 1025 * MS), 1020 * MS);
    }

    #[test]
    fn months_of_running_change_nothing() {
        let mut time = ServerTime::default();
        let day_ms = 86_400_000u64;
        time.at(0, 1000 * MS);
        for day in 1..200u64 {
            let now = (1000 + day * day_ms) * MS;
            assert_eq!(time.at((day * day_ms) as u32, now + 5 * MS), now, "day {day}");
        }
    }
}
