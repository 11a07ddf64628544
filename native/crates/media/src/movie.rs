//! The index (`moov`) of a plain MP4 file, made of the initialisation segment and a list of samples
//! (ISO/IEC 14496-12, chapter 8).

use crate::boxes::{be32, child, children};
use crate::{Error, InitSegment, Labels, Meta, Result, VIDEO_TIMESCALE};

/// A sample that lies somewhere in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredSample {
    pub meta: Meta,
    pub offset: u64,
    pub len: u32,
}

/// With more samples of one track a table would not fit into its 32-bit size.
const MAX_SAMPLES: usize = 1 << 28;

/// Writes the `moov` of a file of `duration` (90 kHz ticks) from time 0. `tracks` are the samples of each track in
/// order, without gaps: each lasts until the next. Sound that begins before 0 is hidden by an edit list, sound that
/// begins after is delayed by one. `labels` have times of the file.
pub(crate) fn movie_box(
    init: &InitSegment,
    tracks: &[Vec<StoredSample>],
    duration: u64,
    labels: &Labels,
) -> Result<Vec<u8>> {
    let moov = child(init.bytes(), b"moov").ok_or(Error::BadInit("no moov"))?;
    let mut traks = children(moov).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body);
    let mut out = Vec::new();
    put_box(&mut out, b"moov", |out| {
        put_mvhd(out, duration, tracks.len() as u32 + 1);
        for (samples, track) in tracks.iter().zip(init.tracks()) {
            let trak = traks.next().ok_or(Error::BadInit("fewer tracks than it says"))?;
            if samples.len() > MAX_SAMPLES {
                return Err(Error::BadTimes("too many samples for one file"));
            }
            if !samples.is_empty() {
                put_trak(out, trak, samples, track.timescale, duration)?;
            }
        }
        put_labels(out, labels)
    })?;
    Ok(out)
}

/// Title (iTunes metadata) and chapters (Nero's list, which needs no samples as a QuickTime chapter track would). The
/// list holds 255 chapters, each from its start to the next one's.
fn put_labels(out: &mut Vec<u8>, labels: &Labels) -> Result<()> {
    if *labels == Labels::default() {
        return Ok(());
    }
    put_box(out, b"udta", |out| {
        if !labels.title.is_empty() {
            put_box(out, b"meta", |out| {
                words(out, &[0]);
                put_box(out, b"hdlr", |out| {
                    words(out, &[0, 0]);
                    out.extend_from_slice(b"mdirappl");
                    words(out, &[0, 0]);
                    out.push(0); // no name
                    Ok(())
                })?;
                put_box(out, b"ilst", |out| {
                    put_box(out, b"\xa9nam", |out| {
                        put_box(out, b"data", |out| {
                            words(out, &[1, 0]); // UTF-8, no locale
                            out.extend_from_slice(labels.title.as_bytes());
                            Ok(())
                        })
                    })
                })
            })?;
        }
        if labels.chapters.is_empty() {
            return Ok(());
        }
        put_box(out, b"chpl", |out| {
            let count = labels.chapters.len().min(usize::from(u8::MAX));
            words(out, &[0x0100_0000, 0]);
            out.push(count as u8);
            for chapter in &labels.chapters[..count] {
                let units = chapter.start.max(0) as u64 * 10_000_000 / u64::from(VIDEO_TIMESCALE);
                out.extend_from_slice(&units.to_be_bytes());
                let title = &chapter.title.as_bytes()[..chapter.title.floor_char_boundary(usize::from(u8::MAX))];
                out.push(title.len() as u8);
                out.extend_from_slice(title);
            }
            Ok(())
        })
    })
}

fn put_trak(out: &mut Vec<u8>, trak: &[u8], samples: &[StoredSample], timescale: u32, duration: u64) -> Result<()> {
    let part = |body, kind| child(body, kind).ok_or(Error::BadInit("incomplete track"));
    let mdia = part(trak, b"mdia")?;
    let minf = part(mdia, b"minf")?;
    let stsd = part(part(minf, b"stbl")?, b"stsd")?;
    let first = samples[0].meta.pts;
    let media_duration = samples.iter().map(|s| s.meta.dur as u64).sum::<u64>();
    put_box(out, b"trak", |out| {
        put_box(out, b"tkhd", |out| put_tkhd(out, part(trak, b"tkhd")?, duration))?;
        if first != 0 {
            put_box(out, b"edts", |out| put_elst(out, first, timescale, duration))?;
        }
        put_box(out, b"mdia", |out| {
            put_box(out, b"mdhd", |out| put_mdhd(out, part(mdia, b"mdhd")?, timescale, media_duration))?;
            copy_box(out, b"hdlr", part(mdia, b"hdlr")?);
            put_box(out, b"minf", |out| {
                for (kind, body) in children(minf).filter(|(kind, _)| kind != b"stbl") {
                    copy_box(out, &kind, body);
                }
                put_box(out, b"stbl", |out| {
                    copy_box(out, b"stsd", stsd);
                    put_tables(out, samples)
                })
            })
        })?;
        // The track's title.
        if let Some(udta) = child(trak, b"udta") {
            copy_box(out, b"udta", udta);
        }
        Ok(())
    })
}

