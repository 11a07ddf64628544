//! The replay buffer: the last seconds of a session as a folder of segments with an index in memory.

use std::collections::VecDeque;
use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::folder::{INIT_FILE, make_private_or_empty, write_whole};
use crate::{Chunk, Entry, Error, Footage, InitSegment, Pin, Place, Result, Segment, SegmentWriter, VIDEO_TRACK};

/// How much a ring keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingLimits {
    /// Time to keep, in 90 kHz ticks: at least this much, once there is as much, and at most one GOP more.
    pub ticks: i64,
    /// Bytes of files that are never exceeded by more than the GOP in hand; `u64::MAX` is no limit.
    pub bytes: u64,
}

/// Why a ring holds less than its time limit although it once held, or could hold, more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShortBy {
    /// The byte limit.
    Bytes,
    /// No room in the folder, or too many files open.
    Space,
}

/// What a ring holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RingStatus {
    /// From the first picture to the end of the last, in 90 kHz ticks.
    pub filled_ticks: i64,
    /// Bytes of the segments.
    pub bytes: u64,
    /// Bytes of the samples in them.
    pub payload_bytes: u64,
    /// Segments, those in memory included.
    pub segments: usize,
    /// Segments that are in memory because the folder had no room.
    pub memory_segments: usize,
    /// PTS of the pictures at which a KEYFRAME save can start.
    pub keyframes: Vec<i64>,
    /// PTS of the first picture.
    pub oldest_pts: Option<i64>,
    /// PTS of the last picture.
    pub newest_pts: Option<i64>,
    /// Segments evicted since the ring was made.
    pub evicted: u64,
    /// What made the last eviction leave less than the time limit; none while the time limit is met.
    pub short_by: Option<ShortBy>,
}

/// A segment in the index: one GOP, so it has one keyframe, its first picture.
struct Held {
    number: u64,
    /// PTS of the keyframe.
    start: i64,
    payload: u64,
    segment: Segment,
}

struct State {
    init: InitSegment,
    limits: RingLimits,
    held: VecDeque<Held>,
    newest_pts: Option<i64>,
    newest_end: i64,
    bytes: u64,
    payload: u64,
    evicted: u64,
    short_by: Option<ShortBy>,
    /// Pins that are linking files just now; while there are any, evicted files are kept.
    pins_in_progress: usize,
    kept_for_pins: Vec<PathBuf>,
}

/// The index of a replay buffer, shared by its one writer and any number of saves.
///
/// The lock is held for microseconds: no file is touched under it.
pub struct Ring {
    folder: PathBuf,
    state: Mutex<State>,
    grown: Condvar,
}

impl Ring {
    /// Makes the folder, which must not exist or be empty, and the only writer.
    ///
    /// A folder that is full from the start is no error: the ring then begins in memory.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be made or is not empty (`DirectoryNotEmpty`).
    pub fn create(folder: &Path, init: InitSegment, limits: RingLimits) -> Result<(Arc<Self>, SegmentWriter)> {
        make_private_or_empty(folder).map_err(Error::io(folder))?;
        let path = folder.join(INIT_FILE);
        let room = match write_whole(&path, init.bytes()).map_err(Error::io(&path)) {
            Ok(()) => true,
            Err(Error::NoSpace { .. }) => false,
            Err(e) => return Err(e),
        };
        let state = State {
            init,
            limits,
            held: VecDeque::new(),
            newest_pts: None,
            newest_end: 0,
            bytes: 0,
            payload: 0,
            evicted: 0,
            short_by: None,
            pins_in_progress: 0,
            kept_for_pins: Vec::new(),
        };
        let ring = Arc::new(Self { folder: folder.into(), state: Mutex::new(state), grown: Condvar::new() });
        let writer = SegmentWriter::new(Arc::clone(&ring), room);
        Ok((ring, writer))
    }

    /// The folder of the segments.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The limits in force.
    pub fn limits(&self) -> RingLimits {
        self.lock().limits
    }

    /// Changes the limits; a smaller ring evicts at once, a larger one fills up.
    pub fn set_limits(&self, limits: RingLimits) {
        let mut state = self.lock();
        state.limits = limits;
        let gone = state.evict_beyond_limits();
        drop(state);
        remove(gone);
    }

