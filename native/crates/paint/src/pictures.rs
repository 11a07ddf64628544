//! Frames that were drawn before the start, in memory that the X server reads.

use clipshot_capture::SharedMemory;
use clipshot_capture::testcard::{Stamp, TestCard};
use x11rb::protocol::shm;

use crate::Error;
use crate::window::Window;

/// Memory for frames; as many are drawn as fit, within the limits.
const MEMORY: usize = 256 << 20;
const FEWEST: usize = 2;
const MOST: usize = 64;

/// The frames, shown to and fro without end.
pub struct Pictures {
    card: TestCard,
    frames: Vec<Picture>,
    /// The undisturbed top lines of each frame, in order.
    clean: Vec<Vec<u8>>,
}

struct Picture {
    segment: shm::Seg,
    memory: SharedMemory,
}

impl Pictures {
    /// Draws `count` frames, or as many as fit into the memory.
    pub fn render(window: &Window, count: Option<usize>) -> Result<Self, Error> {
        let card = TestCard::new(u32::from(window.width()), u32::from(window.height()));
        let fitting = (MEMORY / card.layout().len()).clamp(FEWEST, MOST);
        let top = card.stamp_lines() as usize * card.layout().stride;
        let (mut frames, mut clean) = (vec![], vec![]);
        for number in 0..count.unwrap_or(fitting) {
            let (mut memory, descriptor) = SharedMemory::new(card.layout().len())?;
            card.draw_background(memory.bytes_mut(), number as u32);
            clean.push(memory.bytes()[..top].to_vec());
            frames.push(Picture { segment: window.attach(descriptor)?, memory });
        }
        Ok(Self { card, frames, clean })
    }

    /// Draws stamp and clock into the frame of this number. Returns how many lines from the top that concerns.
    pub fn stamp(&mut self, counter: u32, stamp: Stamp, time_of_day_ms: u64) -> u16 {
        let index = self.index(counter);
        let picture = self.frames[index].memory.bytes_mut();
        picture[..self.clean[index].len()].copy_from_slice(&self.clean[index]);
        self.card.draw_stamp(picture, stamp, time_of_day_ms);
        self.card.stamp_lines() as u16
    }

    /// Puts the first `lines` lines of the frame on the screen; returns when they are there.
    pub fn put(&self, window: &Window, counter: u32, lines: u16) -> Result<(), Error> {
        window.put(self.frames[self.index(counter)].segment, lines)
    }

    fn index(&self, counter: u32) -> usize {
        to_and_fro(counter as usize, self.frames.len())
    }
}

/// Which of `count` frames comes at a place in the sequence 0, 1, 2, 1, 0, 1, ...
fn to_and_fro(place: usize, count: usize) -> usize {
    if count == 1 {
        return 0;
    }
    let at = place % (2 * count - 2);
    if at < count { at } else { 2 * count - 2 - at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_go_to_and_fro_without_a_jump() {
        let order = |count| (0..8).map(|place| to_and_fro(place, count)).collect::<Vec<_>>();
        assert_eq!(order(4), [0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!(order(2), [0, 1, 0, 1, 0, 1, 0, 1]);
        assert_eq!(order(1), [0; 8]);
    }
}
