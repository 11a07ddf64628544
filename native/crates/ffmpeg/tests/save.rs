//! Saved clips, read back: which pictures they show, at which times, and what they never contain.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use clipshot_ffmpeg::{Error, SaveRequest, SaveResult, finish_recording, save};
use clipshot_media::{Avcc, Footage, Labels, Pin, StartRule, finish_in_place};
use support::clip::Clip;
use support::session::{Session, config};
use support::small_fs::small_fs;

const STEP: i64 = 1500; // a slot at 60 fps

fn pin(session: &Session, name: &str, start: i64, end: i64) -> Pin {
    session.ring.pin(start..end, &session.path(name), b"request").unwrap()
}

fn save_to(footage: &Footage, target: &Path, start: i64, end: i64, rule: StartRule) -> Result<SaveResult, Error> {
    let (mut progress, cancel, labels) = (|_| {}, AtomicBool::new(false), Labels::default());
    let (progress, cancel, labels) = (&mut progress, &cancel, &labels);
    save(footage, SaveRequest { start, end, rule, target, fps: 60, labels, head_preset: None, progress, cancel })
}

/// Saves slots `from..to` and reads the file back.
fn saved(session: &Session, from: i64, to: i64, rule: StartRule) -> (SaveResult, Clip) {
    let name = format!("{from}-{to}-{rule:?}");
    let (start, end) = (session.ticks(from), session.ticks(to));
    let pin = pin(session, &format!("pin-{name}"), start, end);
    let target = session.path(&format!("{name}.mp4"));
    let result = save_to(pin.footage(), &target, start, end, rule).unwrap();
    pin.release().unwrap();
    assert_eq!(result.size_bytes, fs::metadata(&target).unwrap().len());
    assert!(!session.path(&format!("{name}.mp4.part")).exists());
    let clip = Clip::open(&target, false);
    // A player without edit lists sees the same pictures.
    assert_eq!(Clip::open(&target, true).counters, clip.counters);
    (result, clip)
}

/// Ticks in FFmpeg's unit of durations, rounded as FFmpeg does.
fn microseconds(ticks: i64) -> i64 {
    (ticks * 200 + 9) / 18
}

/// Pictures from `first` to `last`, one a slot, from time 0.
fn assert_shows(clip: &Clip, first: i64, last: i64) {
    let expected: Vec<_> = (first..=last).map(|n| ((n - first) * STEP, Some(n as u16))).collect();
    assert_eq!(clip.counters, expected);
    assert!(clip.pictures.iter().all(|p| p.pts == p.dts && p.dur == STEP && !p.discard), "{:?}", clip.pictures);
    assert_eq!(clip.duration_us, microseconds((last - first + 1) * STEP));
    assert_eq!(&clip.codec_tag.to_le_bytes(), b"avc1");
}

#[test]
fn keyframe_save_starts_at_the_keyframe_before() {
    let session = Session::moving(300, None);
    for (from, to) in [(60, 300), (61, 299), (119, 240), (150, 151)] {
        let (result, clip) = saved(&session, from, to, StartRule::Keyframe);
        let key = from / 60 * 60;
        assert_shows(&clip, key, to - 1);
        assert_eq!((result.first_pts, result.end_pts), (session.ticks(key), session.ticks(to)));
        assert_eq!((result.frames, result.head_frames), ((to - key) as u64, 0));
        assert_eq!(Avcc::parse(&clip.extradata).unwrap().sequence_set_count(), 1);
    }
}

#[test]
fn clean_save_starts_at_the_asked_picture() {
    let session = Session::moving(300, None);
    for (from, to) in [(61, 300), (62, 240), (90, 299), (118, 200), (119, 200), (150, 170), (179, 180), (0, 60)] {
        let (result, clip) = saved(&session, from, to, StartRule::Clean);
        assert_shows(&clip, from, to - 1);
        assert_eq!((result.first_pts, result.end_pts), (session.ticks(from), session.ticks(to)));
        assert_eq!(result.rule_used, StartRule::Clean);
        assert_eq!(result.fallback_reason, None);
        let next_key = (from + 59) / 60 * 60;
        assert_eq!(result.head_frames, (next_key.min(to) - from) as u64, "{from}..{to}");
    }
}

