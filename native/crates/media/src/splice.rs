//! What of the stream goes into a recording that can be paused, and at which times.

use std::collections::VecDeque;

use crate::cut::rescale;
use crate::{Chunk, InitSegment, Result, TimeMark, VIDEO_TRACK};

/// A piece of a recording's file.
#[derive(Clone, Debug)]
pub enum Spliced {
    /// A chunk, at its time in the file.
    Chunk(Chunk),
    /// From here on the times are moved.
    Mark(TimeMark),
}

/// Joins the recorded sections of a stream, so that the file has no gap where the recording was paused.
///
/// A section begins with a keyframe and ends where [`Splice::pause`] says; in the file it follows the one before it
/// directly. Sound is joined on the borders of its packets: each track goes on where its last packet ended, with the
/// packet that is nearest to the right one, so that it is off by half a packet at most; the distance is taken anew in
/// each section and never adds up. Sound may come later or sooner than the pictures of its time: it goes where its own
/// time says, and what comes while no section is open is held for a second, in case it belongs to the next one.
#[derive(Debug)]
pub struct Splice {
    sections: Vec<Section>,
    sounds: Vec<Sound>,
    /// The next keyframe begins a section.
    waits_for_keyframe: bool,
    /// End of the newest picture, session time.
    picture_end: i64,
}

/// A stretch of the session without a pause, in session time (90 kHz ticks).
#[derive(Clone, Copy, Debug)]
struct Section {
    from: i64,
    /// None while it lasts.
    until: Option<i64>,
    /// Pictures from here on are left out. Earlier than `until` by a tick where times are rounded.
    pictures_until: i64,
    /// Session time less time in the file.
    shift: i64,
}

/// One sound track; times in its own ticks.
#[derive(Debug)]
struct Sound {
    timescale: u32,
    /// Section that its next packet may belong to.
    section: usize,
    /// Session time less time in the file; none before its first packet in this section.
    shift: Option<i64>,
    /// Where it ends in the file.
    end: Option<i64>,
    /// Packets that no section has yet.
    held: VecDeque<Chunk>,
}

impl Splice {
    /// A recording that begins with the next keyframe.
    pub fn new(init: &InitSegment) -> Self {
        let sound = |timescale| Sound { timescale, section: 0, shift: None, end: None, held: VecDeque::new() };
        Self {
            sections: Vec::new(),
            sounds: init.tracks().iter().skip(1).map(|track| sound(track.timescale)).collect(),
            waits_for_keyframe: true,
            picture_end: 0,
        }
    }

    /// Takes a chunk of the session and adds what is to be written now to `out`.
    ///
    /// # Errors
    /// [`crate::Error::BadBox`] for a chunk that this program did not write.
    pub fn push(&mut self, chunk: &Chunk, out: &mut VecDeque<Spliced>) -> Result<()> {
        if chunk.meta.track != VIDEO_TRACK {
            return self.push_sound(chunk, out);
        }
        let begins = self.waits_for_keyframe && chunk.meta.key;
        if begins {
            self.begin_section(chunk.meta.pts, out);
        }
        let Some(section) = self.sections.last() else { return Ok(()) };
        if chunk.meta.pts >= section.pictures_until {
            return Ok(());
        }
        self.picture_end = chunk.meta.end();
        out.push_back(Spliced::Chunk(moved(chunk, section.shift)?));
        if begins {
            let held: Vec<Chunk> = self.sounds.iter_mut().flat_map(|sound| sound.held.drain(..)).collect();
            held.iter().try_for_each(|chunk| self.push_sound(chunk, out))?;
        }
        Ok(())
    }

    /// Ends the section at `at` (session time), or with the newest picture where that lasts longer. Returns its end in
    /// the file; none when no section is open.
    pub fn pause(&mut self, at: i64) -> Option<i64> {
        self.waits_for_keyframe = false;
        let end = at.max(self.picture_end);
        let section = self.sections.last_mut().filter(|section| section.until.is_none())?;
        section.until = Some(end);
        section.pictures_until = at;
        Some(end - section.shift)
    }

    /// Goes on with the next keyframe.
    pub fn resume(&mut self) {
        self.waits_for_keyframe = self.sections.last().is_none_or(|section| section.until.is_some());
    }

    /// Whether a section is open: the pictures of the stream are being recorded.
    pub fn is_open(&self) -> bool {
        self.sections.last().is_some_and(|section| section.until.is_none())
    }

    /// Whether all sound of the sections that have ended is there. A track of which nothing has come is not waited for.
    pub fn has_all_sound(&self) -> bool {
        self.sounds.iter().all(|sound| sound.end.is_none() || sound.section >= self.sections.len())
    }

    fn begin_section(&mut self, from: i64, out: &mut VecDeque<Spliced>) {
        self.waits_for_keyframe = false;
        let mut shift = 0;
        if let Some(&Section { until: Some(until), shift: before, .. }) = self.sections.last() {
            let joint = until - before;
            shift = from - joint;
            out.push_back(Spliced::Mark(TimeMark { from: joint, shift }));
        }
        self.sections.push(Section { from, until: None, pictures_until: i64::MAX, shift });
    }

    fn push_sound(&mut self, chunk: &Chunk, out: &mut VecDeque<Spliced>) -> Result<()> {
        let Some(sound) = self.sounds.get_mut(usize::from(chunk.meta.track) - 1) else { return Ok(()) };
        let (pts, dur, timescale) = (chunk.meta.pts, chunk.meta.dur, sound.timescale);
        loop {
            let Some(section) = self.sections.get(sound.section) else {
                sound.hold(chunk);
                return Ok(());
            };
            if section.until.is_some_and(|until| pts >= rescale(until, timescale)) {
                sound.section += 1;
                sound.shift = None;
                continue;
            }
            let shift = match sound.shift {
                Some(shift) => shift,
                None => {
                    let right = pts - rescale(section.shift, timescale);
                    let place = match sound.end {
                        // The first of all: it and the one before it, which a decoder needs to begin.
                        None if pts + 2 * dur <= rescale(section.from, timescale) => return Ok(()),
                        None => right,
                        Some(end) if right < end - dur / 2 => return Ok(()),
                        Some(end) if right <= end + dur => end,
                        Some(_) => right,
                    };
                    *sound.shift.insert(pts - place)
                }
            };
            sound.end = Some(pts + dur - shift);
            out.push_back(Spliced::Chunk(moved(chunk, shift)?));
            return Ok(());
        }
    }
}

impl Sound {
    fn hold(&mut self, chunk: &Chunk) {
        let oldest = chunk.meta.pts - i64::from(self.timescale);
        while self.held.front().is_some_and(|held| held.meta.pts < oldest) {
            self.held.pop_front();
        }
        self.held.push_back(chunk.clone());
    }
}

/// Shares the bytes where nothing is to be changed.
fn moved(chunk: &Chunk, by: i64) -> Result<Chunk> {
    if by == 0 { Ok(chunk.clone()) } else { chunk.earlier(by) }
}
