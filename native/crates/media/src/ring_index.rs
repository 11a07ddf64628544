//! What a ring holds, and what goes first.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cut::rescale;
use crate::{
    Chunk, Entry, Footage, InitSegment, Place, RingLimits, RingStatus, Segment, ShortBy, Timeline, VIDEO_TIMESCALE,
    VIDEO_TRACK,
};

/// A segment in the index: one GOP, so it has one keyframe, its first picture.
struct Held {
    number: u64,
    /// PTS of the keyframe.
    start: i64,
    payload: u64,
    segment: Segment,
}

/// The index of a ring. It touches no file: what it evicts it hands out as names to remove.
pub(crate) struct RingIndex {
    init: InitSegment,
    limits: RingLimits,
    held: VecDeque<Held>,
    newest_pts: Option<i64>,
    newest_end: i64,
    /// End of the newest packet of each track, in the track's timescale.
    newest_ends: Vec<i64>,
    bytes: u64,
    payload: u64,
    evicted: u64,
    short_by: Option<ShortBy>,
    /// What lies before this is forgotten, although the GOP that it lies in may be needed for what follows.
    forgotten_until: i64,
    /// A segment that is still being written and is forgotten with all that will be added to it.
    forgotten_segment: Option<u64>,
    /// Pins that are linking files just now; while there are any, evicted files are kept.
    pins_in_progress: usize,
    kept_for_pins: Vec<PathBuf>,
}

impl RingIndex {
    pub fn new(init: InitSegment, limits: RingLimits) -> Self {
        Self {
            newest_ends: vec![i64::MIN; init.tracks().len()],
            init,
            limits,
            held: VecDeque::new(),
            newest_pts: None,
            newest_end: 0,
            bytes: 0,
            payload: 0,
            evicted: 0,
            short_by: None,
            forgotten_until: i64::MIN,
            forgotten_segment: None,
            pins_in_progress: 0,
            kept_for_pins: Vec::new(),
        }
    }

    pub fn init(&self) -> &InitSegment {
        &self.init
    }

    pub fn limits(&self) -> RingLimits {
        self.limits
    }

    pub fn newest_pts(&self) -> Option<i64> {
        self.newest_pts
    }

    /// Whether every sound track reaches this session time (90 kHz ticks).
    pub fn has_sound_until(&self, ticks: i64) -> bool {
        let mut sounds = self.newest_ends.iter().zip(self.init.tracks()).skip(usize::from(VIDEO_TRACK) + 1);
        sounds.all(|(end, track)| *end >= rescale(ticks, track.timescale))
    }

    pub fn status(&self) -> RingStatus {
        let oldest = self.oldest();
        RingStatus {
            filled_ticks: self.filled_ticks(),
            bytes: self.bytes,
            payload_bytes: self.payload,
            segments: self.held.len(),
            memory_segments: self.memory_segments(),
            keyframes: self.held.iter().map(|h| h.start).collect(),
            oldest_pts: oldest,
            newest_pts: self.newest_pts,
            evicted: self.evicted,
            short_by: self.short_by,
        }
    }

    pub fn memory_segments(&self) -> usize {
        self.held.iter().filter(|h| matches!(h.segment.place, Place::Descriptor(_))).count()
    }

    fn oldest(&self) -> Option<i64> {
        self.held.front().map(|h| h.start.max(self.forgotten_until))
    }

    fn filled_ticks(&self) -> i64 {
        self.oldest().map_or(0, |oldest| self.newest_end - oldest)
    }

    /// Forgets what lies before `before`; gives the files to remove. Where that is within a GOP, the GOP stays, since
    /// the rest of it cannot be decoded without, and pins begin at `before`.
    pub fn forget_before(&mut self, before: i64) -> Vec<PathBuf> {
        if before >= self.newest_end {
            return self.forget_all();
        }
        self.forgotten_until = self.forgotten_until.max(before);
        let mut gone = Vec::new();
        while self.held.get(1).is_some_and(|second| second.start <= before) {
            gone.extend(self.evict_front());
        }
        gone
    }

    /// Forgets everything, and what comes up to the next keyframe; gives the files to remove.
    pub fn forget_all(&mut self) -> Vec<PathBuf> {
        if let Some(last) = self.held.back() {
            self.forgotten_segment = Some(last.number);
        }
        self.newest_pts = None;
        std::iter::from_fn(|| (!self.held.is_empty()).then(|| self.evict_front())).flatten().collect()
    }

    /// Changes the limits; gives the files to remove.
    pub fn set_limits(&mut self, limits: RingLimits) -> Vec<PathBuf> {
        self.limits = limits;
        self.evict_beyond_limits()
    }