#[test]
fn clean_save_at_a_keyframe_re_encodes_nothing() {
    let session = Session::moving(200, None);
    let (result, clip) = saved(&session, 120, 180, StartRule::Clean);
    assert_shows(&clip, 120, 179);
    assert_eq!(result.head_frames, 0);
    assert_eq!(Avcc::parse(&clip.extradata).unwrap().sequence_set_count(), 1);
}

#[test]
fn joined_parameter_sets_survive_seeks_in_both_directions() {
    let session = Session::moving(300, None);
    let (_, clip) = saved(&session, 90, 300, StartRule::Clean);
    assert_eq!(Avcc::parse(&clip.extradata).unwrap().sequence_set_count(), 2);
    let path = session.path("90-300-Clean.mp4");
    // Decoding begins in the copied part, then in the head.
    for (seek, first) in [(100 * STEP, 180), (0, 90), (200 * STEP, 240)] {
        let from_there = Clip::open_at(&path, seek);
        let counters: Vec<_> = from_there.counters.iter().map(|(_, c)| c.unwrap()).collect();
        assert_eq!(counters, (first..300).collect::<Vec<u16>>());
    }
    // No parameter sets in band: each unit of each sample is SEI or a slice.
    let (start, end) = (session.ticks(90), session.ticks(300));
    let pin = pin(&session, "pin-units", start, end);
    let mut reader = pin.footage().reader();
    for (source, entry) in pin.footage().samples() {
        let mut sample = vec![0; entry.len as usize];
        reader.read(source, &mut sample).unwrap();
        assert!(!unit_kinds(&sample).iter().any(|k| (7..=9).contains(k)));
    }
    assert!(!all_unit_kinds_of_file(&path).iter().any(|k| (7..=9).contains(k)));
}

fn unit_kinds(mut sample: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let Some((len, rest)) = sample.split_first_chunk::<4>() {
        kinds.push(rest[0] & 0x1f);
        sample = &rest[u32::from_be_bytes(*len) as usize..];
    }
    kinds
}

/// Unit types in the mdat of a file with one track, which is one run of samples.
fn all_unit_kinds_of_file(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let mut at = 0;
    loop {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if &bytes[at + 4..at + 8] == b"mdat" {
            return unit_kinds(&bytes[at + 8..at + size]);
        }
        at += size;
    }
}

#[test]
fn a_start_between_two_pictures_shows_the_earlier_one_from_time_0() {
    let session = Session::moving(130, None);
    let (start, end) = (session.ticks(70) + 500, session.ticks(130));
    let pin = pin(&session, "pin", start, end);
    let target = session.path("between.mp4");
    let result = save_to(pin.footage(), &target, start, end, StartRule::Clean).unwrap();
    let clip = Clip::open(&target, false);
    assert_eq!(clip.counters[..3], [(0, Some(70)), (1000, Some(71)), (2500, Some(72))]);
    assert_eq!((result.first_pts, clip.pictures[0].dur), (start, 1000));
}

#[test]
fn still_screen_lasts_as_long_as_it_was_seen() {
    // One picture a second, then movement, then still again.
    let mut session = Session::new(&config(60), None);
    for second in 0..4 {
        session.show(second * 60, second as u16);
    }
    for slot in 190..220 {
        session.show(slot, slot as u16);
    }
    session.finish();
    for rule in [StartRule::Clean, StartRule::Keyframe] {
        let (start, end) = (session.ticks(90), session.ticks(400));
        let pin = pin(&session, &format!("pin-{rule:?}"), start, end);
        let target = session.path(&format!("{rule:?}.mp4"));
        let result = save_to(pin.footage(), &target, start, end, rule).unwrap();
        let clip = Clip::open(&target, false);
        assert_eq!(clip.first_counter(), 1);
        assert_eq!(clip.last_counter(), 219);
        assert_eq!(result.head_frames, 0, "the picture on the screen at 1.5 s is the keyframe of 1.0 s");
        let first = if rule == StartRule::Clean { start } else { session.ticks(60) };
        assert_eq!(result.first_pts, first);
        assert_eq!(clip.counters[1], (session.ticks(120) - first, Some(2)));
        let last = clip.pictures.last().unwrap();
        assert_eq!(last.pts + last.dur, end - first);
        assert_eq!(clip.duration_us, microseconds(end - first));
    }
}

