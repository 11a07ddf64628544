//! Rebuilding the index of a segment or a recording from its boxes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::Meta;
use crate::boxes::{BoxHeader, MAX_HEADER};
use crate::fragment::parse_moof;
use crate::init::{InitSegment, MAX_INIT_BYTES};
use crate::timeline::{MARK_BYTES, TimeMark, Timeline};

/// A `moof` of one sample takes about a hundred bytes; a longer one than this is not ours.
const MAX_MOOF_BYTES: u64 = 64 << 10;

/// A plain MP4 cannot say that a sample lasts longer (13 hours of pictures).
const MAX_STEP: i64 = u32::MAX as i64;

/// Where a sample lies in a segment or recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Track and times.
    pub meta: Meta,
    /// Offset of the sample's first byte in the file.
    pub offset: u64,
    /// Bytes of the sample.
    pub len: u32,
}

/// Bytes that can be read at any position.
pub trait ReadAt {
    /// Number of bytes there are.
    ///
    /// # Errors
    /// The system's error.
    fn len(&self) -> io::Result<u64>;
    /// Fills `buf` from `offset`, or fails when there are too few bytes.
    ///
    /// # Errors
    /// The system's error, `UnexpectedEof` where the bytes end.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;
    /// Whether there are no bytes.
    ///
    /// # Errors
    /// The system's error.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

impl ReadAt for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, buf, offset)
    }
}

impl ReadAt for [u8] {
    fn len(&self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buf.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(bytes);
        Ok(())
    }
}

/// What [`scan`] found.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The initialisation segment at the start, if there is one.
    pub init: Option<InitSegment>,
    /// The samples of the whole chunks, in file order.
    pub entries: Vec<Entry>,
    /// The pauses that were marked.
    pub timeline: Timeline,
    /// Bytes up to the end of the last whole chunk (or of the initialisation segment): cut here.
    pub whole: u64,
}

/// Reads the boxes of a segment (chunks) or a recording (initialisation segment and chunks) up to the first that
/// is not whole, not in order, or not one that this program writes.
///
/// Bytes of samples are not read, so this takes microseconds a chunk, and damage inside a sample is not seen.
/// The input may be hostile: sizes are never trusted, and each step moves forward or ends the scan.
///
/// # Errors
/// Only the reader's own errors; bad bytes merely end the scan.
pub fn scan<R: ReadAt + ?Sized>(source: &R) -> io::Result<Scan> {
    let end = source.len()?;
    let mut found = Scan::default();
    let mut last_dts: [Option<i64>; 256] = [None; 256];
    let mut at = 0;
    while let Some(head) = header_at(source, at, end)? {
        match &head.kind {
            b"ftyp" if at == 0 => at += head.size,
            b"moov" if found.init.is_none() && found.entries.is_empty() && at + head.size <= MAX_INIT_BYTES => {
                let bytes = read_vec(source, 0, at + head.size)?;
                let Ok(init) = InitSegment::parse(bytes) else { break };
                found.init = Some(init);
                at += head.size;
                found.whole = at;
            }
            b"moof" => {
                let Some((entry, next)) = chunk_at(source, at, end, head)? else { break };
                let known = found.init.as_ref().is_none_or(|i| usize::from(entry.meta.track) < i.tracks().len());
                let last = &mut last_dts[usize::from(entry.meta.track)];
                if !known || last.is_some_and(|dts| !(1..=MAX_STEP).contains(&(entry.meta.dts - dts))) {
                    break;
                }
                *last = Some(entry.meta.dts);
                found.entries.push(entry);
                at = next;
                found.whole = at;
            }
            b"uuid" if head.size == MARK_BYTES as u64 => {
                let Some(mark) = TimeMark::from_box(&read_vec(source, at, head.size)?) else { break };
                found.timeline.marks.push(mark);
                at += head.size;
                found.whole = at;
            }
            _ => break,
        }
    }
    Ok(found)
}

/// The sample of the chunk at `at`, and where the chunk ends.
fn chunk_at<R: ReadAt + ?Sized>(source: &R, at: u64, end: u64, moof: BoxHeader) -> io::Result<Option<(Entry, u64)>> {
    if moof.size > MAX_MOOF_BYTES {
        return Ok(None);
    }
    let body = read_vec(source, at + moof.header, moof.size - moof.header)?;
    let Some(fragment) = parse_moof(&body) else { return Ok(None) };
    let mdat_at = at + moof.size;
    let Some(mdat) = header_at(source, mdat_at, end)? else { return Ok(None) };
    let len = mdat.size - mdat.header;
    let offset_is_right = fragment.data_offset.is_none_or(|o| o >= 0 && o as u64 == moof.size + mdat.header);
    if &mdat.kind != b"mdat" || len != u64::from(fragment.size) || !offset_is_right {
        return Ok(None);
    }
    let entry = Entry { meta: fragment.meta, offset: mdat_at + mdat.header, len: fragment.size };
    Ok(Some((entry, mdat_at + mdat.size)))
}

/// Header of the box at `at`, if the whole box lies before `end`.
fn header_at<R: ReadAt + ?Sized>(source: &R, at: u64, end: u64) -> io::Result<Option<BoxHeader>> {
    let left = end.saturating_sub(at);
    let mut buf = [0; MAX_HEADER];
    let buf = &mut buf[..MAX_HEADER.min(usize::try_from(left).unwrap_or(MAX_HEADER))];
    if let Err(e) = source.read_exact_at(buf, at) {
        // The file may have been cut since its length was asked for.
        return if e.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(e) };
    }
    Ok(BoxHeader::read(buf).filter(|head| head.size <= left))
}

fn read_vec<R: ReadAt + ?Sized>(source: &R, at: u64, len: u64) -> io::Result<Vec<u8>> {
    // Callers have checked `len` against a small limit.
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    source.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}