    /// Adds a chunk that was written to the segment `number`, beginning at `offset` of its file; gives the files to
    /// remove.
    pub fn add(&mut self, number: u64, place: &Place, offset: u64, chunk: &Chunk) -> Vec<PathBuf> {
        if self.forgotten_segment == Some(number) {
            return Vec::new();
        }
        let len = chunk.payload.end - chunk.payload.start;
        let entry = Entry { meta: chunk.meta, offset: offset + u64::from(chunk.payload.start), len };
        let (bytes, payload) = (chunk.bytes.len() as u64, u64::from(len));
        if self.held.back().is_none_or(|h| h.number != number) {
            let segment = Segment { place: place.clone(), len: 0, entries: Arc::default() };
            self.held.push_back(Held { number, start: chunk.meta.pts, payload: 0, segment });
        }
        if let Some(held) = self.held.back_mut() {
            // Copies the entries only when a pin holds this segment's index.
            Arc::make_mut(&mut held.segment.entries).push(entry);
            held.segment.len = offset + bytes;
            held.payload += payload;
        }
        self.bytes += bytes;
        self.payload += payload;
        if let Some(newest) = self.newest_ends.get_mut(usize::from(chunk.meta.track)) {
            *newest = chunk.meta.end();
        }
        if chunk.meta.track == VIDEO_TRACK {
            self.newest_pts = Some(chunk.meta.pts);
            self.newest_end = chunk.meta.end();
        }
        self.evict_beyond_limits()
    }

    /// Evicts whole GOPs from the front, as long as what remains covers the time limit or is beyond the byte limit.
    fn evict_beyond_limits(&mut self) -> Vec<PathBuf> {
        let mut gone = Vec::new();
        while let Some(second) = self.held.get(1) {
            if self.newest_end - second.start >= self.limits.ticks {
                gone.extend(self.evict_front());
            } else if self.bytes > self.limits.bytes {
                self.short_by = Some(ShortBy::Bytes);
                gone.extend(self.evict_front());
            } else {
                break;
            }
        }
        if self.filled_ticks() >= self.limits.ticks {
            self.short_by = None;
        }
        gone
    }

    fn evict_front(&mut self) -> Option<PathBuf> {
        let old = self.held.pop_front()?;
        self.bytes -= old.segment.len;
        self.payload -= old.payload;
        self.evicted += 1;
        self.dispose(old.segment.place)
    }

    /// The file to remove now; none where a pin may still be about to link it.
    fn dispose(&mut self, place: Place) -> Option<PathBuf> {
        let Place::Folder(path) = place else { return None };
        if self.pins_in_progress == 0 {
            return Some(path);
        }
        self.kept_for_pins.push(path);
        None
    }

    /// The oldest segment's file, if evicting it would give room in the folder: it must lie there, not be one of the
    /// last two, and no pin may be about to link it.
    pub fn evictable_for_room(&self) -> Option<&PathBuf> {
        match &self.held.front()?.segment.place {
            Place::Folder(path) if self.held.len() > 2 && self.pins_in_progress == 0 => Some(path),
            _ => None,
        }
    }

    /// Evicts the oldest segment for want of room; gives its file, unless that must stay for a pin.
    pub fn evict_for_room(&mut self) -> Option<PathBuf> {
        self.short_by = Some(ShortBy::Space);
        self.evict_front()
    }

    /// Evicts oldest segments until fewer than `most` are in memory, but never one of the last two; gives the files to
    /// remove.
    pub fn keep_memory_segments_below(&mut self, most: usize) -> Vec<PathBuf> {
        let mut gone = Vec::new();
        while self.memory_segments() >= most && self.held.len() > 2 {
            gone.extend(self.evict_for_room());
        }
        gone
    }

    /// The segment `number`, if there is one, now lies elsewhere; gives its old file to remove.
    pub fn relocate(&mut self, number: u64, place: Place) -> Option<PathBuf> {
        let held = self.held.iter_mut().rfind(|h| h.number == number)?;
        let old = std::mem::replace(&mut held.segment.place, place);
        self.dispose(old)
    }

    /// Bytes of room that the folder must have for the whole ring to fit in it: what a full ring takes at the present
    /// rate, less what already lies there, plus one GOP.
    pub fn room_needed(&self) -> u64 {
        let largest = self.held.iter().map(|h| h.segment.len).max().unwrap_or(0);
        let in_folder = self.held.iter().filter(|h| matches!(h.segment.place, Place::Folder(_)));
        let in_folder: u64 = in_folder.map(|h| h.segment.len).sum();
        let filled = self.filled_ticks().max(1);
        let when_full = u128::from(self.bytes) * self.limits.ticks.max(filled) as u128 / filled as u128;
        let when_full = u64::try_from(when_full).unwrap_or(u64::MAX).min(self.limits.bytes);
        when_full.saturating_sub(in_folder).saturating_add(largest)
    }

    /// The segments of a range with one before and one after it; none when there are none. Until [`Self::end_pin`] no
    /// file is given out to be removed.
    pub fn begin_pin(&mut self, range: &Range<i64>) -> Option<Footage> {
        let range = &(range.start.max(self.oldest()?)..range.end);
        if range.is_empty() {
            return None;
        }
        let first = self.held.iter().rposition(|h| h.start <= range.start).unwrap_or(0).saturating_sub(1);
        let last = self.held.iter().rposition(|h| h.start < range.end).unwrap_or(0) + 1;
        let mut last = last.min(self.held.len() - 1);
        while self.held.get(last + 1).is_some_and(|next| self.has_sound_before(next, range.end)) {
            last += 1;
        }
        let held = self.held.range(first..=last);
        self.pins_in_progress += 1;
        let segments = held.map(|h| h.segment.clone()).collect();
        Some(Footage { init: self.init.clone(), segments, timeline: Timeline::default() })
    }

