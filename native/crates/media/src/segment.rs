//! One GOP with its sound, as a file of chunks.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Entry;

/// Where the bytes of a segment are.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file in a folder. No descriptor is held: a long ring has more segments than a process may have open.
    Folder(PathBuf),
    /// A file that has no name, in memory or already unlinked, held by its descriptor; lost with the process.
    Descriptor(Arc<File>),
}

/// A segment and its index. Cloning shares both.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Where the bytes are.
    pub place: Place,
    /// Bytes of whole chunks; the file may be longer.
    pub len: u64,
    /// The samples, in the order in which they were written.
    pub entries: Arc<Vec<Entry>>,
}

impl Segment {
    /// The file for reading.
    ///
    /// # Errors
    /// The system's error.
    pub fn open(&self) -> io::Result<Arc<File>> {
        match &self.place {
            Place::Folder(path) => File::open(path).map(Arc::new),
            Place::Descriptor(file) => Ok(Arc::clone(file)),
        }
    }
}