#[test]
fn sound_keeps_its_place_and_has_one_packet_of_pre_roll() {
    let session = Session::moving(300, Some(0));
    for (from, rule) in [(90, StartRule::Clean), (90, StartRule::Keyframe), (120, StartRule::Clean)] {
        let (result, clip) = saved(&session, from, 270, rule);
        let start = result.first_pts * 48 / 90;
        assert!(clip.pictures.iter().all(|p| !p.discard));
        // The straddling packet, and the one before it; both begin before 0.
        let early: Vec<_> = clip.sounds.iter().filter(|s| s.pts < 0).map(|s| s.pts).collect();
        let expected_first = (start.div_euclid(1024) - 1) * 1024 - start;
        if start % 1024 == 0 {
            assert_eq!(early, [-1024]);
        } else {
            assert_eq!(early, [expected_first, expected_first + 1024]);
        }
        // What is heard begins at 0 and ends with the pictures.
        let heard: usize = clip.blocks.iter().map(|b| b.1).sum();
        assert_eq!(clip.blocks[0].0, 0);
        let end = (result.end_pts - result.first_pts) * 48 / 90;
        let last = clip.sounds.last().unwrap();
        assert_eq!(last.pts + last.dur, end);
        assert!((heard as i64 - end).abs() < 1024, "{heard} samples of {end}");
    }
}

#[test]
fn sound_that_starts_late_is_not_moved() {
    let session = Session::moving(180, Some(70));
    let (result, clip) = saved(&session, 30, 180, StartRule::Clean);
    // The encoder's own priming block comes first, 1024 samples before the first sample.
    let first_sound = 70 * 800 - 1024;
    assert_eq!(clip.sounds[0].pts, first_sound - result.first_pts * 48 / 90);
    assert_eq!(clip.first_counter(), 30);
}

#[test]
fn consecutive_clips_share_the_packet_at_the_joint() {
    let session = Session::moving(300, Some(0));
    let (_, a) = saved(&session, 60, 150, StartRule::Clean);
    let (b_result, b) = saved(&session, 150, 240, StartRule::Clean);
    assert_eq!((a.last_counter(), b.first_counter()), (149, 150));
    let joint = b_result.first_pts * 48 / 90;
    let a_last = a.sounds.last().unwrap().pts + 60 * 800;
    assert!(a_last < joint && joint < a_last + 1024);
    assert!(b.sounds.iter().any(|s| s.pts + joint == a_last), "the packet is in both");
}

#[test]
fn recording_is_finished_as_a_plain_file() {
    let session = Session::moving(200, Some(0));
    let target = session.path("finished.mp4");
    let cancel = AtomicBool::new(false);
    let result = finish_recording(&session.recording, &target, 60, &Labels::default(), &mut |_| {}, &cancel).unwrap();
    assert_shows(&Clip::open(&target, false), 0, 199);
    assert_eq!((result.frames, result.size_bytes), (200, fs::metadata(&target).unwrap().len()));
    assert!(session.recording.exists());
    let bytes = fs::read(&target).unwrap();
    assert!(!bytes.windows(4).any(|w| w == b"moof" || w == b"mvex"), "fragmented");
    let (moov, mdat) = (bytes.windows(4).position(|w| w == b"moov"), bytes.windows(4).position(|w| w == b"mdat"));
    assert!(moov < mdat, "the index is not at the front");
}

#[test]
fn recording_in_progress_plays() {
    let session = Session::moving(200, Some(0));
    let clip = Clip::open(&session.recording, false);
    assert_eq!(clip.counters.len(), 200);
    assert_eq!((clip.first_counter(), clip.last_counter()), (0, 199));
}

