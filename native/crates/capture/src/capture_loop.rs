//! The loop above every backend: when to take a picture, which slot it has, what was late.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use clipshot_media::{Cause, Grid, Plan, monotonic_ns};

use crate::{CpuImage, Error, Frame, FrameQueue, FreeSlot, Image, Result, Source, Waker};

/// A still screen is pictured this often.
const KEEP_ALIVE_NS: u64 = 1_000_000_000;
/// A picture that is asked for is taken this long after the last one, and no sooner than a slot and a half: a moving
/// source has painted again by then, and a still picture between its frames would double one and push out another.
const SOON_NS: u64 = 50_000_000;

/// How other threads reach a running loop.
#[derive(Debug)]
pub struct Control {
    waker: Waker,
    stop: AtomicBool,
    /// CLOCK_MONOTONIC ns of the last request for a picture.
    picture_asked_at: AtomicU64,
    draw_cursor: AtomicBool,
    cursor_changed: AtomicBool,
}

impl Control {
    /// A control for one loop. Fails when the process has no descriptor left.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            waker: Waker::new()?,
            stop: AtomicBool::new(false),
            picture_asked_at: AtomicU64::new(0),
            draw_cursor: AtomicBool::new(false),
            cursor_changed: AtomicBool::new(false),
        })
    }

    /// Ends the loop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Draws the mouse pointer into the pictures, or leaves it out, from now on.
    pub fn set_draw_cursor(&self, on: bool) {
        self.draw_cursor.store(on, Ordering::Release);
        self.cursor_changed.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Asks for a picture soon: the next change if one comes in time for the next slot, else the still picture. One that
    /// is taken after `asked_at` (CLOCK_MONOTONIC ns) will do: then there is none only for the request, which would be a
    /// double.
    pub fn picture_now(&self, asked_at: u64) {
        self.picture_asked_at.fetch_max(asked_at, Ordering::AcqRel);
        self.waker.wake();
    }
}

/// What a loop has done so far.
#[derive(Debug, Default)]
pub struct Counters {
    /// Pictures taken.
    pub captured: AtomicU64,
    /// Pictures taken although nothing had changed.
    pub keepalive: AtomicU64,
    /// Slots by which pictures were taken too late, other than by the grid's own waiting.
    pub late: AtomicU64,
    /// Pictures that gave way because the encoder was behind.
    pub queue: AtomicU64,
    /// Pictures that came when the encoder had given up.
    pub unread: AtomicU64,
    /// Slot of the newest picture; -1 before the first. Written after the picture is in the queue.
    pub last_slot: AtomicI64,
    /// CLOCK_MONOTONIC ns at which the newest picture was taken; 0 before the first.
    pub last_taken_at: AtomicU64,
    /// Slot of the newest picture that was taken because something had changed; 0, that of the first, before any.
    pub last_change_slot: AtomicI64,
}

impl Counters {
    /// Counters of a loop that has not begun.
    pub fn new() -> Self {
        Self { last_slot: AtomicI64::new(-1), ..Self::default() }
    }
}

/// Takes pictures from a source until stopped.
pub struct CaptureLoop {
    /// Where pictures come from.
    pub source: Box<dyn Source>,
    /// The rule for slots, new.
    pub grid: Grid,
    /// Where pictures go; made over the source's slots.
    pub frames: Arc<FrameQueue>,
    /// Stop and requests.
    pub control: Arc<Control>,
    /// What others may read.
    pub counters: Arc<Counters>,
}

impl CaptureLoop {
    /// Runs on the calling thread until [`Control::stop`] or until the source is gone. The queue stays open, so that the
    /// caller can say why before those who read from it see the end; then it has to close it.
    ///
    /// # Errors
    /// What the source reported.
    pub fn run(mut self) -> Result<()> {
        let soon = (self.grid.interval_ns() * 3 / 2).max(SOON_NS);
        let mut last_taken_at = 0;
        while !self.control.stop.load(Ordering::Acquire) {
            if self.control.cursor_changed.swap(false, Ordering::AcqRel) {
                self.source.set_draw_cursor(self.control.draw_cursor.load(Ordering::Acquire))?;
            }
            let asked = self.control.picture_asked_at.load(Ordering::Acquire) > last_taken_at;
            let still_at = last_taken_at + if asked { soon } else { KEEP_ALIVE_NS };
            let cause = if self.source.changed().is_some() {
                Cause::Change
            } else if monotonic_ns() >= still_at || last_taken_at == 0 {
                Cause::Still
            } else {
                self.source.wait(still_at, &self.control.waker)?;
                continue;
            };
            let Some((grid_slot, waited)) = self.wait_for_slot(cause) else { break };
            let changed_at = self.source.changed();
            let Some(FreeSlot { slot, dropped_oldest }) = self.filled_slot()? else { break };
            let layout = self.source.layout();
            let taken_at = monotonic_ns();
            last_taken_at = taken_at;
            let first = grid_slot == 0;
            if let (Some(changed_at), false) = (changed_at, first) {
                self.count_late(taken_at.saturating_sub(changed_at).saturating_sub(waited));
            }
            self.counters.captured.fetch_add(1, Ordering::Relaxed);
            self.counters.keepalive.fetch_add(u64::from(cause == Cause::Still && !first), Ordering::Relaxed);
            self.counters.queue.fetch_add(u64::from(dropped_oldest), Ordering::Relaxed);
            let taken =
                self.frames.push(Frame { image: Image::Cpu(CpuImage { slot, layout }), slot: grid_slot, taken_at });
            self.counters.unread.fetch_add(u64::from(!taken), Ordering::Relaxed);
            self.counters.last_taken_at.store(taken_at, Ordering::Release);
            if cause == Cause::Change {
                self.counters.last_change_slot.store(grid_slot, Ordering::Release);
            }
            self.counters.last_slot.store(grid_slot, Ordering::Release);
        }
        Ok(())
    }

    /// A slot with the present picture, whatever its size; none when the queue is closed.
    fn filled_slot(&mut self) -> Result<Option<FreeSlot>> {
        loop {
            let Some(mut free) = self.frames.acquire() else { return Ok(None) };
            match self.source.fill(&mut free.slot) {
                Ok(()) => return Ok(Some(free)),
                Err(Error::Resized) => {
                    let slots = self.source.make_slots(self.frames.slot_count())?;
                    self.frames.replace_slots(slots);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The picture's slot and the nanoseconds that the grid made it wait; none when stopped meanwhile.
    fn wait_for_slot(&mut self, cause: Cause) -> Option<(i64, u64)> {
        let mut waited = 0;
        loop {
            let now = monotonic_ns();
            match self.grid.plan(now, cause) {
                Plan::Take { slot } => return Some((slot, waited)),
                Plan::Wait { until } => {
                    waited += until.saturating_sub(now);
                    while monotonic_ns() < until {
                        self.control.waker.sleep_until(until);
                        if self.control.stop.load(Ordering::Acquire) {
                            return None;
                        }
                    }
                }
            }
        }
    }

    /// A source of the grid's rate has painted over its picture once for each whole slot of lateness. It may paint
    /// up to half a slot early, so half a slot counts.
    fn count_late(&self, lateness_ns: u64) {
        let interval = self.grid.interval_ns().max(1);
        let slots = (lateness_ns + interval / 2) / interval;
        self.counters.late.fetch_add(slots, Ordering::Relaxed);
    }
}
