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
    /// Number of slots, and of the set that they are; slots of an earlier set are let go when they come back.
    count: usize,
    generation: u64,
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
        let count = slots.len();
        let state =
            State { free: slots, count, generation: 0, waiting: VecDeque::new(), closed: false, abandoned: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Number of slots.
    pub fn slot_count(&self) -> usize {
        self.lock().count
    }

    /// Replaces the slots, because pictures have another size now. Those that hold pictures are read first and let go
    /// then.
    pub fn replace_slots(&self, mut slots: Vec<Slot>) {
        let mut state = self.lock();
        state.generation += 1;
        let generation = state.generation;
        slots.iter_mut().for_each(|slot| slot.generation = generation);
        (state.count, state.free) = (slots.len(), slots);
        self.changed.notify_all();
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
            // One whose slot was replaced would give nothing for it.
            let generation = state.generation;
            let is_current = |frame: &Frame| match &frame.image {
                Image::Cpu(image) => image.slot.generation == generation,
            };
            if let Some(oldest) = state.waiting.iter().position(is_current).and_then(|at| state.waiting.remove(at)) {
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
        let mut state = self.lock();
        if slot.generation == state.generation {
            state.free.push(slot);
        }
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
    fn replaced_slots_are_read_and_let_go() {
        let queue = queue(3);
        push(&queue, 0);
        let Image::Cpu(in_the_encoder) = queue.pop().unwrap().image;
        push(&queue, 1);
        queue.replace_slots((0..3).map(|index| Slot::own(index, 16)).collect());
        queue.recycle(in_the_encoder.slot);
        push(&queue, 2);
        let Image::Cpu(earlier) = queue.pop().unwrap().image;
        assert_eq!(earlier.slot.bytes().len(), 4);
        queue.recycle(earlier.slot);
        for number in 3..8 {
            push(&queue, number);
        }
        queue.close();
        let left: Vec<usize> = std::iter::from_fn(|| queue.pop())
            .map(|frame| match frame.image {
                Image::Cpu(image) => image.slot.bytes().len(),
            })
            .collect();
        assert_eq!(left, [16, 16, 16], "no more than there are, and none of before");
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
