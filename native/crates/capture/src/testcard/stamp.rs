//! Frame number and time of painting as black and white blocks that survive compression.
//!
//! 66 bits, most significant first, in blocks of 16 by 16 pixels from the top left, as many in a row as fit the
//! width: a white block, 32 bits counter, 32 bits microseconds of CLOCK_MONOTONIC (both modulo 2^32), and a block that
//! is white when the 64 bits hold an odd number of ones.

use crate::Layout;

const BLOCK: u32 = 16;
const BITS: u32 = 66;

/// What the blocks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Number of the frame.
    pub counter: u32,
    /// CLOCK_MONOTONIC in microseconds at which it was painted.
    pub micros: u32,
}

impl Stamp {
    /// The stamp of a frame painted at `monotonic_ns`.
    pub fn new(counter: u32, monotonic_ns: u64) -> Self {
        Self { counter, micros: (monotonic_ns / 1000) as u32 }
    }

    /// Lines that the blocks take in a picture `width` pixels wide.
    pub fn height(width: u32) -> u32 {
        BITS.div_ceil(columns(width)) * BLOCK
    }

    /// Draws the blocks. Blocks below the picture's end are left out.
    pub fn draw(&self, picture: &mut [u8], layout: Layout) {
        for bit in 0..BITS {
            let colour = if self.bit(bit) { 0xff } else { 0x00 };
            let (left, top) = position(bit, layout.width);
            let right = (left + BLOCK).min(layout.width) as usize;
            for y in top..(top + BLOCK).min(layout.height) {
                let line = y as usize * layout.stride;
                picture[line + left as usize * 4..line + right * 4].fill(colour);
            }
        }
    }

    /// Reads the blocks of an uncompressed picture; none when they are not a stamp.
    pub fn read(picture: &[u8], layout: Layout) -> Option<Self> {
        if Self::height(layout.width) > layout.height {
            return None;
        }
        let bit = |bit: u32| {
            let (left, top) = position(bit, layout.width);
            picture[(top + BLOCK / 2) as usize * layout.stride + (left + BLOCK / 2) as usize * 4] > 127
        };
        let value = (1..=64).fold(0u64, |value, n| value << 1 | u64::from(bit(n)));
        let stamp = Self { counter: (value >> 32) as u32, micros: value as u32 };
        (bit(0) && bit(65) == stamp.bit(65)).then_some(stamp)
    }

    fn bit(&self, bit: u32) -> bool {
        let value = u64::from(self.counter) << 32 | u64::from(self.micros);
        match bit {
            0 => true,
            65 => value.count_ones() % 2 == 1,
            _ => value >> (64 - bit) & 1 == 1,
        }
    }
}

fn columns(width: u32) -> u32 {
    (width / BLOCK).clamp(1, BITS)
}

fn position(bit: u32, width: u32) -> (u32, u32) {
    let columns = columns(width);
    (bit % columns * BLOCK, bit / columns * BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_is_read_at_any_width() {
        for (width, height) in [(1920, 1080), (1056, 16), (1055, 32), (640, 360), (160, 120)] {
            let layout = Layout::packed(width, height);
            for stamp in [Stamp { counter: 0, micros: 0 }, Stamp { counter: 0xdead_beef, micros: 0x0123_4567 }] {
                let mut picture = vec![0x55; layout.len()];
                stamp.draw(&mut picture, layout);
                assert_eq!(Stamp::read(&picture, layout), Some(stamp), "{width}x{height}");
            }
        }
    }

    #[test]
    fn a_wrong_bit_is_noticed() {
        let layout = Layout::packed(1920, 16);
        let mut picture = vec![0; layout.len()];
        Stamp { counter: 5, micros: 6 }.draw(&mut picture, layout);
        for line in picture.chunks_exact_mut(layout.stride) {
            line[40 * 16 * 4..41 * 16 * 4].fill(0xff);
        }
        assert_eq!(Stamp::read(&picture, layout), None);
    }
}
