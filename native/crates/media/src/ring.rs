//! The replay buffer: the last seconds of a session as a folder of segments with an index in memory.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::folder::{INIT_FILE, make_private_or_empty, write_whole};
use crate::ring_index::RingIndex;
use crate::{Chunk, Error, InitSegment, Pin, Place, Result, SegmentWriter};

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

/// A replay buffer, shared by its one writer and any number of saves.
///
/// The lock on its index is held for microseconds: no file is touched under it.
pub struct Ring {
    folder: PathBuf,
    index: Mutex<RingIndex>,
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
        let index = Mutex::new(RingIndex::new(init, limits));
        let ring = Arc::new(Self { folder: folder.into(), index, grown: Condvar::new() });
        let writer = SegmentWriter::new(Arc::clone(&ring), room);
        Ok((ring, writer))
    }

    /// The folder of the segments.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The limits in force.
    pub fn limits(&self) -> RingLimits {
        self.lock().limits()
    }

    /// Changes the limits; a smaller ring evicts at once, a larger one fills up.
    pub fn set_limits(&self, limits: RingLimits) {
        self.change(|index| index.set_limits(limits));
    }

    /// Forgets what lies before `before` (90 kHz ticks), or everything up to the next keyframe. Pins live on.
    ///
    /// A GOP that `before` lies in is kept, since what follows cannot be decoded without it; nothing can be pinned from
    /// before, but a clip with [`crate::StartRule::Keyframe`] still begins with the keyframe.
    pub fn forget(&self, before: Option<i64>) {
        self.change(|index| match before {
            Some(before) => index.forget_before(before),
            None => index.forget_all(),
        });
    }

    /// What the ring holds now.
    pub fn status(&self) -> RingStatus {
        self.lock().status()
    }

    /// Waits until a picture with this PTS or a later one is in the ring. False when the time is over before.
    pub fn wait_for(&self, pts: i64, timeout: Duration) -> bool {
        let earlier = |index: &mut RingIndex| index.newest_pts().is_none_or(|newest| newest < pts);
        let waited = self.grown.wait_timeout_while(self.lock(), timeout, earlier);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Waits until every sound track reaches this session time (90 kHz ticks): sound comes later than the picture it
    /// belongs to. False when the time is over before.
    pub fn wait_for_sound(&self, ticks: i64, timeout: Duration) -> bool {
        let missing = |index: &mut RingIndex| !index.has_sound_until(ticks);
        let waited = self.grown.wait_timeout_while(self.lock(), timeout, missing);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Takes hold of the segments that a save of `range` (90 kHz ticks) reads, so that nothing is evicted or
    /// overwritten under it. Costs the writer nothing but the copy of the index.
    ///
    /// Held are the GOPs of the range, one before it (its sound may be the pre-roll) and at least one after it: as
    /// many as hold sound of the range, which arrives later than the picture it belongs to. Times the ring does not have are cut off.
    /// `request` is kept beside the segments for [`Pin::open`] after a crash.
    ///
    /// # Errors
    /// [`Error::EmptyRange`] when the ring has no picture or the range is empty; [`Error::Io`] when `folder` exists
    /// or cannot be made.
    pub fn pin(&self, range: Range<i64>, folder: &Path, request: &[u8]) -> Result<Pin> {
        let empty = Error::EmptyRange { start: range.start, end: range.end };
        let footage = self.lock().begin_pin(&range).ok_or(empty)?;
        let _files_stay = FilesStay(self);
        Pin::create(folder, footage, request)
    }

    /// Removes all files and the folder. Call it when the writer is gone; pins live on.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be removed.
    pub fn remove(&self) -> Result<()> {
        fs::remove_dir_all(&self.folder).map_err(Error::io(&self.folder))
    }

    fn lock(&self) -> MutexGuard<'_, RingIndex> {
        // The index is changed in steps that do not panic, so a poisoned one is whole.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the index, then removes the files that this freed, without the lock.
    fn change<Files: IntoIterator<Item = PathBuf>>(&self, change: impl FnOnce(&mut RingIndex) -> Files) {
        let gone = change(&mut self.lock());
        for path in gone {
            // Nothing better can be done with a file that does not go; recovery ignores what it does not need.
            let _ = fs::remove_file(path);
        }
    }
}

/// What the writer does.
impl Ring {
    /// Adds a chunk that was written to the segment `number`, beginning at `offset` of its file.
    pub(crate) fn add(&self, number: u64, place: &Place, offset: u64, chunk: &Chunk) {
        self.change(|index| index.add(number, place, offset, chunk));
        self.grown.notify_all();
    }

    /// Evicts the oldest segment if that gives room in the folder.
    pub(crate) fn evict_for_room(&self) -> bool {
        let Some(path) = self.lock().evictable_for_room().cloned() else { return false };
        // A pin's link keeps the room in use.
        if fs::metadata(&path).is_ok_and(|m| m.nlink() > 1) {
            return false;
        }
        // Only `set_limits` evicts beside the writer: the oldest may be gone by now, which gives room as well.
        self.change(|index| if index.evictable_for_room() == Some(&path) { index.evict_for_room() } else { None });
        true
    }

    /// Evicts oldest segments until fewer than `most` are in memory. False if that would take one of the last two.
    pub(crate) fn keep_memory_segments_below(&self, most: usize) -> bool {
        self.change(|index| index.keep_memory_segments_below(most));
        self.memory_segments() < most
    }

    /// Number of segments in memory.
    pub(crate) fn memory_segments(&self) -> usize {
        self.lock().memory_segments()
    }

    /// The segment `number`, if it is in the index, now lies elsewhere; its old file goes.
    pub(crate) fn relocate(&self, number: u64, place: Place) {
        self.change(|index| index.relocate(number, place));
    }

    /// Bytes of room that the folder must have for the whole ring to fit in it.
    pub(crate) fn room_needed(&self) -> u64 {
        self.lock().room_needed()
    }

    /// The initialisation segment.
    pub(crate) fn init(&self) -> InitSegment {
        self.lock().init().clone()
    }
}

/// While there is one, no segment file is removed.
struct FilesStay<'a>(&'a Ring);

impl Drop for FilesStay<'_> {
    fn drop(&mut self) {
        self.0.change(RingIndex::end_pin);
    }
}
