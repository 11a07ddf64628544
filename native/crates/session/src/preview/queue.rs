//! What waits for one viewer: never much, never old, and always decodable.

use std::collections::VecDeque;
use std::sync::Arc;

/// Units that may wait: half a second at 60 pictures a second.
const MOST: usize = 30;
/// A unit may wait this long, ns. A viewer that is further behind sees more by going on at a keyframe.
const OLDEST_NS: u64 = 400_000_000;

/// One picture of a preview.
#[derive(Clone, Debug)]
pub struct AccessUnit {
    /// Rises by one with each picture of the encoder; a gap is what a viewer was not given.
    pub sequence: u64,
    /// Whether decoding can begin here.
    pub key: bool,
    /// PTS in session ticks.
    pub pts: i64,
    /// When the screen looked like this, CLOCK_MONOTONIC ns.
    pub captured_at: u64,
    /// When it was encoded, CLOCK_MONOTONIC ns.
    pub ready_at: u64,
    /// Annex B; a keyframe begins with its parameter sets.
    pub data: Arc<[u8]>,
}

/// The queue of one viewer.
#[derive(Debug, Default)]
pub struct ViewerQueue {
    units: VecDeque<AccessUnit>,
    step: Step,
    begun: bool,
    skipped: u64,
}

/// What the viewer can make of the next unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    /// Nothing before a keyframe, which has been asked for.
    #[default]
    Asked,
    /// It follows what the viewer has.
    In,
    /// Nothing before a keyframe. It is asked for when the viewer takes units again: one that has stopped to do so
    /// must not cost the others a keyframe each quarter of a second.
    Lost,
}

/// What a viewer takes.
#[derive(Debug)]
pub struct Drained {
    /// Rising, to be decoded in this order.
    pub units: Vec<AccessUnit>,
    /// Whether a keyframe has to be asked for.
    pub keyframe_needed: bool,
}

impl ViewerQueue {
    /// Adds a unit that is ready now; false when it is left out. If too many wait, or one for too long, all give way to
    /// the next keyframe.
    pub fn push(&mut self, unit: &AccessUnit) -> bool {
        let oldest = self.units.front().map_or(unit.ready_at, |oldest| oldest.ready_at);
        if self.units.len() == MOST || unit.ready_at.saturating_sub(oldest) > OLDEST_NS {
            self.skipped += self.units.len() as u64;
            self.units.clear();
            self.step = Step::Lost;
        }
        if unit.key {
            (self.step, self.begun) = (Step::In, true);
        }
        let taken = self.step == Step::In;
        if taken {
            self.units.push_back(unit.clone());
        } else {
            self.skipped += u64::from(self.begun);
        }
        taken
    }

    /// Takes what waits.
    pub fn drain(&mut self) -> Drained {
        let keyframe_needed = self.step == Step::Lost;
        if keyframe_needed {
            self.step = Step::Asked;
        }
        Drained { units: self.units.drain(..).collect(), keyframe_needed }
    }

    /// Units left out since the viewer's first keyframe.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(sequence: u64, key: bool, ready_ms: u64) -> AccessUnit {
        let ready_at = ready_ms * 1_000_000;
        AccessUnit { sequence, key, pts: 0, captured_at: 0, ready_at, data: Arc::new([]) }
    }

    /// The sequence numbers of what waits, and whether a keyframe is needed.
    fn drained(queue: &mut ViewerQueue) -> (Vec<u64>, bool) {
        let Drained { units, keyframe_needed } = queue.drain();
        (units.iter().map(|unit| unit.sequence).collect(), keyframe_needed)
    }

    #[test]
    fn begins_with_a_keyframe() {
        let mut queue = ViewerQueue::default();
        assert!(!queue.push(&unit(0, false, 0)));
        assert_eq!(drained(&mut queue), (vec![], false), "who joins has asked already");
        assert!(queue.push(&unit(1, true, 10)));
        assert!(queue.push(&unit(2, false, 20)));
        assert_eq!(drained(&mut queue), (vec![1, 2], false));
        assert_eq!(queue.skipped(), 0);
    }

    #[test]
    fn too_many_give_way_and_a_keyframe_is_asked_for_once() {
        let mut queue = ViewerQueue::default();
        let most = MOST as u64;
        for n in 0..most {
            assert!(queue.push(&unit(n, n == 0, n)));
        }
        assert!(!queue.push(&unit(most, false, most)));
        assert_eq!(drained(&mut queue), (vec![], true));
        assert!(!queue.push(&unit(most + 1, false, most)));
        assert_eq!(drained(&mut queue), (vec![], false));
        assert!(queue.push(&unit(most + 2, true, most)));
        assert_eq!(drained(&mut queue), (vec![most + 2], false));
        assert_eq!(queue.skipped(), most + 2);
    }

    #[test]
    fn what_waits_too_long_gives_way() {
        let mut queue = ViewerQueue::default();
        queue.push(&unit(0, true, 0));
        assert!(queue.push(&unit(1, false, 400)));
        assert!(!queue.push(&unit(2, false, 401)));
        assert_eq!(drained(&mut queue), (vec![], true));
        assert_eq!(queue.skipped(), 3);
    }

    #[test]
    fn a_keyframe_that_comes_late_pushes_out_what_is_older() {
        let mut queue = ViewerQueue::default();
        queue.push(&unit(0, true, 0));
        assert!(queue.push(&unit(1, true, 1000)));
        assert_eq!(drained(&mut queue), (vec![1], false));
    }

    #[test]
    fn a_viewer_that_takes_everything_never_skips() {
        let mut queue = ViewerQueue::default();
        for n in 0..1000 {
            assert!(queue.push(&unit(n, n == 0, n * 1000)));
            assert_eq!(drained(&mut queue), (vec![n], false));
        }
        assert_eq!(queue.skipped(), 0);
    }
}
