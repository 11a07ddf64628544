//! A picture on its way to the encoder.

use crate::Slot;

/// One picture with its place on the grid.
#[derive(Debug)]
pub struct Frame {
    /// The pixels, wherever they are.
    pub image: Image,
    /// Slot of the grid; PTS = slot * 90000 / fps.
    pub slot: i64,
    /// CLOCK_MONOTONIC ns at which the picture had been read from the source.
    pub taken_at: u64,
}

/// Where the pixels of a picture are. Pictures in GPU memory will be further variants.
#[derive(Debug)]
#[non_exhaustive]
pub enum Image {
    /// In memory that the CPU reads.
    Cpu(CpuImage),
}

/// 32-bit pixels in memory: blue, green, red, and a byte without meaning.
#[derive(Debug)]
pub struct CpuImage {
    /// The memory; to be given back with [`crate::FrameQueue::recycle`].
    pub slot: Slot,
    /// Size and length of a line.
    pub layout: Layout,
}

/// Geometry of a picture of 32-bit pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bytes from one line to the next.
    pub stride: usize,
}

impl Layout {
    /// Lines without padding.
    pub fn packed(width: u32, height: u32) -> Self {
        Self { width, height, stride: width as usize * 4 }
    }

    /// Bytes of a whole picture.
    pub fn len(&self) -> usize {
        self.stride * self.height as usize
    }

    /// Whether there is no pixel at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
