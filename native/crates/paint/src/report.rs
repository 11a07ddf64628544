//! What was painted, for those who look for it in a recording.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use clipshot_capture::testcard::Stamp;

use crate::Error;

/// Counts frames, and those that no recorder at the same rate can be expected to have.
pub struct Report {
    interval_ns: u64,
    log: Option<BufWriter<File>>,
    first_ns: Option<u64>,
    /// When the last frame was on the screen.
    shown_ns: u64,
    frames: u64,
    /// Frames that were begun less than half an interval after the one before was on the screen: that one was there
    /// too briefly.
    early: Vec<u32>,
    /// Frames painted more than half an interval after they were due.
    late: u64,
}

impl Report {
    pub fn new(fps: f64, log: Option<&Path>) -> Result<Self, Error> {
        let log = match log {
            Some(path) => Some(BufWriter::new(File::create(path)?)),
            None => None,
        };
        let interval_ns = (1e9 / fps) as u64;
        Ok(Self { interval_ns, log, first_ns: None, shown_ns: 0, frames: 0, early: vec![], late: 0 })
    }

    /// Notes a frame that was due at `due_ns`, begun at `at_ns`, and was on the screen at `shown_ns`.
    pub fn painted(&mut self, stamp: Stamp, due_ns: u64, at_ns: u64, shown_ns: u64) -> Result<(), Error> {
        if self.frames > 0 && at_ns - self.shown_ns < self.interval_ns / 2 {
            self.early.push(stamp.counter);
        }
        if at_ns > due_ns + self.interval_ns / 2 {
            self.late += 1;
        }
        self.first_ns.get_or_insert(at_ns);
        self.shown_ns = shown_ns;
        self.frames += 1;
        if let Some(log) = &mut self.log {
            writeln!(log, "{} {}", stamp.counter, at_ns / 1000)?;
        }
        Ok(())
    }

    /// Writes the log's rest, and the report as one line of JSON to standard output.
    pub fn finish(mut self) -> Result<(), Error> {
        if let Some(log) = &mut self.log {
            log.flush()?;
        }
        println!("{}", self.json());
        Ok(())
    }

    fn json(&self) -> String {
        let seconds = (self.shown_ns - self.first_ns.unwrap_or(self.shown_ns)) as f64 / 1e9;
        let early: Vec<String> = self.early.iter().map(u32::to_string).collect();
        let (frames, late, count) = (self.frames, self.late, early.len());
        let counters = early.join(", ");
        format!(
            "{{\"frames\": {frames}, \"seconds\": {seconds:.3}, \"early\": {count}, \"early_counters\": [{counters}], \
             \"late\": {late}}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn frames_that_came_too_close_or_too_late_are_named() {
        let mut report = Report::new(50.0, None).unwrap();
        // Due, begun and on the screen, in milliseconds.
        for (counter, (due, begun, shown)) in
            [(0, 0, 1), (20, 31, 32), (40, 40, 41), (60, 60, 61)].into_iter().enumerate()
        {
            let stamp = Stamp::new(counter as u32, begun * MS);
            report.painted(stamp, (100 + due) * MS, (100 + begun) * MS, (100 + shown) * MS).unwrap();
        }
        let expected = r#"{"frames": 4, "seconds": 0.061, "early": 1, "early_counters": [2], "late": 1}"#;
        assert_eq!(report.json(), expected);
    }

    #[test]
    fn nothing_painted_is_a_report_too() {
        let report = Report::new(50.0, None).unwrap();
        assert_eq!(report.json(), r#"{"frames": 0, "seconds": 0.000, "early": 0, "early_counters": [], "late": 0}"#);
    }
}
