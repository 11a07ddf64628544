//! The ring: what it keeps, what it gives to a save, what a crash leaves of it.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clipshot_media::{Error, Footage, Meta, Pin, Ring, RingLimits, SegmentWriter, ShortBy, recover};
use support::{SECOND, chunk, init, picture, stream};
use tempfile::TempDir;

const LEN: usize = 100;

fn seconds(seconds: i64) -> RingLimits {
    RingLimits { ticks: seconds * SECOND, bytes: u64::MAX }
}

fn ring(limits: RingLimits) -> (TempDir, Arc<Ring>, SegmentWriter) {
    let folder = tempfile::tempdir().unwrap();
    let (ring, writer) = Ring::create(&folder.path().join("ring"), init(true), limits).unwrap();
    (folder, ring, writer)
}

fn append(writer: &mut SegmentWriter, metas: impl IntoIterator<Item = Meta>) {
    for meta in metas {
        assert_eq!(writer.append(&chunk(meta, LEN)).unwrap(), None);
    }
}

fn segment_files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().filter(|f| f.as_ref().unwrap().path().extension().unwrap() == "m4s").count()
}

fn metas(footage: &Footage) -> Vec<Meta> {
    footage.samples().map(|(_, e)| e.meta).collect()
}

#[test]
fn at_least_the_asked_time_is_kept_and_at_most_one_gop_more() {
    let (_folder, ring, mut writer) = ring(seconds(5));
    for meta in stream(0, 20) {
        append(&mut writer, [meta]);
        let status = ring.status();
        let newest_end = status.newest_pts.map_or(0, |pts| pts + SECOND / 10);
        assert!(status.filled_ticks >= newest_end.min(5 * SECOND), "{status:?}");
        assert!(status.filled_ticks < 6 * SECOND, "{status:?}");
        assert_eq!(status.segments, segment_files(ring.folder()));
        assert_eq!(status.short_by, None);
    }
    let status = ring.status();
    assert_eq!(status.oldest_pts, Some(15 * SECOND));
    assert_eq!(status.keyframes, (15..20).map(|s| s * SECOND).collect::<Vec<_>>());
    assert_eq!(status.evicted, 15);
}

#[test]
fn counted_bytes_are_the_bytes_of_the_files() {
    let (_folder, ring, mut writer) = ring(seconds(3));
    append(&mut writer, stream(0, 8));
    let on_disk: u64 = fs::read_dir(ring.folder())
        .unwrap()
        .map(|f| f.unwrap())
        .filter(|f| f.file_name() != "init.mp4")
        .map(|f| f.metadata().unwrap().len())
        .sum();
    let status = ring.status();
    assert_eq!(status.bytes, on_disk);
    let samples = status.payload_bytes / LEN as u64;
    assert_eq!(samples, recover(ring.folder()).unwrap().samples().count() as u64);
}

#[test]
fn still_screen_keeps_the_asked_time_too() {
    // A picture a second of which each is said to last a slot only.
    let (_folder, ring, mut writer) = ring(seconds(10));
    append(&mut writer, (0..30).map(|s| picture(s * SECOND, 1500, true)));
    let status = ring.status();
    assert_eq!(status.oldest_pts, Some(19 * SECOND), "the end is 29 s and a slot");
    assert!(status.filled_ticks >= 10 * SECOND);
}

#[test]
fn byte_limit_evicts_earlier_and_says_so() {
    let (_folder, ring, mut writer) = ring(seconds(10));
    append(&mut writer, stream(0, 4));
    let limit = ring.status().bytes;
    ring.set_limits(RingLimits { ticks: 10 * SECOND, bytes: limit });
    append(&mut writer, stream(4, 12));
    let status = ring.status();
    assert!(status.bytes <= limit && status.filled_ticks < 5 * SECOND, "{status:?}");
    assert_eq!(status.short_by, Some(ShortBy::Bytes));
    ring.set_limits(seconds(3));
    assert_eq!(ring.status().short_by, None);
}

#[test]
fn byte_limit_below_one_gop_keeps_the_gop_in_hand() {
    let (_folder, ring, mut writer) = ring(RingLimits { ticks: 10 * SECOND, bytes: 1 });
    append(&mut writer, stream(0, 3));
    assert_eq!(ring.status().segments, 1);
}

#[test]
fn resize_works_at_once_and_in_both_directions() {
    let (_folder, ring, mut writer) = ring(seconds(10));
    append(&mut writer, stream(0, 15));
    ring.set_limits(seconds(4));
    assert_eq!(ring.status().oldest_pts, Some(11 * SECOND));
    assert_eq!(segment_files(ring.folder()), 4);
    ring.set_limits(seconds(8));
    append(&mut writer, stream(15, 25));
    assert_eq!(ring.status().oldest_pts, Some(17 * SECOND));
}

#[test]
fn chunks_before_the_first_keyframe_are_dropped() {
    let (_folder, ring, mut writer) = ring(seconds(5));
    append(&mut writer, stream(0, 3).into_iter().skip(1));
    assert_eq!(ring.status().oldest_pts, Some(SECOND));
}

