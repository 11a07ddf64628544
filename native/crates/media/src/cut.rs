//! Which samples a saved clip consists of, and at which times.

use crate::{Entry, Error, Footage, Meta, Result, SampleRef, VIDEO_TIMESCALE, VIDEO_TRACK};

/// Where a clip begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartRule {
    /// At the keyframe at or before the asked start: nothing is re-encoded, the clip is up to a GOP longer.
    Keyframe,
    /// At the picture that was on the screen at the asked start; from there to the next keyframe the clip is
    /// re-encoded.
    Clean,
}

/// One sample of the clip that is copied as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopiedSample {
    /// Where its bytes are.
    pub source: SampleRef,
    /// Bytes of the sample.
    pub len: u32,
    /// Track and times in the clip, in the track's timescale. Sound may begin before 0: the pre-roll.
    pub meta: Meta,
}

/// One picture of the head, which is decoded to be encoded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadSample {
    /// Where its bytes are.
    pub source: SampleRef,
    /// Bytes of the sample.
    pub len: u32,
    /// Its times in the session, which tell the decoded pictures apart.
    pub meta: Meta,
    /// Its PTS and duration in the clip; none for a picture that is only needed to decode the others.
    pub shown: Option<(i64, i64)>,
}

/// A clip to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Session time (90 kHz ticks) that is time 0 of the clip.
    pub origin: i64,
    /// Session time at which the clip ends.
    pub end: i64,
    /// Pictures from a keyframe on of which the shown ones are to be re-encoded; empty if none are.
    pub head: Vec<HeadSample>,
    /// Everything else, in the order in which it is to be written.
    pub copied: Vec<CopiedSample>,
}

impl Cut {
    /// Chooses the samples of the clip from `start` to `end` (90 kHz ticks of the session).
    ///
    /// A start before the first keyframe is moved there. With [`StartRule::Clean`] the clip's time 0 is the asked
    /// start itself: the picture that was on the screen then (the last one not later than the start) comes first,
    /// with its time moved up to 0. With [`StartRule::Keyframe`] time 0 is the time of the keyframe.
    /// Each picture lasts until the next one, the last until `end`, whatever the encoder said.
    /// Sound: every packet that overlaps the clip, and the one before as pre-roll; the last is cut to the end.
    /// Pictures must be in order of presentation, that is, encoded without B-frames.
    ///
    /// # Errors
    /// [`Error::NoKeyframe`] when no keyframe begins before `end`, [`Error::EmptyRange`] when `end` is not after
    /// the start, [`Error::BadTimes`] when a picture would last longer than a file can say (13 hours).
    pub fn plan(footage: &Footage, start: i64, end: i64, rule: StartRule) -> Result<Self> {
        let (mut pictures, sounds): (Vec<_>, Vec<_>) =
            footage.samples().partition(|(_, e)| e.meta.track == VIDEO_TRACK);
        for (_, picture) in &mut pictures {
            // They are equal in what this program writes; decoding times are sure to rise in damaged files too.
            picture.meta.pts = picture.meta.dts;
        }
        let first_key = pictures.iter().find(|(_, e)| e.meta.key).ok_or(Error::NoKeyframe)?.1.meta.pts;
        let start = start.max(first_key);
        if start >= end {
            return Err(Error::EmptyRange { start, end });
        }
        let shown_at_start = pictures.iter().rposition(|(_, e)| e.meta.pts <= start).ok_or(Error::NoKeyframe)?;
        let key = pictures[..=shown_at_start].iter().rposition(|(_, e)| e.meta.key).ok_or(Error::NoKeyframe)?;
        let origin = match rule {
            StartRule::Keyframe => pictures[key].1.meta.pts,
            StartRule::Clean => start,
        };
        let until_end = pictures.partition_point(|(_, e)| e.meta.pts < end);
        let pictures = &pictures[key..until_end];
        let head_len = match rule {
            StartRule::Clean if shown_at_start > key => {
                1 + pictures[1..].iter().take_while(|(_, e)| !e.meta.key).count()
            }
            _ => 0,
        };

        let mut cut = Self { origin, end, head: Vec::new(), copied: Vec::new() };
        for (i, (source, entry)) in pictures.iter().enumerate() {
            let next = pictures.get(i + 1).map_or(end, |(_, e)| e.meta.pts);
            let pts = entry.meta.pts.max(origin) - origin;
            let dur = next - origin - pts;
            if dur > i64::from(u32::MAX) {
                return Err(Error::BadTimes("a picture lasts longer than 13 hours"));
            }
            if i < head_len {
                let shown = (i + key >= shown_at_start).then_some((pts, dur));
                cut.head.push(HeadSample { source: *source, len: entry.len, meta: entry.meta, shown });
            } else {
                let meta = Meta { pts, dts: pts, dur, ..entry.meta };
                cut.copied.push(CopiedSample { source: *source, len: entry.len, meta });
            }
        }
        for (index, track) in footage.init.tracks().iter().enumerate().skip(1) {
            let of_track: Vec<_> = sounds.iter().filter(|(_, e)| usize::from(e.meta.track) == index).collect();
            cut.copied.extend(sound_of(&of_track, rescale(origin, track.timescale), rescale(end, track.timescale)));
        }
        cut.copied.sort_by_cached_key(|c| footage.init.order_of(&c.meta));
        Ok(cut)
    }

    /// Number of pictures in the clip.
    pub fn picture_count(&self) -> usize {
        let copied = self.copied.iter().filter(|c| c.meta.track == VIDEO_TRACK).count();
        copied + self.head.iter().filter(|h| h.shown.is_some()).count()
    }
}

/// The packets of one sound track that overlap `start..end` (its own ticks) and the one directly before them.
fn sound_of(samples: &[&(SampleRef, Entry)], start: i64, end: i64) -> Vec<CopiedSample> {
    let first = samples.partition_point(|(_, e)| e.meta.end() <= start);
    let pre_roll = match (first.checked_sub(1).map(|i| samples[i]), samples.get(first)) {
        // Only a packet that really is the one before helps the decoder.
        (Some((_, before)), Some((_, next))) => before.meta.end() == next.meta.pts && next.meta.pts < end,
        _ => false,
    };
    let from = if pre_roll { first - 1 } else { first };
    samples[from..]
        .iter()
        .take_while(|(_, e)| e.meta.pts < end)
        .map(|(source, e)| {
            let dur = e.meta.dur.min(end - e.meta.pts);
            let meta = Meta { pts: e.meta.pts - start, dts: e.meta.dts - start, dur, ..e.meta };
            CopiedSample { source: *source, len: e.len, meta }
        })
        .collect()
}

/// Session ticks in another timescale, rounded down.
pub(crate) fn rescale(ticks: i64, timescale: u32) -> i64 {
    let scaled = (i128::from(ticks) * i128::from(timescale)).div_euclid(i128::from(VIDEO_TIMESCALE));
    scaled.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}
