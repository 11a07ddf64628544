//! Title and chapters, as FFmpeg's demuxer (and with it ffprobe and mpv) lists them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::ffi::CStr;
use std::path::Path;
use std::ptr;
use std::slice;
use std::sync::atomic::AtomicBool;

use clipshot_ffmpeg::{SaveRequest, finish_recording, save};
use clipshot_media::{Chapter, Labels, StartRule, finish_in_place};
use ffmpeg_sys_next as ffi;
use support::clip::Clip;
use support::session::Session;

fn labels(title: &str, chapters: &[(i64, i64, &str)]) -> Labels {
    let chapter = |&(start, end, title): &(i64, i64, &str)| Chapter { start, end, title: title.into() };
    Labels { title: title.into(), chapters: chapters.iter().map(chapter).collect() }
}

/// Title of a file, and start, end (ms) and title of its chapters.
fn read(path: &Path) -> (String, Vec<(i64, i64, String)>) {
    // SAFETY: all objects are owned here and freed at the end; pointers come from FFmpeg.
    unsafe {
        let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        let mut format = ptr::null_mut();
        assert_eq!(ffi::avformat_open_input(&mut format, name.as_ptr(), ptr::null(), ptr::null_mut()), 0);
        assert!(ffi::avformat_find_stream_info(format, ptr::null_mut()) >= 0);
        let text = |dictionary| {
            let entry = ffi::av_dict_get(dictionary, c"title".as_ptr(), ptr::null(), 0);
            if entry.is_null() { String::new() } else { CStr::from_ptr((*entry).value).to_str().unwrap().to_owned() }
        };
        let count = (*format).nb_chapters as usize;
        let list = if count == 0 { &[][..] } else { slice::from_raw_parts((*format).chapters, count) };
        let chapters = list.iter().map(|&chapter| {
            let c = &*chapter;
            let ms = |time| ffi::av_rescale_q(time, c.time_base, ffi::AVRational { num: 1, den: 1000 });
            (ms(c.start), ms(c.end), text(c.metadata))
        });
        let read = (text((*format).metadata), chapters.collect());
        ffi::avformat_close_input(&mut format);
        read
    }
}

fn expected(chapters: &[(i64, i64, &str)]) -> Vec<(i64, i64, String)> {
    chapters.iter().map(|&(start, end, title)| (start, end, title.to_owned())).collect()
}

fn save_labelled(session: &Session, name: &str, labels: &Labels) -> std::path::PathBuf {
    let (start, end) = (session.ticks(60), session.ticks(180));
    let pin = session.ring.pin(start..end, &session.path(&format!("pin-{name}")), b"").unwrap();
    let target = session.path(name);
    let (mut progress, cancel) = (|_| {}, AtomicBool::new(false));
    let (target, progress, cancel, rule) = (target.as_path(), &mut progress, &cancel, StartRule::Clean);
    save(pin.footage(), SaveRequest { start, end, rule, target, fps: 60, labels, head_preset: None, progress, cancel })
        .unwrap();
    target.to_owned()
}

#[test]
fn a_saved_clip_has_chapters_and_is_otherwise_the_same() {
    let session = Session::moving(200, Some(0));
    let given = labels("Käse, round 3", &[(90_000, 135_000, "first blood"), (180_000, 180_000, "Ende \u{1F3C1}")]);
    let target = save_labelled(&session, "with.mp4", &given);
    let (title, chapters) = read(&target);
    assert_eq!(title, "Käse, round 3");
    // A track of text has no holes: a chapter lasts until the next.
    assert_eq!(chapters, expected(&[(0, 1000, "first blood"), (1000, 2000, "Ende \u{1F3C1}")]));
    let (with, without) =
        (Clip::open(&target, false), Clip::open(&save_labelled(&session, "none.mp4", &labels("", &[])), false));
    assert_eq!(with.pictures, without.pictures);
    assert_eq!(with.counters, without.counters);
    assert_eq!((with.blocks, with.duration_us), (without.blocks, without.duration_us));
    let bytes = std::fs::read(&target).unwrap();
    assert_eq!(&bytes[bytes.len().min(36)..40], b"moov".as_slice(), "the index is at the front");
}

#[test]
fn a_first_chapter_need_not_begin_with_the_file() {
    let session = Session::moving(200, None);
    let given = labels("", &[(135_000, 180_000, "late"), (225_000, 0, "to the end")]);
    let (title, chapters) = read(&save_labelled(&session, "late.mp4", &given));
    assert_eq!(title, "");
    assert_eq!(chapters, expected(&[(0, 500, "Start"), (500, 1500, "late"), (1500, 2000, "to the end")]));
}

#[test]
fn hundreds_of_chapters_with_long_names_fit_into_the_room_for_the_index() {
    let session = Session::moving(200, None);
    let name = "chapter ".repeat(100);
    let many: Vec<_> = (0..400).map(|n| (90_000 + n * 450, 0, name.as_str())).collect();
    let (_, chapters) = read(&save_labelled(&session, "many.mp4", &labels(&name, &many)));
    assert_eq!(chapters.len(), 400);
}

#[test]
fn a_recording_has_chapters_both_ways() {
    let session = Session::moving(200, Some(0));
    let given = labels("evening", &[(0, 0, "one"), (90_000, 0, "two"), (225_000, 0, "three")]);
    let all = expected(&[(0, 1000, "one"), (1000, 2500, "two"), (2500, 3333, "three")]);
    let copy = session.path("copy.mp4");
    let cancel = AtomicBool::new(false);
    finish_recording(&session.recording, &copy, 60, &given, &mut |_| {}, &cancel).unwrap();
    assert_eq!(read(&copy), ("evening".into(), all.clone()));
    finish_in_place(&session.recording, &given).unwrap();
    assert_eq!(read(&session.recording), ("evening".into(), all));
    let (copied, in_place) = (Clip::open(&copy, false), Clip::open(&session.recording, false));
    assert_eq!(copied.counters, in_place.counters);
}
