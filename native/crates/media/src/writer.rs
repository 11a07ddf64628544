//! The one writer of a ring: appends chunks, and finds another place when the folder is full.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use rustix::fs::{MemfdFlags, memfd_create, statvfs};
use rustix::process::{Resource, getrlimit};

use crate::folder::{INIT_FILE, create_new, segment_path, write_whole};
use crate::{Chunk, Error, Place, Result, Ring, is_no_space};

/// The ring has begun to write elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceChange {
    /// From the folder to memory. What is in memory does not survive the process.
    ToMemory {
        /// The folder's error.
        reason: String,
    },
    /// Back to the folder, which has room for the whole ring again.
    ToFolder,
}

/// The segment in hand.
struct Current {
    number: u64,
    file: Arc<File>,
    place: Place,
    len: u64,
}

/// Appends chunks to a [`Ring`]. Made by [`Ring::create`].
///
/// When the folder is full the oldest segments go first; when that gives no room, or the last two would have to
/// go, writing goes on in memory and stays there until the folder has room for the whole ring.
pub struct SegmentWriter {
    ring: Arc<Ring>,
    current: Option<Current>,
    next_number: u64,
    in_memory: bool,
    /// Whether memory is to be left again: not after an error other than "no space", which would only repeat.
    may_return: bool,
    most_memory_segments: usize,
}

impl SegmentWriter {
    pub(crate) fn new(ring: Arc<Ring>, room_in_folder: bool) -> Self {
        // Each segment in memory is a descriptor; three quarters are left to the rest of the process.
        let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let most_memory_segments = usize::try_from(descriptors / 4).unwrap_or(usize::MAX).max(4);
        Self { ring, current: None, next_number: 1, in_memory: !room_in_folder, may_return: true, most_memory_segments }
    }

    /// Appends a chunk; a keyframe begins a new segment. Chunks before the first keyframe are dropped.
    ///
    /// Returns the change of place that this chunk caused, if any.
    ///
    /// # Errors
    /// When there is no room in memory either. The chunk is lost, and with it those up to the next keyframe, at
    /// which the writer tries anew; what the ring holds stays.
    pub fn append(&mut self, chunk: &Chunk) -> Result<Option<PlaceChange>> {
        let mut change = None;
        if chunk.meta.is_keyframe() {
            self.current = None;
            change = self.begin_segment()?;
        }
        loop {
            let Some(current) = &mut self.current else { return Ok(change) };
            match current.file.write_all_at(&chunk.bytes, current.len) {
                Ok(()) => {
                    self.ring.add(current.number, &current.place, current.len, chunk);
                    current.len += chunk.bytes.len() as u64;
                    return Ok(change);
                }
                Err(e) if !self.in_memory && is_no_space(&e) && self.ring.evict_for_room() => {}
                Err(e) if !self.in_memory => change = Some(self.move_current_to_memory(&e)?),
                Err(e) => {
                    self.current = None;
                    return Err(Error::io(self.ring.folder())(e));
                }
            }
        }
    }

    fn begin_segment(&mut self) -> Result<Option<PlaceChange>> {
        let mut change = None;
        if self.in_memory && self.may_return && self.folder_has_room() {
            self.in_memory = false;
            change = Some(PlaceChange::ToFolder);
        }
        let number = self.next_number;
        self.next_number += 1;
        let path = segment_path(self.ring.folder(), number);
        while !self.in_memory {
            match create_new(&path) {
                Ok(file) => {
                    let place = Place::Folder(path);
                    self.current = Some(Current { number, file: Arc::new(file), place, len: 0 });
                    return Ok(change);
                }
                Err(e) if is_no_space(&e) && self.ring.evict_for_room() => {}
                Err(e) => change = Some(self.leave_folder(&e)),
            }
        }
        let file = self.memory_file()?;
        let place = Place::Descriptor(Arc::clone(&file));
        self.current = Some(Current { number, file, place, len: 0 });
        Ok(change)
    }

    fn leave_folder(&mut self, why: &io::Error) -> PlaceChange {
        self.in_memory = true;
        self.may_return = is_no_space(why);
        PlaceChange::ToMemory { reason: why.to_string() }
    }

    /// The whole chunks of the segment in hand go on in memory; the torn one is not copied.
    fn move_current_to_memory(&mut self, why: &io::Error) -> Result<PlaceChange> {
        let change = self.leave_folder(why);
        let Some(mut current) = self.current.take() else { return Ok(change) };
        let memory = self.memory_file()?;
        copy(&current.file, &memory, current.len).map_err(Error::io(self.ring.folder()))?;
        let place = Place::Descriptor(Arc::clone(&memory));
        if current.len > 0 {
            self.ring.relocate(current.number, place.clone());
        } else if let Place::Folder(path) = &current.place {
            let _ = std::fs::remove_file(path); // it is not in the index yet
        }
        (current.file, current.place) = (memory, place);
        self.current = Some(current);
        Ok(change)
    }

    fn memory_file(&self) -> Result<Arc<File>> {
        self.ring.keep_memory_segments_below(self.most_memory_segments);
        loop {
            match memfd_create("clipshot-segment", MemfdFlags::CLOEXEC) {
                Ok(fd) => return Ok(Arc::new(File::from(fd))),
                Err(e) => {
                    let fewer = self.ring.memory_segments().saturating_sub(1);
                    if fewer == 0 || !self.ring.keep_memory_segments_below(fewer) {
                        return Err(Error::io(self.ring.folder())(e.into()));
                    }
                }
            }
        }
    }

    /// Whether the whole ring would fit into the folder; also puts the initialisation segment there, which a full
    /// folder may have refused at the start.
    fn folder_has_room(&self) -> bool {
        let folder = self.ring.folder();
        let room = statvfs(folder).map_or(0, |s| s.f_bavail.saturating_mul(s.f_frsize));
        let init = folder.join(INIT_FILE);
        room >= self.ring.room_needed() && (init.exists() || write_whole(&init, self.ring.init().bytes()).is_ok())
    }
}

fn copy(from: &File, to: &File, len: u64) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    while at < len {
        let n = usize::try_from(len - at).unwrap_or(usize::MAX).min(buffer.len());
        from.read_exact_at(&mut buffer[..n], at)?;
        to.write_all_at(&buffer[..n], at)?;
        at += n as u64;
    }
    Ok(())
}
