//! Which slot of the frame grid a picture belongs to, and when to take it.
//!
//! Pictures are taken when the screen changes, yet their PTS lie on a grid of `fps` slots a second. The grid follows
//! the phase of the source, so that a source of the grid's own rate fills each slot once although it is never quite
//! on time. Positions are in slots since the grid's origin, plus the `offset` that put the first change on a slot; with
//! `phase` = how far slots lie from the changes since then (slot minus position, slowly tracked), a change belongs to the
//! slot nearest to `position + phase`.
//!
//! - **Punctual or late**: taken at once. While the source fills slot after slot, a picture late by almost a whole slot
//!   still gets the next one: otherwise all that follow would find their slot taken. It says nothing of the phase.
//! - **Early**: the picture waits for its slot, and later changes go into the same picture. The first wait needs more
//!   than half a slot of earliness (jitter must cost nothing); after a wait the source is known to be ahead, so pictures
//!   stay on the grid until one comes in time again. Thus a source faster than the grid keeps an even cadence, and
//!   after one disturbance at equal rates the natural phase is back within a picture or two.

/// Share of the remaining error that the phase follows with each picture.
const PHASE_GAIN: f64 = 0.05;
/// The phase's bounds, in slots, around the first change's: PTS stay this close, and half a slot more, to the time at
/// which the change was seen. A source that is slower than the grid drifts to the lower one, and there a slot is left
/// out; a faster one drifts to the upper one, and there its pictures have to wait. The bounds are further apart than one
/// slot, so that jitter causes neither, and as far from the source's own phase wherever that lies.
const PHASE_LOWEST: f64 = -0.6;
const PHASE_HIGHEST: f64 = 0.5;
/// Earliness at which a picture has to wait: before a wait, and while pictures are waiting anyway.
const EARLY: f64 = 0.55;
const EARLY_WHILE_WAITING: f64 = 0.1;
/// How far behind the slot's own time a wait ends, so that the change which belongs there has been drawn.
const AFTER_SLOT: f64 = 0.05;
/// How late a picture may be and still follow the one before without a gap.
const LATE: f64 = 0.95;

/// Why a picture is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The source changed.
    Change,
    /// Nothing changed, but a picture is due or asked for.
    Still,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Take the picture; it has this slot.
    Take {
        /// Number of the slot since the origin, higher than all before.
        slot: i64,
    },
    /// Sleep until this time, then ask again; more changes may come meanwhile and go into the same picture.
    Wait {
        /// CLOCK_MONOTONIC nanoseconds.
        until: u64,
    },
}

/// The rule as a state machine over times that the caller gives.
#[derive(Clone, Debug)]
pub struct Grid {
    origin_ns: u64,
    interval_ns: f64,
    last: i64,
    last_step: i64,
    offset: Option<f64>,
    phase: f64,
    waiting_until: Option<f64>,
    ahead_of_grid: bool,
}

impl Grid {
    /// A grid of `fps` slots a second for a session that begins at `now_ns`.
    ///
    /// Slot 0, the first picture, lies one slot before now, so that the first change cannot be early.
    pub fn new(now_ns: u64, fps: u32) -> Self {
        let interval_ns = 1e9 / f64::from(fps.max(1));
        Self {
            origin_ns: now_ns.saturating_sub(interval_ns as u64),
            interval_ns,
            last: -1,
            last_step: 1,
            offset: None,
            phase: 0.0,
            waiting_until: None,
            ahead_of_grid: false,
        }
    }

    /// CLOCK_MONOTONIC time of slot 0.
    pub fn origin_ns(&self) -> u64 {
        self.origin_ns
    }

    /// Length of a slot in nanoseconds.
    pub fn interval_ns(&self) -> u64 {
        self.interval_ns as u64
    }

    /// Decides for a picture that could be taken at `now_ns`. A slot that was given out counts as used.
    pub fn plan(&mut self, now_ns: u64, cause: Cause) -> Plan {
        let position = self.position(now_ns);
        if self.last < 0 {
            return self.take(0);
        }
        if cause == Cause::Still {
            let slot = (position + self.phase).round() as i64;
            return self.take(slot.max(self.last + 1));
        }
        if self.offset.is_none() {
            self.offset = Some(position.round() - position);
        } else if self.phase < PHASE_LOWEST {
            self.phase += 1.0;
        }
        let position = self.position(now_ns);
        let nearest = ((position + self.phase).round() as i64).max(self.last + 1);
        let is_late = self.is_late(position, nearest);
        let slot = if is_late { self.last + 1 } else { nearest };
        if self.waiting_until.is_some_and(|due| position >= due) {
            return self.take(slot);
        }
        let early = slot as f64 - self.phase - position;
        let limit = if self.ahead_of_grid { EARLY_WHILE_WAITING } else { EARLY };
        if early > limit {
            let due = slot as f64 - self.phase + AFTER_SLOT;
            self.ahead_of_grid = true;
            // The time is rounded to whole nanoseconds; the position it stands for must not lie before it.
            let since_origin = (due - self.offset.unwrap_or(0.0)) * self.interval_ns;
            let until = self.origin_ns + since_origin.ceil() as u64;
            self.waiting_until = Some(self.position(until));
            return Plan::Wait { until };
        }
        self.ahead_of_grid = false;
        if !is_late {
            let error = slot as f64 - position - self.phase;
            self.phase = (self.phase + PHASE_GAIN * error).min(PHASE_HIGHEST);
        }
        self.take(slot)
    }

    /// A time in slots since the origin, with the first change on a slot once there was one.
    fn position(&self, at_ns: u64) -> f64 {
        (at_ns as f64 - self.origin_ns as f64) / self.interval_ns + self.offset.unwrap_or(0.0)
    }

    /// Whether a picture whose nearest slot would leave a gap is only late for the one before that.
    fn is_late(&self, position: f64, nearest: i64) -> bool {
        let next = self.last + 1;
        self.last_step == 1 && nearest == next + 1 && position + self.phase < next as f64 + LATE
    }

    fn take(&mut self, slot: i64) -> Plan {
        self.last_step = slot - self.last;
        self.last = slot;
        self.waiting_until = None;
        Plan::Take { slot }
    }
}

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;
