//! The `moof` box of a chunk with one sample, as this program writes it.

use crate::Meta;
use crate::boxes::{be32, be64, child};

/// Times beyond this (2^52 ticks, more than a thousand years) are damage, and would overflow later sums.
const MAX_TIME: i64 = 1 << 52;

/// `sample_is_non_sync_sample` of the sample flags (ISO/IEC 14496-12, 8.8.3.1).
const NON_SYNC: u32 = 0x0001_0000;

/// What a `moof` says of its only sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fragment {
    /// Track and times.
    pub meta: Meta,
    /// Bytes of the sample.
    pub size: u32,
    /// Where the sample lies, counted from the start of the `moof`; none where the file does not say.
    pub data_offset: Option<i64>,
}

/// Reads a run of 32-bit numbers, some of which are only there when a flag says so.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    flags: u32,
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8], at: usize) -> Option<Self> {
        Some(Self { bytes, at, flags: be32(bytes, 0)? & 0x00ff_ffff })
    }

    fn take(&mut self) -> Option<u32> {
        let value = be32(self.bytes, self.at)?;
        self.at += 4;
        Some(value)
    }

    /// Outer None: the bytes end. Inner None: the flag is not set.
    fn take_if(&mut self, flag: u32) -> Option<Option<u32>> {
        if self.flags & flag == 0 { Some(None) } else { self.take().map(Some) }
    }
}

/// Parses the body of a `moof` with one track fragment of one sample; None for anything else.
pub(crate) fn parse_moof(body: &[u8]) -> Option<Fragment> {
    let traf = child(body, b"traf")?;

    let mut tfhd = Fields::new(child(traf, b"tfhd")?, 4)?;
    let track = u8::try_from(tfhd.take()?.checked_sub(1)?).ok()?;
    if tfhd.take_if(0x1)?.is_some() {
        tfhd.take()?; // low half of base_data_offset
    }
    tfhd.take_if(0x2)?; // sample_description_index
    let default_dur = tfhd.take_if(0x8)?;
    let default_size = tfhd.take_if(0x10)?;
    let default_flags = tfhd.take_if(0x20)?;

    let tfdt = child(traf, b"tfdt")?;
    let dts = match tfdt.first()? {
        // The field is unsigned, but FFmpeg stores negative times (the priming of AAC) as they are.
        1 => be64(tfdt, 4)? as i64,
        _ => i64::from(be32(tfdt, 4)?),
    };

    let mut trun = Fields::new(child(traf, b"trun")?, 4)?;
    if trun.take()? != 1 {
        return None;
    }
    let data_offset = trun.take_if(0x1)?.map(|v| i64::from(v as i32));
    let first_flags = trun.take_if(0x4)?;
    let dur = trun.take_if(0x100)?.or(default_dur)?;
    let size = trun.take_if(0x200)?.or(default_size)?;
    let flags = trun.take_if(0x400)?.or(first_flags).or(default_flags)?;
    let cts = trun.take_if(0x800)?.map_or(0, |v| i64::from(v as i32));

    if !(-MAX_TIME..=MAX_TIME).contains(&dts) || dur > i32::MAX as u32 {
        return None;
    }
    let meta = Meta { track, key: flags & NON_SYNC == 0, pts: dts + cts, dts, dur: i64::from(dur) };
    Some(Fragment { meta, size, data_offset })
}

/// Where a chunk of one sample holds the times of that sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimePlaces {
    /// Offset of the 64-bit decoding time.
    pub decode_time: usize,
    /// Offset of the 32-bit duration.
    pub duration: usize,
}

/// Finds the times in a chunk (`moof` and `mdat`) as this program writes it; None for anything else.
pub(crate) fn time_places(chunk: &[u8]) -> Option<TimePlaces> {
    // A body that was found in the chunk is a part of it, so addresses give its place.
    let place = |body: &[u8]| body.as_ptr().addr() - chunk.as_ptr().addr();
    let traf = child(child(chunk, b"moof")?, b"traf")?;

    let tfdt = child(traf, b"tfdt")?;
    if tfdt.first() != Some(&1) || tfdt.len() != 12 {
        return None;
    }
    let trun = child(traf, b"trun")?;
    let mut fields = Fields::new(trun, 8)?;
    fields.take_if(0x1)?;
    fields.take_if(0x4)?;
    let own = (fields.flags & 0x100 != 0).then_some(place(trun) + fields.at);
    let tfhd = child(traf, b"tfhd")?;
    let mut fields = Fields::new(tfhd, 8)?;
    if fields.take_if(0x1)?.is_some() {
        fields.take()?;
    }
    fields.take_if(0x2)?;
    let default = (fields.flags & 0x8 != 0).then_some(place(tfhd) + fields.at);
    let duration = own.or(default).filter(|at| at + 4 <= chunk.len())?;
    Some(TimePlaces { decode_time: place(tfdt) + 4, duration })
}
