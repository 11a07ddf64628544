//! The built-in source: a moving picture with a clock and a frame counter, for machines without a screen and for tests.

use std::str::FromStr;

use clipshot_media::{monotonic_ns, unix_ns};

use crate::testcard::{Stamp, TestCard};
use crate::{Layout, Result, Slot, Source, Waker};

/// Size and rate of the test source, as its id says them: `clock`, `clock:640x360`, `clock@30`, `clock:640x360@30`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestFormat {
    /// Width in pixels, 160 to 8192.
    pub width: u32,
    /// Height in pixels, 120 to 8192.
    pub height: u32,
    /// Pictures a second, above 0 and up to 1000.
    pub rate: f64,
}

impl Default for TestFormat {
    fn default() -> Self {
        Self { width: 1280, height: 720, rate: 60.0 }
    }
}

impl FromStr for TestFormat {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut format = Self::default();
        let rest = text.strip_prefix("clock").ok_or(())?;
        let (size, rate) = rest.split_once('@').map_or((rest, None), |(size, rate)| (size, Some(rate)));
        if let Some(rate) = rate {
            format.rate = rate.parse().map_err(drop)?;
        }
        if !size.is_empty() {
            let (width, height) = size.strip_prefix(':').and_then(|size| size.split_once('x')).ok_or(())?;
            format.width = width.parse().map_err(drop)?;
            format.height = height.parse().map_err(drop)?;
        }
        // Smaller pictures would not hold the stamp.
        let fits = (160..=8192).contains(&format.width) && (120..=8192).contains(&format.height);
        if fits && format.rate > 0.0 && format.rate <= 1000.0 { Ok(format) } else { Err(()) }
    }
}

/// Changes `rate` times a second, each time by one frame.
#[derive(Debug)]
pub struct TestSource {
    card: TestCard,
    origin_ns: u64,
    interval_ns: f64,
    /// Number of the frame that the newest picture shows.
    shown: Option<u64>,
}

impl TestSource {
    /// A source whose frame 0 is on the screen from now on.
    pub fn new(format: TestFormat) -> Self {
        Self {
            card: TestCard::new(format.width, format.height),
            origin_ns: monotonic_ns(),
            interval_ns: 1e9 / format.rate,
            shown: None,
        }
    }

    /// When frame number `frame` comes onto the screen.
    pub fn painted_at(&self, frame: u64) -> u64 {
        self.origin_ns + (frame as f64 * self.interval_ns).ceil() as u64
    }

    fn first_hidden(&self) -> u64 {
        self.shown.map_or(0, |shown| shown + 1)
    }
}

impl Source for TestSource {
    fn layout(&self) -> Layout {
        self.card.layout()
    }

    fn make_slots(&mut self, count: usize) -> Result<Vec<Slot>> {
        Ok((0..count).map(|index| Slot::own(index, self.card.layout().len())).collect())
    }

    fn wait(&mut self, deadline_ns: u64, waker: &Waker) -> Result<()> {
        waker.sleep_until(deadline_ns.min(self.painted_at(self.first_hidden())));
        Ok(())
    }

    fn changed(&self) -> Option<u64> {
        let next = self.painted_at(self.first_hidden());
        (next <= monotonic_ns()).then_some(next)
    }

    fn fill(&mut self, slot: &mut Slot) -> Result<()> {
        let now = monotonic_ns();
        let mut frame = ((now - self.origin_ns) as f64 / self.interval_ns) as u64;
        // Division and `painted_at` may round apart by one.
        if self.painted_at(frame + 1) <= now {
            frame += 1;
        }
        let painted_at = self.painted_at(frame);
        let time_of_day_ms = unix_ns().saturating_sub(now - painted_at.min(now)) / 1_000_000;
        self.card.draw_background(slot.bytes_mut(), frame as u32);
        self.card.draw_stamp(slot.bytes_mut(), Stamp::new(frame as u32, painted_at), time_of_day_ms);
        self.shown = Some(frame);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_says_size_and_rate() {
        let parse = |text: &str| text.parse::<TestFormat>();
        assert_eq!(parse("clock"), Ok(TestFormat::default()));
        assert_eq!(parse("clock@30"), Ok(TestFormat { rate: 30.0, ..TestFormat::default() }));
        let small = TestFormat { width: 640, height: 360, rate: 59.94 };
        assert_eq!(parse("clock:640x360@59.94"), Ok(small));
        for wrong in
            ["", "clocks", "clock:", "clock:1x1", "clock:99999x10", "clock@0", "clock@nan", "clock@-1", "clock:@5"]
        {
            assert_eq!(parse(wrong), Err(()), "{wrong}");
        }
    }
}
