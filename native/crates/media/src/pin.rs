//! Segments that a save has taken hold of.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::folder::{INIT_FILE, REQUEST_FILE, make_private, segment_path, write_whole};
use crate::{Error, Footage, Place, Result, recover};

/// A folder of hard links to the segments of a save, with the save's request.
///
/// It survives the process: dropping a pin leaves the folder, so that a save that is cut off can be finished by
/// [`Pin::open`] at the next start. A save that is done calls [`Pin::release`].
#[derive(Debug)]
pub struct Pin {
    folder: PathBuf,
    footage: Footage,
    request: Vec<u8>,
    durable: bool,
}

impl Pin {
    pub(crate) fn create(folder: &Path, mut footage: Footage, request: &[u8]) -> Result<Self> {
        make_private(folder).map_err(Error::io(folder))?;
        let made = Self::fill(folder, &mut footage, request);
        if made.is_err() {
            let _ = fs::remove_dir_all(folder);
        }
        Ok(Self { folder: folder.into(), durable: made?, footage, request: request.into() })
    }

    /// Links what can be linked and opens the rest; whether all of it would survive a crash.
    fn fill(folder: &Path, footage: &mut Footage, request: &[u8]) -> Result<bool> {
        let mut durable = true;
        for (number, segment) in footage.segments.iter_mut().enumerate() {
            let Place::Folder(original) = &segment.place else {
                durable = false;
                continue;
            };
            let link = segment_path(folder, number as u64);
            segment.place = match fs::hard_link(original, &link) {
                Ok(()) => Place::Folder(link),
                // Another file system, no links there, or no room: reading still works by descriptor.
                Err(_) => {
                    durable = false;
                    Place::Descriptor(Arc::new(File::open(original).map_err(Error::io(original))?))
                }
            };
        }
        // The request comes last: a folder without it was never a whole pin.
        let writes = [(INIT_FILE, &footage.init.bytes()[..]), (REQUEST_FILE, request)];
        for (name, bytes) in writes {
            let path = folder.join(name);
            match write_whole(&path, bytes).map_err(Error::io(&path)) {
                Ok(()) => {}
                Err(Error::NoSpace { .. }) => durable = false,
                Err(e) => return Err(e),
            }
        }
        Ok(durable)
    }

    /// Opens a pin that a crash left behind.
    ///
    /// Its segments are indexed anew. The last one may hold more than at the time of the pin; the request says
    /// where to end.
    ///
    /// # Errors
    /// [`Error::Io`] (`NotFound`) when the crash came before the pin was whole: such a folder can be removed.
    /// [`Error::BadInit`] when its initialisation segment is damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(REQUEST_FILE);
        let request = fs::read(&path).map_err(Error::io(&path))?;
        Ok(Self { folder: folder.into(), footage: recover(folder)?, request, durable: true })
    }

    /// The pinned segments.
    pub fn footage(&self) -> &Footage {
        &self.footage
    }

    /// The bytes that were given when it was pinned.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// The folder of the links.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether everything is held by name. False when some of it (segments in memory, another file system, a full
    /// folder) would be lost with the process.
    pub fn is_durable(&self) -> bool {
        self.durable
    }

    /// Lets the segments go and removes the folder.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder cannot be removed.
    pub fn release(self) -> Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(&self.folder)(e)),
            _ => Ok(()),
        }
    }
}
