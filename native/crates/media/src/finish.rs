//! Making a plain MP4 of a recording without copying it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::boxes::{BoxHeader, MAX_HEADER};
use crate::movie::{StoredSample, movie_box};
use crate::{Cut, Error, Labels, Result, StartRule, VIDEO_TRACK, recover_recording};

/// Facts of a recording that was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Session time (90 kHz ticks) of the first picture.
    pub first_pts: i64,
    /// Session time at which the last picture ends.
    pub end_pts: i64,
    /// Pictures in the file.
    pub frames: u64,
    /// Size of the file.
    pub size_bytes: u64,
}

/// Gives a recording an index at its end and hides everything else in one `mdat`, so that it becomes a plain MP4 of
/// the same bytes: no copy, a moment's time, and room only for the index.
///
/// What follows the last whole chunk is cut off. The index is written and synced before the 16 bytes that make it
/// count are, so a crash at any point leaves a file that plays, and that can be finished again.
///
/// Chapters of `labels` are in session time. A list in the index holds them, up to 255, and no track.
///
/// # Errors
/// [`Error::BadInit`] when the file does not begin with a whole initialisation segment (also when it was finished
/// before), [`Error::NoKeyframe`] when it holds no picture to start with, [`Error::NoSpace`] when there is no room
/// for the index: the recording is then still playable as it is.
pub fn finish_in_place(path: &Path, labels: &Labels) -> Result<Finished> {
    let footage = recover_recording(path)?;
    let span = footage.picture_span().ok_or(Error::NoKeyframe)?;
    let cut = Cut::plan(&footage, span.start, span.end, StartRule::Keyframe)?;
    let recorded = &footage.segments[0];
    let mut tracks = vec![Vec::new(); footage.init.tracks().len()];
    for sample in &cut.copied {
        let entry = recorded.entries[sample.source.entry];
        let stored = StoredSample { meta: sample.meta, offset: entry.offset, len: entry.len };
        tracks[usize::from(sample.meta.track)].push(stored);
    }
    for samples in tracks.iter_mut().skip(usize::from(VIDEO_TRACK) + 1) {
        bridge_gaps(samples);
    }
    let labels = labels.of_file(&footage.timeline, cut.origin, cut.end);
    let index = movie_box(&footage.init, &tracks, (cut.end - cut.origin) as u64, &labels)?;

    let file = OpenOptions::new().read(true).write(true).open(path).map_err(Error::io(path))?;
    place_index(&file, &index, recorded.len).map_err(Error::io(path))?;
    Ok(Finished {
        first_pts: cut.origin,
        end_pts: cut.end,
        frames: cut.picture_count() as u64,
        size_bytes: recorded.len + index.len() as u64,
    })
}

/// A table of durations has no holes: each packet lasts until the next.
fn bridge_gaps(samples: &mut [StoredSample]) {
    for i in 1..samples.len() {
        samples[i - 1].meta.dur = samples[i].meta.dts - samples[i - 1].meta.dts;
    }
}

fn place_index(file: &File, index: &[u8], whole: u64) -> std::io::Result<()> {
    file.set_len(whole)?;
    if let Err(e) = file.write_all_at(index, whole) {
        file.set_len(whole)?;
        return Err(e);
    }
    file.sync_all()?;
    // From here on the initialisation segment's moov and all chunks are the body of one mdat.
    let mut start = [0; MAX_HEADER];
    file.read_exact_at(&mut start, 0)?;
    let moov_at = BoxHeader::read(&start).filter(|h| &h.kind == b"ftyp").map_or(0, |h| h.size);
    let mut header = [0; MAX_HEADER];
    header[..4].copy_from_slice(&1u32.to_be_bytes()); // the size is in the 64 bits behind the code
    header[4..8].copy_from_slice(b"mdat");
    header[8..].copy_from_slice(&(whole - moov_at).to_be_bytes());
    file.write_all_at(&header, moov_at)?;
    file.sync_all()
}