    /// Whether a segment holds sound of before this session time, which came later than the picture it belongs to.
    fn has_sound_before(&self, held: &Held, ticks: i64) -> bool {
        let tracks = self.init.tracks();
        held.segment.entries.iter().filter(|e| e.meta.track != VIDEO_TRACK).any(|e| {
            let timescale = tracks.get(usize::from(e.meta.track)).map_or(VIDEO_TIMESCALE, |track| track.timescale);
            e.meta.pts < rescale(ticks, timescale)
        })
    }

    /// Ends what [`Self::begin_pin`] began; gives the files to remove.
    pub fn end_pin(&mut self) -> Vec<PathBuf> {
        self.pins_in_progress -= 1;
        if self.pins_in_progress == 0 { std::mem::take(&mut self.kept_for_pins) } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Meta, Track, TrackKind};

    /// An index of `seconds` segments of one keyframe each, named after their number.
    fn index(seconds: i64) -> RingIndex {
        let tracks = [Track { kind: TrackKind::Video, timescale: 90_000 }];
        let init = InitSegment::of_tracks(&tracks);
        let mut index = RingIndex::new(init, RingLimits { ticks: i64::MAX, bytes: u64::MAX });
        for n in 0..seconds {
            let meta = Meta { track: 0, key: true, pts: n * 90_000, dts: n * 90_000, dur: 90_000 };
            let chunk = Chunk { bytes: [0; 10].into(), meta, payload: 4..10, ready_at: 0 };
            assert!(index.add(n as u64, &Place::Folder(n.to_string().into()), 0, &chunk).is_empty());
        }
        index
    }

    #[test]
    fn evicted_files_stay_until_the_last_pin_has_linked_them() {
        let mut index = index(5);
        index.begin_pin(&(0..90_000)).unwrap();
        index.begin_pin(&(0..90_000)).unwrap();
        let limits = RingLimits { ticks: 2 * 90_000, bytes: u64::MAX };
        assert!(index.set_limits(limits).is_empty());
        assert_eq!(index.status().segments, 2);
        assert!(index.end_pin().is_empty());
        assert_eq!(index.end_pin(), ["0", "1", "2"].map(PathBuf::from));
    }

    #[test]
    fn nothing_is_evicted_for_room_while_a_pin_links_or_two_are_left() {
        let mut index = index(3);
        assert!(index.evictable_for_room().is_some());
        index.begin_pin(&(0..90_000)).unwrap();
        assert_eq!(index.evictable_for_room(), None);
        index.end_pin();
        assert_eq!(index.evict_for_room(), Some("0".into()));
        assert_eq!(index.evictable_for_room(), None);
    }

    #[test]
    fn what_is_forgotten_goes_by_whole_gops_and_is_not_pinned() {
        let mut index = index(5);
        assert_eq!(index.forget_before(2 * 90_000), ["0", "1"].map(PathBuf::from));
        assert!(index.forget_before(3 * 90_000 - 1).is_empty());
        let status = index.status();
        assert_eq!((status.oldest_pts, status.filled_ticks, status.segments), (Some(269_999), 180_001, 3));
        assert!(index.begin_pin(&(0..269_999)).is_none());
        assert_eq!(index.begin_pin(&(0..270_000)).unwrap().segments.len(), 2);
        index.end_pin();
        assert!(index.forget_before(0).is_empty());
        assert_eq!(index.status().oldest_pts, Some(269_999), "it is not remembered again");
    }

    #[test]
    fn after_all_is_forgotten_the_next_gop_is_the_first() {
        let mut index = index(2);
        assert_eq!(index.forget_all(), ["0", "1"].map(PathBuf::from));
        let chunk = |pts| {
            let meta = Meta { track: 0, key: true, pts, dts: pts, dur: 90_000 };
            Chunk { bytes: [0; 10].into(), meta, payload: 4..10, ready_at: 0 }
        };
        index.add(1, &Place::Folder("1".into()), 10, &chunk(180_000));
        assert_eq!((index.status().segments, index.status().bytes, index.newest_pts()), (0, 0, None));
        index.add(2, &Place::Folder("2".into()), 0, &chunk(270_000));
        assert_eq!(index.status().oldest_pts, Some(270_000));
        assert_eq!(index.forget_before(i64::MAX), [PathBuf::from("2")], "no time is left after that");
    }

    #[test]
    fn room_for_the_whole_ring_is_asked_for() {
        let mut index = index(4);
        index.set_limits(RingLimits { ticks: 8 * 90_000, bytes: u64::MAX });
        // Eight segments of ten bytes and one more, less the four that are there.
        assert_eq!(index.room_needed(), 50);
        index.set_limits(RingLimits { ticks: 8 * 90_000, bytes: 60 });
        assert_eq!(index.room_needed(), 30);
    }
}
