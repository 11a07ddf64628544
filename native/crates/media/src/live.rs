//! The queue of one live reader: it never waits for the reader, and what it gives out can always be decoded.

use std::collections::VecDeque;

use crate::Chunk;

/// Chunks for a reader that may be slow. When more than the limit waits, all of it is left out and the queue goes on
/// at the next keyframe.
#[derive(Debug)]
pub struct LiveQueue {
    chunks: VecDeque<Chunk>,
    bytes: usize,
    max_bytes: usize,
    at_keyframe: bool,
    skipped: u64,
}

impl LiveQueue {
    /// An empty queue that begins with the next keyframe and holds at most `max_bytes`.
    pub fn new(max_bytes: usize) -> Self {
        Self { chunks: VecDeque::new(), bytes: 0, max_bytes, at_keyframe: false, skipped: 0 }
    }

    /// Adds a chunk, or leaves it out. Returns whether the reader has something to take.
    pub fn push(&mut self, chunk: &Chunk) -> bool {
        if chunk.meta.is_keyframe() {
            self.at_keyframe = true;
        }
        if self.at_keyframe && self.bytes + chunk.bytes.len() > self.max_bytes {
            self.skipped += self.chunks.len() as u64;
            self.chunks.clear();
            self.bytes = 0;
            // A keyframe that is too long by itself would stop the reader for good.
            self.at_keyframe = chunk.meta.is_keyframe();
        }
        if self.at_keyframe {
            self.bytes += chunk.bytes.len();
            self.chunks.push_back(chunk.clone());
        } else {
            self.skipped += 1;
        }
        !self.chunks.is_empty()
    }

    /// Takes all chunks that wait.
    pub fn drain(&mut self) -> Vec<Chunk> {
        self.bytes = 0;
        self.chunks.drain(..).collect()
    }

    /// Chunks that were left out so far.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Meta, VIDEO_TRACK};

    fn chunk(pts: i64, key: bool, len: usize) -> Chunk {
        let meta = Meta { track: VIDEO_TRACK, key, pts, dts: pts, dur: 1 };
        Chunk { bytes: vec![0; len].into(), meta, payload: 0..len as u32, ready_at: 0 }
    }

    fn times(queue: &mut LiveQueue) -> Vec<i64> {
        queue.drain().iter().map(|chunk| chunk.meta.pts).collect()
    }

    #[test]
    fn begins_with_a_keyframe() {
        let mut queue = LiveQueue::new(100);
        assert!(!queue.push(&chunk(0, false, 10)));
        assert!(queue.push(&chunk(1, true, 10)));
        queue.push(&chunk(2, false, 10));
        assert_eq!(times(&mut queue), [1, 2]);
        assert_eq!(queue.skipped(), 1);
    }

    #[test]
    fn a_slow_reader_goes_on_at_the_next_keyframe() {
        let mut queue = LiveQueue::new(30);
        for pts in 0..6 {
            queue.push(&chunk(pts, pts % 5 == 0, 10));
        }
        assert_eq!(times(&mut queue), [5], "0 to 2 were thrown away with 3, 4 waited for the keyframe");
        assert_eq!(queue.skipped(), 5);
        queue.push(&chunk(6, false, 10));
        assert_eq!(times(&mut queue), [6]);
    }

    #[test]
    fn a_huge_keyframe_is_let_through() {
        let mut queue = LiveQueue::new(30);
        queue.push(&chunk(0, true, 10));
        assert!(queue.push(&chunk(1, true, 1000)));
        assert_eq!(times(&mut queue), [1]);
    }
}