    /// What the ring holds now.
    pub fn status(&self) -> RingStatus {
        let state = self.lock();
        let oldest = state.held.front().map(|h| h.start);
        RingStatus {
            filled_ticks: oldest.map_or(0, |start| state.newest_end - start),
            bytes: state.bytes,
            payload_bytes: state.payload,
            segments: state.held.len(),
            memory_segments: state.memory_segments(),
            keyframes: state.held.iter().map(|h| h.start).collect(),
            oldest_pts: oldest,
            newest_pts: state.newest_pts,
            evicted: state.evicted,
            short_by: state.short_by,
        }
    }

    /// Waits until a picture with this PTS or a later one is in the ring. False when the time is over before.
    pub fn wait_for(&self, pts: i64, timeout: Duration) -> bool {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.lock();
        while state.newest_pts.is_none_or(|newest| newest < pts) {
            let left = deadline.map_or(Duration::from_secs(3600), |d| d.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            state = self.grown.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Takes hold of the segments that a save of `range` (90 kHz ticks) reads, so that nothing is evicted or
    /// overwritten under it. Costs the writer nothing but the copy of the index.
    ///
    /// Held are the GOPs of the range, one before it (its sound may be the pre-roll) and one after it (sound
    /// arrives later than the picture it belongs to). Times the ring does not have are cut off.
    /// `request` is kept beside the segments for [`Pin::open`] after a crash.
    ///
    /// # Errors
    /// [`Error::EmptyRange`] when the ring has no picture or the range is empty; [`Error::Io`] when `folder` exists
    /// or cannot be made.
    pub fn pin(&self, range: Range<i64>, folder: &Path, request: &[u8]) -> Result<Pin> {
        let (_files_stay, footage) = self.snapshot(range)?;
        Pin::create(folder, footage, request)
    }

    /// The segments of a range, and a guard while which their files are not removed.
    fn snapshot(&self, range: Range<i64>) -> Result<(FilesStay<'_>, Footage)> {
        let mut state = self.lock();
        let held = &state.held;
        let empty = Error::EmptyRange { start: range.start, end: range.end };
        if range.is_empty() || held.is_empty() || held[0].start >= range.end {
            return Err(empty);
        }
        let first = held.iter().rposition(|h| h.start <= range.start).unwrap_or(0).saturating_sub(1);
        let last = held.iter().rposition(|h| h.start < range.end).unwrap_or(0) + 1;
        let segments = held.range(first..=last.min(held.len() - 1)).map(|h| h.segment.clone()).collect();
        let footage = Footage { init: state.init.clone(), segments };
        state.pins_in_progress += 1;
        drop(state);
        Ok((FilesStay { ring: self }, footage))
    }

    /// Removes all segments and the folder; the writer must be gone.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be removed.
    pub fn remove(&self) -> Result<()> {
        let mut state = self.lock();
        state.held.clear();
        (state.bytes, state.payload) = (0, 0);
        drop(state);
        fs::remove_dir_all(&self.folder).map_err(Error::io(&self.folder))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The index is changed in steps that cannot panic, so a poisoned one is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the writer does to the index.
impl Ring {
    /// Adds a chunk that was written to the segment `number`, beginning at `offset` of its file.
    pub(crate) fn add(&self, number: u64, place: &Place, offset: u64, chunk: &Chunk) {
        let len = chunk.payload.end - chunk.payload.start;
        let entry = Entry { meta: chunk.meta, offset: offset + u64::from(chunk.payload.start), len };
        let mut state = self.lock();
        if state.held.back().is_none_or(|h| h.number != number) {
            let segment = Segment { place: place.clone(), len: 0, entries: Arc::default() };
            state.held.push_back(Held { number, start: chunk.meta.pts, payload: 0, segment });
        }
        let (bytes, payload) = (chunk.bytes.len() as u64, u64::from(len));
        if let Some(held) = state.held.back_mut() {
            // Copies the entries only when a pin holds this segment's index.
            Arc::make_mut(&mut held.segment.entries).push(entry);
            held.segment.len = offset + bytes;
            held.payload += payload;
        }
        state.bytes += bytes;
        state.payload += payload;
        if chunk.meta.track == VIDEO_TRACK {
            state.newest_pts = Some(chunk.meta.pts);
            state.newest_end = chunk.meta.end();
        }
        let gone = state.evict_beyond_limits();
        drop(state);
        remove(gone);
        self.grown.notify_all();
    }

    /// Evicts the oldest segment if that gives room in the folder: it must lie there, under no other name, and
    /// not be one of the last two.
    pub(crate) fn evict_for_room(&self) -> bool {
        let mut state = self.lock();
        let path = match state.held.front().map(|h| &h.segment.place) {
            Some(Place::Folder(path)) if state.held.len() > 2 => path.clone(),
            _ => return false,
        };
        drop(state);
        // Only the writer evicts beside `set_limits`, so the oldest can at most be gone by now, never a newer one.
        if fs::metadata(&path).is_ok_and(|m| m.nlink() > 1) {
            return false;
        }
        state = self.lock();
        let still_oldest = matches!(state.held.front().map(|h| &h.segment.place),
            Some(Place::Folder(p)) if *p == path);
        let gone = if still_oldest { state.evict_oldest(ShortBy::Space) } else { None };
        drop(state);
        remove(gone);
        true
    }

    /// Evicts oldest segments until fewer than `most` are in memory. False if that would take one of the last two.
    pub(crate) fn keep_memory_segments_below(&self, most: usize) -> bool {
        let mut state = self.lock();
        let mut gone = Vec::new();
        while state.memory_segments() >= most && state.held.len() > 2 {
            gone.extend(state.evict_oldest(ShortBy::Space));
        }
        let enough = state.memory_segments() < most;
        drop(state);
        remove(gone);
        enough
    }

    /// Number of segments in memory.
    pub(crate) fn memory_segments(&self) -> usize {
        self.lock().memory_segments()
    }

    /// The segment `number`, if it is in the index, now lies elsewhere; its old file goes.
    pub(crate) fn relocate(&self, number: u64, place: Place) {
        let mut state = self.lock();
        let old =
            state.held.iter_mut().rfind(|h| h.number == number).map(|h| std::mem::replace(&mut h.segment.place, place));
        let gone = old.and_then(|old| state.dispose(old));
        drop(state);
        remove(gone);
    }

    /// Bytes of room that the folder must have for the whole ring to fit in it again: what a full ring takes at
    /// the present rate, less what already lies there, plus one GOP.
    pub(crate) fn room_needed(&self) -> u64 {
        let state = self.lock();
        let largest = state.held.iter().map(|h| h.segment.len).max().unwrap_or(0);
        let in_folder: u64 =
            state.held.iter().filter(|h| matches!(h.segment.place, Place::Folder(_))).map(|h| h.segment.len).sum();
        let filled = state.held.front().map_or(0, |h| state.newest_end - h.start).max(1);
        let at_full = u128::from(state.bytes) * state.limits.ticks.max(filled) as u128 / filled as u128;
        let full = u64::try_from(at_full).unwrap_or(u64::MAX).min(state.limits.bytes);
        full.saturating_sub(in_folder).saturating_add(largest)
    }

    /// The initialisation segment.
    pub(crate) fn init(&self) -> InitSegment {
        self.lock().init.clone()
    }
}

impl State {
    fn memory_segments(&self) -> usize {
        self.held.iter().filter(|h| matches!(h.segment.place, Place::Descriptor(_))).count()
    }

    /// Evicts whole GOPs from the front. Returns the files to remove once the lock is free.
    fn evict_beyond_limits(&mut self) -> Vec<PathBuf> {
        let mut gone = Vec::new();
        while let Some(second) = self.held.get(1) {
            if self.newest_end - second.start >= self.limits.ticks {
                gone.extend(self.evict_oldest_covered());
            } else if self.bytes > self.limits.bytes {
                gone.extend(self.evict_oldest(ShortBy::Bytes));
            } else {
                break;
            }
        }
        if self.held.front().is_some_and(|h| self.newest_end - h.start >= self.limits.ticks) {
            self.short_by = None;
        }
        gone
    }

    fn evict_oldest(&mut self, why: ShortBy) -> Option<PathBuf> {
        self.short_by = Some(why);
        self.evict_oldest_covered()
    }

    fn evict_oldest_covered(&mut self) -> Option<PathBuf> {
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
}

/// While there is one, no segment file is removed.
struct FilesStay<'a> {
    ring: &'a Ring,
}

impl Drop for FilesStay<'_> {
    fn drop(&mut self) {
        let mut state = self.ring.lock();
        state.pins_in_progress -= 1;
        let gone = if state.pins_in_progress == 0 { std::mem::take(&mut state.kept_for_pins) } else { Vec::new() };
        drop(state);
        remove(gone);
    }
}

fn remove(paths: impl IntoIterator<Item = PathBuf>) {
    for path in paths {
        // Nothing better can be done with a file that does not go; recovery ignores what it does not need.
        let _ = fs::remove_file(path);
    }
}
