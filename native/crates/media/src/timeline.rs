//! How the times in a recording's file follow from those of the session.

/// Box of a recording that says from where on its times are moved: 16 bytes of name, then both numbers of a
/// [`TimeMark`]. Players skip a box of a name they do not know.
pub(crate) const MARK_NAME: [u8; 16] = *b"ClipShot paused.";
/// Bytes of that box: header, name, two numbers.
pub(crate) const MARK_BYTES: usize = 8 + 16 + 16;

/// From `from` on, the recording is `shift` behind the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeMark {
    /// Time in the file, 90 kHz ticks.
    pub from: i64,
    /// Session time less time in the file, 90 kHz ticks: how long the recording was paused so far.
    pub shift: i64,
}

impl TimeMark {
    /// The mark as a box.
    pub(crate) fn to_box(self) -> [u8; MARK_BYTES] {
        let mut bytes = [0; MARK_BYTES];
        bytes[..4].copy_from_slice(&(MARK_BYTES as u32).to_be_bytes());
        bytes[4..8].copy_from_slice(b"uuid");
        bytes[8..24].copy_from_slice(&MARK_NAME);
        bytes[24..32].copy_from_slice(&self.from.to_be_bytes());
        bytes[32..].copy_from_slice(&self.shift.to_be_bytes());
        bytes
    }

    /// Reads the whole box; none for any other.
    pub(crate) fn from_box(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != MARK_BYTES || bytes[8..24] != MARK_NAME {
            return None;
        }
        let number = |at: usize| bytes[at..at + 8].try_into().map(i64::from_be_bytes).ok();
        Some(Self { from: number(24)?, shift: number(32)? })
    }
}

/// The pauses of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// In order of time.
    pub marks: Vec<TimeMark>,
}

impl Timeline {
    /// Time in the file of a session time; for a moment in a pause, that at which the pause lies.
    pub fn in_file(&self, session: i64) -> i64 {
        let mut time = session;
        for mark in &self.marks {
            if session < mark.from.saturating_add(mark.shift) {
                return time.min(mark.from);
            }
            time = session.saturating_sub(mark.shift);
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_take_no_time_in_the_file() {
        let marks = vec![TimeMark { from: 100, shift: 50 }, TimeMark { from: 300, shift: 1000 }];
        let timeline = Timeline { marks };
        let times = [(0, 0), (100, 100), (149, 100), (150, 100), (200, 150), (350, 300), (1299, 300), (1310, 310)];
        for (session, file) in times {
            assert_eq!(timeline.in_file(session), file, "{session}");
        }
        assert_eq!(Timeline::default().in_file(77), 77);
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = TimeMark { from: 123_456_789_012, shift: -5 };
        assert_eq!(TimeMark::from_box(&mark.to_box()), Some(mark));
        let mut other = mark.to_box();
        other[8] ^= 1;
        assert_eq!(TimeMark::from_box(&other), None);
        assert_eq!(TimeMark::from_box(&mark.to_box()[1..]), None);
    }
}
