//! Rebuilding an index after a crash.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use crate::folder::{INIT_FILE, segment_paths};
use crate::{Error, Footage, InitSegment, Place, Result, Segment, Timeline, scan};

/// Indexes the folder of a ring or a pin.
///
/// Each segment counts up to its last whole chunk; a segment without one is left out. No file is changed.
///
/// # Errors
/// [`Error::Io`] when the folder or its initialisation segment cannot be read, [`Error::BadInit`] when that is
/// damaged. The caller then sets the folder aside.
pub fn recover(folder: &Path) -> Result<Footage> {
    let path = folder.join(INIT_FILE);
    let init = InitSegment::parse(fs::read(&path).map_err(Error::io(&path))?)?;
    let mut segments = Vec::new();
    for path in segment_paths(folder).map_err(Error::io(folder))? {
        let found = File::open(&path).and_then(|file| scan(&file)).map_err(Error::io(&path))?;
        if !found.entries.is_empty() {
            let entries = Arc::new(found.entries);
            segments.push(Segment { place: Place::Folder(path), len: found.whole, entries });
        }
    }
    Ok(Footage { init, segments, timeline: Timeline::default() })
}

/// Indexes a recording that was not finished: one file of an initialisation segment and chunks.
///
/// It counts up to its last whole chunk. The file is not changed.
///
/// # Errors
/// [`Error::Io`] when it cannot be read, [`Error::BadInit`] when it does not begin with a whole initialisation
/// segment.
pub fn recover_recording(path: &Path) -> Result<Footage> {
    let found = File::open(path).and_then(|file| scan(&file)).map_err(Error::io(path))?;
    let init = found.init.ok_or(Error::BadInit("no initialisation segment at the start"))?;
    let segment = Segment { place: Place::Folder(path.into()), len: found.whole, entries: Arc::new(found.entries) };
    Ok(Footage { init, segments: vec![segment], timeline: found.timeline })
}
