//! Segments that belong together, ready to be read by their index.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::{Entry, Error, InitSegment, Place, Result, Segment, Timeline};

/// An initialisation segment and the segments that follow it, in order of time.
#[derive(Clone, Debug)]
pub struct Footage {
    /// Describes the tracks.
    pub init: InitSegment,
    /// The segments, oldest first.
    pub segments: Vec<Segment>,
    /// How its times follow from those of the session, where they are not the same.
    pub timeline: Timeline,
}

/// Names one sample of a [`Footage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleRef {
    /// Index into [`Footage::segments`].
    pub segment: usize,
    /// Index into the segment's entries.
    pub entry: usize,
}

impl Footage {
    /// Every sample in file order.
    ///
    /// A sample that is not later than the one before it on its track, or whose track the initialisation segment
    /// does not know, is left out: recovered files may be anything.
    pub fn samples(&self) -> impl Iterator<Item = (SampleRef, Entry)> {
        let mut last: Vec<Option<i64>> = vec![None; self.init.tracks().len()];
        let all = self.segments.iter().enumerate().flat_map(|(segment, s)| {
            s.entries.iter().enumerate().map(move |(entry, e)| (SampleRef { segment, entry }, *e))
        });
        all.filter(move |(_, e)| {
            let Some(last) = last.get_mut(usize::from(e.meta.track)) else { return false };
            let later = last.is_none_or(|dts| e.meta.dts > dts);
            if later {
                *last = Some(e.meta.dts);
            }
            later
        })
    }

    /// Presentation time of the first keyframe and the end of the last picture, in 90 kHz ticks; none where there
    /// is no keyframe.
    pub fn picture_span(&self) -> Option<std::ops::Range<i64>> {
        let mut span: Option<std::ops::Range<i64>> = None;
        for (_, e) in self.samples().filter(|(_, e)| e.meta.track == crate::VIDEO_TRACK) {
            match &mut span {
                None if e.meta.key => span = Some(e.meta.pts..e.meta.end()),
                None => {}
                Some(span) => span.end = span.end.max(e.meta.end()),
            }
        }
        span
    }

    /// A reader of samples.
    pub fn reader(&self) -> FootageReader<'_> {
        FootageReader { footage: self, open: None }
    }
}

/// Reads samples; keeps the last segment's file open.
#[derive(Debug)]
pub struct FootageReader<'a> {
    footage: &'a Footage,
    open: Option<(usize, Arc<File>)>,
}

impl FootageReader<'_> {
    /// Fills `buf`, which must have the sample's length, with the sample.
    ///
    /// # Errors
    /// [`Error::Io`]; of kind `InvalidInput` for a reference that is not into this footage or a buffer of another
    /// length.
    pub fn read(&mut self, sample: SampleRef, buf: &mut [u8]) -> Result<()> {
        let segments = &self.footage.segments;
        let name = match segments.get(sample.segment).map(|s| &s.place) {
            Some(Place::Folder(path)) => path.as_path(),
            _ => Path::new("segment in memory"),
        };
        let open = &mut self.open;
        read_sample(segments, open, sample, buf).map_err(Error::io(name))
    }
}

fn read_sample(
    segments: &[Segment],
    open: &mut Option<(usize, Arc<File>)>,
    sample: SampleRef,
    buf: &mut [u8],
) -> io::Result<()> {
    let segment = segments.get(sample.segment).ok_or(io::ErrorKind::InvalidInput)?;
    let entry = segment.entries.get(sample.entry).ok_or(io::ErrorKind::InvalidInput)?;
    if buf.len() != entry.len as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let file = match open {
        Some((index, file)) if *index == sample.segment => &*file,
        _ => &open.insert((sample.segment, segment.open()?)).1,
    };
    file.read_exact_at(buf, entry.offset)
}
