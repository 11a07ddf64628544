//! One packet as it travels to ring, recording and live subscribers.

use std::ops::Range;
use std::sync::Arc;

use crate::Meta;

/// A CMAF chunk of one sample: `moof` and `mdat`. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The whole chunk.
    pub bytes: Arc<[u8]>,
    /// Track and times of its only sample.
    pub meta: Meta,
    /// Where in `bytes` the sample lies.
    pub payload: Range<u32>,
    /// CLOCK_MONOTONIC nanoseconds at which the muxer had it ready.
    pub ready_at: u64,
}

impl Chunk {
    /// The encoded sample without its boxes.
    pub fn sample(&self) -> &[u8] {
        &self.bytes[self.payload.start as usize..self.payload.end as usize]
    }
}