#[test]
fn ffprobe_sees_no_discarded_picture() {
    let Ok(probe) = Command::new("ffprobe").arg("-version").output() else {
        eprintln!("skipped: no ffprobe here");
        return;
    };
    assert!(probe.status.success());
    let session = Session::moving(200, Some(0));
    for rule in [StartRule::Clean, StartRule::Keyframe] {
        let (result, _) = saved(&session, 70, 190, rule);
        let path = session.path(&format!("70-190-{rule:?}.mp4"));
        let args = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts,flags", "-of", "csv=p=0"];
        let out = Command::new("ffprobe").args(args).arg(&path).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stderr), "");
        let text = String::from_utf8(out.stdout).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len() as u64, result.frames);
        assert!(lines.iter().all(|l| !l.contains('D')), "{text}");
        assert!(lines[0].starts_with("0,K"), "{}", lines[0]);
    }
}

#[test]
fn pin_of_a_crashed_process_can_be_finished() {
    let session = Session::moving(200, Some(0));
    let (start, end) = (session.ticks(70), session.ticks(180));
    let folder = {
        let pin = pin(&session, "pin", start, end);
        assert!(pin.is_durable());
        pin.folder().to_owned()
    };
    session.ring.remove().unwrap();
    let pin = Pin::open(&folder).unwrap();
    assert_eq!(pin.request(), b"request");
    let target = session.path("later.mp4");
    save_to(pin.footage(), &target, start, end, StartRule::Clean).unwrap();
    assert_shows(&Clip::open(&target, false), 70, 179);
    pin.release().unwrap();
    assert!(!folder.exists());
}

#[test]
fn existing_target_is_left_alone() {
    let session = Session::moving(90, None);
    let target = session.path("taken.mp4");
    fs::write(&target, b"mine").unwrap();
    let pin = pin(&session, "pin", 0, session.ticks(90));
    let result = save_to(pin.footage(), &target, 0, session.ticks(90), StartRule::Clean);
    assert!(matches!(result, Err(Error::TargetExists { .. })), "{result:?}");
    assert_eq!(fs::read(&target).unwrap(), b"mine");
}

#[test]
fn target_that_appears_meanwhile_is_left_alone() {
    let session = Session::moving(90, None);
    let target = session.path("taken.mp4");
    let pin = pin(&session, "pin", 0, session.ticks(90));
    let cancel = AtomicBool::new(false);
    let mut appear = |_| fs::write(&target, b"mine").unwrap();
    let request = SaveRequest {
        start: 0,
        end: session.ticks(90),
        rule: StartRule::Keyframe,
        target: &target,
        fps: 60,
        labels: &Labels::default(),
        head_preset: None,
        progress: &mut appear,
        cancel: &cancel,
    };
    assert!(matches!(save(pin.footage(), request), Err(Error::TargetExists { .. })));
    assert_eq!(fs::read(&target).unwrap(), b"mine");
    assert!(!session.path("taken.mp4.part").exists());
}

