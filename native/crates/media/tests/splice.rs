//! Recordings that pause: which chunks they have, and at which times.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::VecDeque;

use clipshot_media::{Chunk, RecordingWriter, Splice, Spliced, TimeMark, recover_recording};
use support::{BLOCK, RATE, SECOND, chunk, init, picture, sound, stream};

const SLOT: i64 = SECOND / 10;

struct Recorder {
    splice: Splice,
    out: VecDeque<Spliced>,
}

impl Recorder {
    fn new() -> Self {
        Self { splice: Splice::new(&init(true)), out: VecDeque::new() }
    }

    /// Gives it all of the stream from `from` to `to` slots; sound comes `late` slots after the pictures.
    fn show(&mut self, from: i64, to: i64, late: i64) {
        for meta in stream(0, 100) {
            let slot = if meta.track == 0 { meta.pts / SLOT } else { meta.pts * 10 / RATE + late };
            if (from..to).contains(&slot) {
                let number = if meta.track == 0 { meta.pts / SLOT } else { meta.pts / BLOCK };
                self.splice.push(&chunk(meta, number as usize + 1), &mut self.out).unwrap();
            }
        }
    }

    fn chunks(&self, track: u8) -> Vec<&Chunk> {
        let chunks = self.out.iter().filter_map(|piece| match piece {
            Spliced::Chunk(chunk) => Some(chunk),
            Spliced::Mark(_) => None,
        });
        chunks.filter(|chunk| chunk.meta.track == track).collect()
    }

    /// Which of the stream's chunks of a track they are.
    fn numbers(&self, track: u8) -> Vec<i64> {
        self.chunks(track).iter().map(|chunk| chunk.sample().len() as i64 - 1).collect()
    }

    fn times(&self, track: u8) -> Vec<i64> {
        self.chunks(track).iter().map(|chunk| chunk.meta.pts).collect()
    }

    /// The sound has no gap, and each packet is where the pictures' shift (by session time) puts it, give or take half a
    /// packet.
    fn check_sound(&self, shift_at: impl Fn(i64) -> i64) {
        let sounds = self.chunks(1);
        for (before, after) in sounds.iter().zip(&sounds[1..]) {
            assert_eq!(before.meta.end(), after.meta.pts, "no gap");
        }
        for (chunk, number) in sounds.iter().zip(self.numbers(1)) {
            // One that straddles the beginning of a section may belong to it.
            let right = |pts: i64| number * BLOCK - shift_at(pts * SECOND / RATE) * RATE / SECOND;
            let off = |pts: i64| (chunk.meta.pts - right(pts)).abs();
            let off = off(number * BLOCK).min(off((number + 1) * BLOCK));
            assert!(off <= BLOCK / 2, "packet {number} is {off} samples off");
        }
    }
}

#[test]
fn what_is_not_paused_is_untouched() {
    let mut recorder = Recorder::new();
    recorder.show(0, 35, 0);
    let original = chunk(picture(0, SLOT, true), 1);
    assert_eq!(recorder.times(0), (0..35).map(|n| n * SLOT).collect::<Vec<_>>());
    assert_eq!(recorder.chunks(0)[0].bytes, original.bytes);
    recorder.check_sound(|_| 0);
}

#[test]
fn a_recording_begins_with_a_keyframe_and_its_sound() {
    for late in [-3, 0, 3] {
        let mut recorder = Recorder::new();
        recorder.show(3, 30, late);
        assert_eq!(recorder.times(0)[0], SECOND);
        let first = recorder.times(1)[0];
        assert!(
            (RATE - 2 * BLOCK + 1..=RATE - BLOCK).contains(&first),
            "{late}: {first} overlaps, after one before it"
        );
    }
}

#[test]
fn pauses_leave_no_gap_however_late_the_sound_is() {
    for late in [0, 1, 5] {
        let mut recorder = Recorder::new();
        recorder.show(0, 15, late);
        assert_eq!(recorder.splice.pause(15 * SLOT), Some(15 * SLOT));
        recorder.show(15, 38, late);
        recorder.splice.resume();
        recorder.show(38, 44, late);
        assert_eq!(recorder.splice.pause(43 * SLOT), Some(19 * SLOT), "not before the picture's own end");
        recorder.show(44, 50, late);
        recorder.splice.resume();
        recorder.show(50, 65, late);
        let times = recorder.times(0);
        assert_eq!(times, (0..34).map(|n| n * SLOT).collect::<Vec<_>>(), "sound is {late} late");
        assert_eq!(recorder.numbers(0), (0..15).chain(40..44).chain(50..65).collect::<Vec<_>>());
        recorder.check_sound(|session| match session / SLOT {
            ..15 => 0,
            15..44 => 25 * SLOT,
            _ => 31 * SLOT,
        });
    }
}

