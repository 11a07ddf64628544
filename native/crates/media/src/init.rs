//! The initialisation segment: `ftyp` and an empty `moov` that describes the tracks.

use std::sync::Arc;

use crate::boxes::{be32, child, children};
use crate::{Error, Meta, Result};

/// An initialisation segment is a few kilobytes; anything beyond this is not one of ours.
pub(crate) const MAX_INIT_BYTES: u64 = 4 << 20;

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Something this program does not write.
    Other,
}

/// One track as the initialisation segment describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track {
    /// Pictures or sound.
    pub kind: TrackKind,
    /// Ticks a second of the track's times; never 0.
    pub timescale: u32,
}

/// A parsed initialisation segment. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct InitSegment {
    bytes: Arc<[u8]>,
    tracks: Arc<[Track]>,
}

impl InitSegment {
    /// Parses the bytes of `ftyp` and `moov`.
    ///
    /// # Errors
    /// [`Error::BadInit`] where there is no track, more than 255, a track whose id is not its position (counted
    /// from 1), a timescale of 0, or a first track that carries no pictures.
    pub fn parse(bytes: impl Into<Arc<[u8]>>) -> Result<Self> {
        let bytes = bytes.into();
        let moov = child(&bytes, b"moov").ok_or(Error::BadInit("no whole moov"))?;
        let mut tracks = Vec::new();
        for (_, trak) in children(moov).filter(|(kind, _)| kind == b"trak") {
            tracks.push(parse_trak(trak, tracks.len() + 1)?);
        }
        match tracks.first() {
            None => return Err(Error::BadInit("no track")),
            Some(t) if t.kind != TrackKind::Video => return Err(Error::BadInit("first track carries no pictures")),
            Some(_) if tracks.len() > usize::from(u8::MAX) => return Err(Error::BadInit("too many tracks")),
            Some(_) => {}
        }
        Ok(Self { bytes, tracks: tracks.into() })
    }

    /// A segment without bytes, for tests of what only needs the tracks.
    #[cfg(test)]
    pub(crate) fn of_tracks(tracks: &[Track]) -> Self {
        Self { bytes: Arc::new([]), tracks: tracks.into() }
    }

    /// The segment as it was parsed.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// The tracks; [`crate::Meta::track`] is an index into them.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// A number that rises with the decoding time and can be compared between tracks.
    pub fn order_of(&self, meta: &Meta) -> i128 {
        let timescale = self.tracks.get(usize::from(meta.track)).map_or(1, |t| t.timescale);
        i128::from(meta.dts) * i128::from(u32::MAX) / i128::from(timescale)
    }
}

fn parse_trak(trak: &[u8], expected_id: usize) -> Result<Track> {
    let tkhd = child(trak, b"tkhd").ok_or(Error::BadInit("no tkhd"))?;
    let id_at = if tkhd.first() == Some(&1) { 20 } else { 12 };
    if be32(tkhd, id_at).map(|id| id as usize) != Some(expected_id) {
        return Err(Error::BadInit("track ids are not 1, 2, ..."));
    }
    let mdia = child(trak, b"mdia").ok_or(Error::BadInit("no mdia"))?;
    let mdhd = child(mdia, b"mdhd").ok_or(Error::BadInit("no mdhd"))?;
    let scale_at = if mdhd.first() == Some(&1) { 20 } else { 12 };
    let timescale = be32(mdhd, scale_at).filter(|&t| t > 0).ok_or(Error::BadInit("no timescale"))?;
    let hdlr = child(mdia, b"hdlr").ok_or(Error::BadInit("no hdlr"))?;
    let kind = match hdlr.get(8..12) {
        Some(b"vide") => TrackKind::Video,
        Some(b"soun") => TrackKind::Audio,
        _ => TrackKind::Other,
    };
    Ok(Track { kind, timescale })
}