#[test]
fn cancelled_save_leaves_nothing() {
    let session = Session::moving(200, None);
    let pin = pin(&session, "pin", session.ticks(70), session.ticks(200));
    for at in [0.1, 0.6] {
        let target = session.path("cancelled.mp4");
        let cancel = AtomicBool::new(false);
        let mut last = 0.0;
        let mut progress = |part| {
            last = part;
            if part >= at {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        let request = SaveRequest {
            start: session.ticks(70),
            end: session.ticks(200),
            rule: StartRule::Clean,
            target: &target,
            fps: 60,
            labels: &Labels::default(),
            head_preset: None,
            progress: &mut progress,
            cancel: &cancel,
        };
        assert!(matches!(save(pin.footage(), request), Err(Error::Cancelled)));
        assert!(last < at + 0.2, "went on after the flag");
        assert!(!target.exists() && !session.path("cancelled.mp4.part").exists());
    }
}

#[test]
fn head_that_cannot_be_decoded_falls_back_to_the_keyframe() {
    let session = Session::moving(200, None);
    let (start, end) = (session.ticks(90), session.ticks(200));
    let pin = pin(&session, "pin", start, end);
    // Destroy the keyframe from which the head would be decoded.
    let footage = pin.footage();
    let key = footage.samples().find(|(_, e)| e.meta.pts == session.ticks(60)).unwrap();
    let clipshot_media::Place::Folder(path) = &footage.segments[key.0.segment].place else { panic!() };
    let mut bytes = fs::read(path).unwrap();
    let at = key.1.offset as usize;
    bytes[at + 4..at + key.1.len as usize].fill(0xff);
    fs::write(path, bytes).unwrap();
    let target = session.path("fallback.mp4");
    let result = save_to(footage, &target, start, end, StartRule::Clean).unwrap();
    assert_eq!(result.rule_used, StartRule::Keyframe);
    assert!(result.fallback_reason.is_some());
    assert_eq!(result.first_pts, session.ticks(60));
    assert_eq!((result.frames, result.head_frames), (140, 0));
    assert!(target.exists());
}

#[test]
fn empty_range_is_refused() {
    let session = Session::moving(90, None);
    let pin = pin(&session, "pin", 0, session.ticks(90));
    let result = save_to(pin.footage(), &session.path("x.mp4"), 500, 500, StartRule::Clean);
    assert!(matches!(result, Err(Error::Media(clipshot_media::Error::EmptyRange { .. }))));
}

#[test]
fn full_disk_is_a_typed_error_and_leaves_nothing() {
    let Some(small) = small_fs("full_disk_is_a_typed_error_and_leaves_nothing", 100) else { return };
    let session = Session::moving(200, Some(0));
    let (start, end) = (session.ticks(70), session.ticks(200));
    let pin = pin(&session, "pin", start, end);
    let target = small.join("clip.mp4");
    for rule in [StartRule::Clean, StartRule::Keyframe] {
        match save_to(pin.footage(), &target, start, end, rule) {
            Err(Error::NoSpace { path }) => assert_eq!(path, target),
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read_dir(&small).unwrap().count(), 0);
    }
}

/// What a file that was finished without a copy must be: the same as one that was written anew.
fn assert_finished_in_place(session: &Session, pictures: i64) {
    let copy = session.path("copy.mp4");
    let cancel = AtomicBool::new(false);
    let written = finish_recording(&session.recording, &copy, 60, &Labels::default(), &mut |_| {}, &cancel).unwrap();
    let finished = finish_in_place(&session.recording, &Labels::default()).unwrap();
    assert_eq!((finished.first_pts, finished.end_pts), (written.first_pts, written.end_pts));
    assert_eq!((finished.frames, written.frames), (pictures as u64, pictures as u64));
    assert_eq!(finished.size_bytes, fs::metadata(&session.recording).unwrap().len());
    for ignore_edits in [false, true] {
        let (a, b) = (Clip::open(&session.recording, ignore_edits), Clip::open(&copy, ignore_edits));
        assert_eq!(a.counters, b.counters);
        assert_eq!(a.pictures, b.pictures);
        assert_eq!(a.blocks, b.blocks);
        assert_eq!(a.duration_us, b.duration_us);
    }
    let (a, b) = (Clip::open_at(&session.recording, 100 * STEP), Clip::open_at(&copy, 100 * STEP));
    assert_eq!(a.counters, b.counters);
    // It can be done once.
    assert!(matches!(finish_in_place(&session.recording, &Labels::default()), Err(clipshot_media::Error::BadInit(_))));
}

#[test]
fn recording_is_finished_in_place() {
    for sound in [None, Some(0), Some(70)] {
        assert_finished_in_place(&Session::moving(200, sound), 200);
    }
}

#[test]
fn torn_recording_is_finished_in_place() {
    // A last chunk that lacks a byte, and a tail that is longer than the index.
    for (change, pictures) in [(-1, 199), (1 << 20, 200)] {
        let session = Session::moving(200, None);
        let file = fs::OpenOptions::new().write(true).open(&session.recording).unwrap();
        let len = file.metadata().unwrap().len() as i64;
        file.set_len((len + change) as u64).unwrap();
        assert_finished_in_place(&session, pictures);
    }
}

#[test]
fn crash_between_index_and_header_leaves_a_recording() {
    let session = Session::moving(150, Some(0));
    let before = fs::read(&session.recording).unwrap();
    finish_in_place(&session.recording, &Labels::default()).unwrap();
    // As if the 16 bytes had not been written.
    let mut crashed = fs::read(&session.recording).unwrap();
    crashed[..64].copy_from_slice(&before[..64]);
    fs::write(&session.recording, crashed).unwrap();
    assert_eq!(Clip::open(&session.recording, false).counters.len(), 150);
    assert_finished_in_place(&session, 150);
}