#[test]
fn pin_holds_its_gops_while_the_ring_moves_on() {
    let (folder, ring, mut writer) = ring(seconds(5));
    append(&mut writer, stream(0, 10));
    let pin = ring.pin(7 * SECOND + 100..9 * SECOND, &folder.path().join("pin"), b"what for").unwrap();
    let held = metas(pin.footage());
    append(&mut writer, stream(10, 30));
    // The GOP before, the two of the range, and the one after it.
    let pictures: Vec<_> = held.iter().filter(|m| m.track == 0).map(|m| m.pts).collect();
    assert_eq!((pictures[0], pictures.len()), (6 * SECOND, 40));
    let mut reader = pin.footage().reader();
    for (source, entry) in pin.footage().samples() {
        let mut sample = vec![0; entry.len as usize];
        reader.read(source, &mut sample).unwrap();
        assert_eq!(sample, vec![entry.meta.pts as u8; LEN]);
    }
    assert!(pin.is_durable());
    let path = pin.folder().to_owned();
    pin.release().unwrap();
    assert!(!path.exists());
}

#[test]
fn pin_is_opened_again_after_a_crash() {
    let (folder, ring, mut writer) = ring(seconds(5));
    append(&mut writer, stream(0, 10));
    let path = folder.path().join("pin");
    let held = metas(ring.pin(7 * SECOND..9 * SECOND, &path, b"what for").unwrap().footage());
    append(&mut writer, stream(10, 11));
    drop(writer);
    ring.remove().unwrap();
    let pin = Pin::open(&path).unwrap();
    assert_eq!(pin.request(), b"what for");
    // The last segment was still growing when it was pinned.
    assert_eq!(metas(pin.footage())[..held.len()], held);
}

#[test]
fn pin_without_its_request_was_never_whole() {
    let (folder, ring, mut writer) = ring(seconds(5));
    append(&mut writer, stream(0, 3));
    let path = folder.path().join("pin");
    drop(ring.pin(0..SECOND, &path, b"what for").unwrap());
    fs::remove_file(path.join("request")).unwrap();
    assert!(matches!(Pin::open(&path), Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound));
}

#[test]
fn pin_of_nothing_is_refused() {
    let (folder, ring, mut writer) = ring(seconds(5));
    let path = folder.path().join("pin");
    assert!(matches!(ring.pin(0..SECOND, &path, b""), Err(Error::EmptyRange { .. })));
    append(&mut writer, stream(3, 4));
    assert!(matches!(ring.pin(0..SECOND, &path, b""), Err(Error::EmptyRange { .. })));
    assert!(!path.exists());
}

#[test]
fn many_pins_beside_a_writer_that_evicts_find_every_file() {
    let (folder, ring, mut writer) = ring(seconds(1));
    append(&mut writer, stream(0, 2));
    thread::scope(|scope| {
        let saver = scope.spawn(|| {
            for n in 0..200 {
                let pin = ring.pin(0..i64::MAX, &folder.path().join(format!("pin{n}")), b"").unwrap();
                assert!(pin.is_durable());
                let mut reader = pin.footage().reader();
                for (source, entry) in pin.footage().samples() {
                    reader.read(source, &mut vec![0; entry.len as usize]).unwrap();
                }
                pin.release().unwrap();
            }
        });
        let mut second = 2;
        while !saver.is_finished() {
            append(&mut writer, stream(second, second + 1));
            second += 1;
        }
        saver.join().unwrap();
    });
    assert_eq!(ring.status().segments, segment_files(ring.folder()), "a file was kept for good");
}

#[test]
fn recovery_finds_what_was_appended_and_cuts_what_is_torn() {
    let (_folder, ring, mut writer) = ring(seconds(60));
    let written = stream(0, 6);
    append(&mut writer, written.iter().copied());
    assert_eq!(metas(&recover(ring.folder()).unwrap()), written);

    let mut files: Vec<_> = fs::read_dir(ring.folder()).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let last = files.iter().rfind(|f| f.extension().unwrap() == "m4s").unwrap();
    let whole = fs::read(last).unwrap();
    let torn = chunk(*written.last().unwrap(), LEN).bytes.len();
    for cut in 1..=torn {
        OpenOptions::new().write(true).open(last).unwrap().set_len((whole.len() - cut) as u64).unwrap();
        assert_eq!(metas(&recover(ring.folder()).unwrap()), written[..written.len() - 1], "{cut} bytes short");
        fs::write(last, &whole).unwrap();
    }
}

#[test]
fn recovery_of_a_damaged_folder_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(recover(folder.path()), Err(Error::Io { .. })));
    fs::write(folder.path().join("init.mp4"), b"rubbish").unwrap();
    assert!(matches!(recover(folder.path()), Err(Error::BadInit(_))));
}

#[test]
fn folder_in_use_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    Ring::create(folder.path(), init(true), seconds(5)).unwrap();
    assert!(matches!(Ring::create(folder.path(), init(true), seconds(5)), Err(Error::Io { .. })));
}

#[test]
fn waiting_ends_with_the_picture_or_the_time() {
    let (_folder, ring, mut writer) = ring(seconds(5));
    append(&mut writer, stream(0, 1));
    assert!(ring.wait_for(9 * SECOND / 10, Duration::ZERO));
    assert!(!ring.wait_for(SECOND, Duration::from_millis(5)));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| ring.wait_for(SECOND, Duration::from_secs(60)));
        append(&mut writer, stream(1, 2));
        assert!(waiter.join().unwrap());
    });
}
