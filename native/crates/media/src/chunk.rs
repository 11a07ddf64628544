//! One packet as it travels to ring, recording and live subscribers.

use std::ops::Range;
use std::sync::Arc;

use crate::fragment::time_places;
use crate::{Error, Meta, Result};

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

    /// The same chunk `by` ticks of its track earlier; its bytes are copied.
    ///
    /// # Errors
    /// [`Error::BadBox`] when it is not a chunk as this program writes it.
    pub fn earlier(&self, by: i64) -> Result<Self> {
        let at = time_places(&self.bytes).ok_or(Error::BadBox("a chunk without times"))?.decode_time;
        let meta = Meta { pts: self.meta.pts - by, dts: self.meta.dts - by, ..self.meta };
        let mut bytes = Arc::<[u8]>::from(&*self.bytes);
        // Nobody else has the copy yet.
        if let Some(bytes) = Arc::get_mut(&mut bytes) {
            bytes[at..at + 8].copy_from_slice(&meta.dts.to_be_bytes());
        }
        Ok(Self { bytes, meta, ..self.clone() })
    }
}