fn put_mvhd(out: &mut Vec<u8>, duration: u64, next_track: u32) {
    let _ = put_box(out, b"mvhd", |out| {
        words(out, &[0x0100_0000, 0, 0, 0, 0, VIDEO_TIMESCALE]); // version 1; no creation or modification time
        out.extend_from_slice(&duration.to_be_bytes());
        words(out, &[0x0001_0000, 0x0100_0000, 0, 0]); // rate 1.0, volume 1.0
        words(out, &[0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000]); // unity matrix
        words(out, &[0; 6]);
        words(out, &[next_track]);
        Ok(())
    });
}

/// The track header of the initialisation segment, with 64-bit times and the duration.
fn put_tkhd(out: &mut Vec<u8>, old: &[u8], duration: u64) -> Result<()> {
    let cut = || Error::BadInit("tkhd is cut short");
    let flags = be32(old, 0).ok_or_else(cut)?;
    // Behind the id: a reserved word, the duration, then 60 bytes of layer, volume, matrix and size.
    let (id_at, rest_at) = if flags >> 24 == 1 { (20, 36) } else { (12, 24) };
    let id = be32(old, id_at).ok_or_else(cut)?;
    let rest = old.get(rest_at..).filter(|rest| rest.len() == 60).ok_or_else(cut)?;
    words(out, &[0x0100_0000 | flags & 0x00ff_ffff, 0, 0, 0, 0, id, 0]);
    out.extend_from_slice(&duration.to_be_bytes());
    out.extend_from_slice(rest);
    Ok(())
}

fn put_mdhd(out: &mut Vec<u8>, old: &[u8], timescale: u32, duration: u64) -> Result<()> {
    let language_at = if old.first() == Some(&1) { 32 } else { 20 };
    let language = be32(old, language_at).ok_or(Error::BadInit("mdhd is cut short"))?;
    words(out, &[0x0100_0000, 0, 0, 0, 0, timescale]);
    out.extend_from_slice(&duration.to_be_bytes());
    words(out, &[language]);
    Ok(())
}

/// Shows the track from time 0 although its first sample lies at `first`, before or after.
fn put_elst(out: &mut Vec<u8>, first: i64, timescale: u32, duration: u64) -> Result<()> {
    let late = first.max(0) as u64 * u64::from(VIDEO_TIMESCALE) / u64::from(timescale);
    let mut edits = vec![(duration.saturating_sub(late), (-first).max(0))];
    if late > 0 {
        edits.insert(0, (late, -1)); // nothing, for so long
    }
    put_box(out, b"elst", |out| {
        words(out, &[0x0100_0000, edits.len() as u32]);
        for (length, media_time) in edits {
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&media_time.to_be_bytes());
            words(out, &[0x0001_0000]); // rate 1.0
        }
        Ok(())
    })
}

/// Durations, keyframes, sizes and places; every sample is a chunk of its own, since each has its `moof` before it.
fn put_tables(out: &mut Vec<u8>, samples: &[StoredSample]) -> Result<()> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for sample in samples {
        let dur = u32::try_from(sample.meta.dur).map_err(|_| Error::BadTimes("a sample lasts longer than 13 hours"))?;
        match runs.last_mut() {
            Some((count, of)) if *of == dur => *count += 1,
            _ => runs.push((1, dur)),
        }
    }
    let count = samples.len() as u32;
    put_box(out, b"stts", |out| {
        words(out, &[0, runs.len() as u32]);
        runs.iter().for_each(|&(count, dur)| words(out, &[count, dur]));
        Ok(())
    })?;
    if samples.iter().any(|s| !s.meta.key) {
        let keys: Vec<u32> = (1..).zip(samples).filter(|(_, s)| s.meta.key).map(|(n, _)| n).collect();
        put_box(out, b"stss", |out| {
            words(out, &[0, keys.len() as u32]);
            words(out, &keys);
            Ok(())
        })?;
    }
    put_box(out, b"stsc", |out| {
        words(out, &[0, 1, 1, 1, 1]);
        Ok(())
    })?;
    put_box(out, b"stsz", |out| {
        words(out, &[0, 0, count]);
        samples.iter().for_each(|s| words(out, &[s.len]));
        Ok(())
    })?;
    put_box(out, b"co64", |out| {
        words(out, &[0, count]);
        samples.iter().for_each(|s| out.extend_from_slice(&s.offset.to_be_bytes()));
        Ok(())
    })
}

fn words(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|v| out.extend_from_slice(&v.to_be_bytes()));
}

fn copy_box(out: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    words(out, &[body.len() as u32 + 8]);
    out.extend_from_slice(kind);
    out.extend_from_slice(body);
}

/// Appends a box whose body is written by `body`.
fn put_box(out: &mut Vec<u8>, kind: &[u8; 4], body: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let start = out.len();
    words(out, &[0]);
    out.extend_from_slice(kind);
    body(out)?;
    let size = u32::try_from(out.len() - start).map_err(|_| Error::BadTimes("the index is above 4 GiB"))?;
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
    Ok(())
}
