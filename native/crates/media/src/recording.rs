//! A recording in progress: one file that can be played at any moment.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::folder::create_new;
use crate::fragment::time_places;
use crate::{Chunk, Error, InitSegment, Result, TimeMark, VIDEO_TRACK};

/// Appends the session's chunks as they are behind the initialisation segment.
#[derive(Debug)]
pub struct RecordingWriter {
    path: PathBuf,
    file: File,
    len: u64,
    last_picture: Option<LastPicture>,
}

/// The newest picture in the file.
#[derive(Clone, Copy, Debug)]
struct LastPicture {
    pts: i64,
    end: i64,
    /// Where its duration is written.
    duration_at: u64,
}

impl RecordingWriter {
    /// Creates the file, which must not exist, and writes the initialisation segment.
    ///
    /// # Errors
    /// [`Error::NoSpace`] or [`Error::Io`]; nothing is left behind.
    pub fn create(path: &Path, init: &InitSegment) -> Result<Self> {
        let file = create_new(path).map_err(Error::io(path))?;
        if let Err(e) = file.write_all_at(init.bytes(), 0) {
            let _ = std::fs::remove_file(path);
            return Err(Error::io(path)(e));
        }
        Ok(Self { path: path.into(), file, len: init.bytes().len() as u64, last_picture: None })
    }

    /// Appends a chunk. The first one should be a keyframe's.
    ///
    /// # Errors
    /// [`Error::NoSpace`] or [`Error::Io`]. The file then ends with the last whole chunk and plays; the caller ends
    /// the recording, or tries again with the next keyframe.
    pub fn append(&mut self, chunk: &Chunk) -> Result<()> {
        let at = self.len;
        self.append_bytes(&chunk.bytes)?;
        if chunk.meta.track == VIDEO_TRACK {
            self.last_picture = time_places(&chunk.bytes).map(|places| LastPicture {
                pts: chunk.meta.pts,
                end: chunk.meta.end(),
                duration_at: at + places.duration as u64,
            });
        }
        Ok(())
    }

    /// Notes that the times of what follows are moved.
    ///
    /// # Errors
    /// As [`RecordingWriter::append`].
    pub fn mark(&mut self, mark: TimeMark) -> Result<()> {
        self.append_bytes(&mark.to_box())
    }

    /// Lets the newest picture last until `end` (time in the file), where it would be over before: on a still screen
    /// the next one may be a second away.
    ///
    /// # Errors
    /// [`Error::Io`]. The file is as whole as before.
    pub fn extend_last_picture(&mut self, end: i64) -> Result<()> {
        let Some(picture) = self.last_picture.as_mut().filter(|picture| picture.end < end) else { return Ok(()) };
        let duration = u32::try_from(end - picture.pts).unwrap_or(u32::MAX).min(i32::MAX as u32);
        let written = self.file.write_all_at(&duration.to_be_bytes(), picture.duration_at);
        written.map_err(Error::io(&self.path))?;
        picture.end = end;
        Ok(())
    }

    fn append_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if let Err(e) = self.file.write_all_at(bytes, self.len) {
            // If this fails too, the torn piece stays, and the scanner cuts it off.
            let _ = self.file.set_len(self.len);
            return Err(Error::io(&self.path)(e));
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Bytes written, all of them whole chunks.
    pub fn size_bytes(&self) -> u64 {
        self.len
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A handle on which another thread can call `sync_data` while this one goes on writing.
    ///
    /// # Errors
    /// [`Error::Io`] when no descriptor is left.
    pub fn sync_handle(&self) -> Result<File> {
        self.file.try_clone().map_err(Error::io(&self.path))
    }
}
