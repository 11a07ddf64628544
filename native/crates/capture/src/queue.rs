//! Pictures between capture and encoder: a fixed number of slots, the oldest picture gives way.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::{CpuImage, Frame, Image, Slot};

/// Slots that are free, and pictures that wait for the encoder.
#[derive(Debug)]
pub struct FrameQueue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    free: Vec<Slot>,
    waiting: VecDeque<Frame>,
    closed: bool,
    abandoned: bool,
}

/// A slot to fill, and whether a picture had to be dropped for it.
#[derive(Debug)]
pub struct FreeSlot {
    /// The slot.
    pub slot: Slot,
    /// Whether the oldest waiting picture was dropped because the encoder is behind.
    pub dropped_oldest: bool,
}

impl FrameQueue {
    /// A queue over these slots. Three are the least that work: one read by the encoder, one waiting, one filled.
    pub fn new(slots: Vec<Slot>) -> Self {
        let state = State { free: slots, waiting: VecDeque::new(), closed: false, abandoned: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// A slot for the next picture; none when the queue is closed.
    pub fn acquire(&self) -> Option<FreeSlot> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(slot) = state.free.pop() {
                return Some(FreeSlot { slot, dropped_oldest: false });
            }
            if let Some(oldest) = state.waiting.pop_front() {
                let Image::Cpu(CpuImage { slot, .. }) = oldest.image;
                return Some(FreeSlot { slot, dropped_oldest: true });
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Hands a picture to the encoder; false when nobody will read it.
    #[must_use]
    pub fn push(&self, frame: Frame) -> bool {
        let mut state = self.lock();
        if state.abandoned {
            return false;
        }
        state.waiting.push_back(frame);
        self.changed.notify_all();
        true
    }

    /// The oldest waiting picture; waits for one, none when the queue is closed and empty.
    pub fn pop(&self) -> Option<Frame> {
        let mut state = self.lock();
        loop {
            if let Some(frame) = state.waiting.pop_front() {
                return Some(frame);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives a slot back when its picture has been read.
    pub fn recycle(&self, slot: Slot) {
        self.lock().free.push(slot);
        self.changed.notify_all();
    }

    /// Ends the flow: what waits can still be taken out, nothing new comes.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Ends the flow from the reader's side; returns how many pictures waited and are lost.
    pub fn abandon(&self) -> usize {
        let mut state = self.lock();
        (state.closed, state.abandoned) = (true, true);
        self.changed.notify_all();
        std::mem::take(&mut state.waiting).len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic runs under the lock, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;

    fn queue(slots: usize) -> FrameQueue {
        FrameQueue::new((0..slots).map(|index| Slot::own(index, 4)).collect())
    }

    fn push(queue: &FrameQueue, number: i64) -> bool {
        let free = queue.acquire().unwrap();
        let image = Image::Cpu(CpuImage { slot: free.slot, layout: Layout::packed(1, 1) });
        assert!(queue.push(Frame { image, slot: number, taken_at: 0 }));
        free.dropped_oldest
    }

    #[test]
    fn the_oldest_gives_way_and_the_newest_stays() {
        let queue = queue(3);
        let dropped: Vec<bool> = (0..5).map(|number| push(&queue, number)).collect();
        assert_eq!(dropped, [false, false, false, true, true]);
        queue.close();
        let left: Vec<i64> = std::iter::from_fn(|| queue.pop()).map(|frame| frame.slot).collect();
        assert_eq!(left, [2, 3, 4]);
        assert!(queue.acquire().is_none());
    }

    #[test]
    fn an_abandoned_queue_says_what_is_lost() {
        let queue = queue(4);
        push(&queue, 0);
        push(&queue, 1);
        let filled_meanwhile = queue.acquire().unwrap().slot;
        assert_eq!(queue.abandon(), 2);
        assert!(queue.acquire().is_none());
        let image = Image::Cpu(CpuImage { slot: filled_meanwhile, layout: Layout::packed(1, 1) });
        assert!(!queue.push(Frame { image, slot: 2, taken_at: 0 }));
        assert!(queue.pop().is_none());
        assert_eq!(queue.abandon(), 0);
    }

    #[test]
    fn recycled_slots_are_used_again() {
        let queue = queue(3);
        for number in 0..10 {
            assert!(!push(&queue, number));
            let Image::Cpu(image) = queue.pop().unwrap().image;
            queue.recycle(image.slot);
        }
    }
}