#[test]
fn a_hundred_pauses_do_not_add_up() {
    let mut recorder = Recorder::new();
    for n in 0..49 {
        recorder.show(n * 20, n * 20 + 13, 2);
        recorder.splice.pause((n * 20 + 13) * SLOT);
        recorder.show(n * 20 + 13, n * 20 + 20, 2);
        recorder.splice.resume();
    }
    recorder.check_sound(|session| session / (20 * SLOT) * 7 * SLOT);
    assert_eq!(recorder.times(0), (0..49 * 13).map(|n| n * SLOT).collect::<Vec<_>>());
}

#[test]
fn a_picture_that_stood_still_is_followed_by_the_next_section_at_the_pause() {
    let mut recorder = Recorder::new();
    recorder.show(0, 1, 0);
    assert!(recorder.splice.is_open());
    assert_eq!(recorder.splice.pause(9 * SLOT), Some(9 * SLOT));
    assert_eq!(recorder.splice.pause(12 * SLOT), None, "it is paused");
    assert!(!recorder.splice.is_open());
    recorder.show(10, 20, 0);
    assert_eq!(recorder.times(0).len(), 1);
    recorder.splice.resume();
    recorder.splice.resume();
    recorder.show(20, 22, 0);
    assert_eq!(recorder.times(0), [0, 9 * SLOT, 10 * SLOT]);
    let marks: Vec<_> = recorder.out.iter().filter(|piece| matches!(piece, Spliced::Mark(_))).collect();
    assert!(matches!(marks[..], [Spliced::Mark(TimeMark { from: 81_000, shift: 99_000 })]));
}

#[test]
fn a_picture_after_the_pause_is_left_out_though_the_one_before_ends_a_tick_late() {
    let mut recorder = Recorder::new();
    let rounded = [picture(0, 8182, true), picture(8182, 8182, false), picture(16_363, 8182, false)];
    for (at, meta) in rounded.into_iter().enumerate() {
        if at == 2 {
            recorder.splice.pause(16_363);
        }
        recorder.splice.push(&chunk(meta, 1), &mut recorder.out).unwrap();
    }
    assert_eq!(recorder.times(0), [0, 8182]);
}

#[test]
fn sound_of_an_ended_section_is_waited_for() {
    let mut recorder = Recorder::new();
    recorder.show(0, 10, 2);
    recorder.splice.pause(10 * SLOT);
    assert!(!recorder.splice.has_all_sound());
    recorder.show(10, 13, 2);
    assert!(recorder.splice.has_all_sound());
    assert!(recorder.chunks(1).last().unwrap().meta.end() >= RATE);
}

#[test]
fn a_file_with_pauses_is_read_with_its_pauses() {
    let mut recorder = Recorder::new();
    recorder.show(0, 15, 1);
    let end = recorder.splice.pause(18 * SLOT).unwrap();
    recorder.splice.resume();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let mut writer = RecordingWriter::create(&path, &init(true)).unwrap();
    let write = |writer: &mut RecordingWriter, out: &mut VecDeque<Spliced>| {
        out.drain(..).for_each(|piece| match piece {
            Spliced::Chunk(chunk) => writer.append(&chunk).unwrap(),
            Spliced::Mark(mark) => writer.mark(mark).unwrap(),
        });
    };
    write(&mut writer, &mut recorder.out);
    writer.extend_last_picture(end).unwrap();
    writer.extend_last_picture(end - SLOT).unwrap();
    let paused = recover_recording(&path).unwrap();
    assert_eq!(paused.picture_span().unwrap(), 0..end);
    recorder.show(30, 35, 1);
    write(&mut writer, &mut recorder.out);
    let whole = recover_recording(&path).unwrap();
    assert_eq!(whole.picture_span().unwrap(), 0..23 * SLOT);
    assert_eq!(whole.timeline.marks, [TimeMark { from: end, shift: 12 * SLOT }]);
    let first_sound = whole.samples().find(|(_, entry)| entry.meta.track == 1).unwrap().1;
    assert_eq!(first_sound.meta, sound(0));
}
