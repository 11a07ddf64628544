//! A recording in progress: one file that can be played at any moment.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::folder::create_new;
use crate::{Chunk, Error, InitSegment, Result};

/// Appends the session's chunks as they are behind the initialisation segment.
#[derive(Debug)]
pub struct RecordingWriter {
    path: PathBuf,
    file: File,
    len: u64,
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
        Ok(Self { path: path.into(), file, len: init.bytes().len() as u64 })
    }

    /// Appends a chunk. The first one should be a keyframe's.
    ///
    /// # Errors
    /// [`Error::NoSpace`] or [`Error::Io`]. The file then ends with the last whole chunk and plays; the caller ends
    /// the recording, or tries again with the next keyframe.
    pub fn append(&mut self, chunk: &Chunk) -> Result<()> {
        if let Err(e) = self.file.write_all_at(&chunk.bytes, self.len) {
            // If this fails too, the torn chunk stays, and the scanner cuts it off.
            let _ = self.file.set_len(self.len);
            return Err(Error::io(&self.path)(e));
        }
        self.len += chunk.bytes.len() as u64;
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
