use std::thread;
use std::time::{Duration, Instant};

/// Hands out slots in real time. The encoder that is late goes on without a pause, as a full queue would make it.
pub struct Pace {
    start: Instant,
    fps: u32,
    late: u64,
}

impl Pace {
    /// Slot 0 is now.
    pub fn new(fps: u32) -> Self {
        Self { start: Instant::now(), fps, late: 0 }
    }

    /// Sleeps until the slot's time.
    pub fn wait_for(&mut self, slot: i64) {
        let interval = Duration::from_secs(1) / self.fps;
        let due = self.start + Duration::from_secs_f64(slot as f64 / f64::from(self.fps));
        let now = Instant::now();
        match due.checked_duration_since(now) {
            Some(left) => thread::sleep(left),
            None => self.late += u64::from(now.duration_since(due) > interval),
        }
    }

    /// Slots that began more than an interval late: more than a few mean that the machine is too slow for this encoder.
    pub fn late(&self) -> u64 {
        self.late
    }
}
