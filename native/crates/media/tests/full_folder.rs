//! A ring whose folder has no room: the oldest GOPs go first, then the writer goes on in memory.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use clipshot_media::{
    Error, Footage, Meta, PlaceChange, RecordingWriter, Ring, RingLimits, SegmentWriter, ShortBy, recover, scan,
};
use support::small_fs::small_fs;
use support::{SECOND, chunk, init, picture};

/// Bytes of a picture; ten of them are a GOP of about 200 kB.
const LEN: usize = 20_000;

fn ring(folder: &Path) -> (Arc<Ring>, SegmentWriter) {
    let limits = RingLimits { ticks: 8 * SECOND, bytes: u64::MAX };
    Ring::create(&folder.join("ring"), init(false), limits).unwrap()
}

fn second(n: i64) -> impl Iterator<Item = Meta> {
    (n * 10..n * 10 + 10).map(|i| picture(i * SECOND / 10, SECOND / 10, i % 10 == 0))
}

/// Appends whole seconds; the changes of place with the second in which they came.
fn append(writer: &mut SegmentWriter, seconds: impl IntoIterator<Item = i64>) -> Vec<(i64, PlaceChange)> {
    let mut changes = Vec::new();
    for n in seconds {
        for meta in second(n) {
            changes.extend(writer.append(&chunk(meta, LEN)).unwrap().map(|c| (n, c)));
        }
    }
    changes
}

/// Every sample can be read and is the right one; the pictures have no hole and end with second `end`.
fn assert_whole(footage: &Footage, end: i64) {
    let mut reader = footage.reader();
    let mut sample = vec![0; LEN];
    let mut last = None;
    for (source, entry) in footage.samples() {
        reader.read(source, &mut sample).unwrap();
        assert!(sample.iter().all(|&b| b == entry.meta.pts as u8));
        assert!(last.is_none_or(|pts| entry.meta.pts == pts + SECOND / 10), "hole before {}", entry.meta.pts);
        last = Some(entry.meta.pts);
    }
    assert_eq!(last, Some(end * SECOND - SECOND / 10));
}

#[test]
fn oldest_gops_make_room() {
    let Some(folder) = small_fs("oldest_gops_make_room", 1000) else { return };
    let (ring, mut writer) = ring(&folder);
    assert_eq!(append(&mut writer, 0..20), []);
    let status = ring.status();
    assert_eq!((status.memory_segments, status.short_by), (0, Some(ShortBy::Space)));
    assert!((3..=4).contains(&status.segments), "{status:?}");
    assert_whole(&recover(ring.folder()).unwrap(), 20);
}

#[test]
fn writing_goes_on_in_memory_and_comes_back() {
    let Some(folder) = small_fs("writing_goes_on_in_memory_and_comes_back", 4000) else { return };
    let (ring, mut writer) = ring(&folder);
    // Somebody else fills the file system but for one and a half GOPs.
    let filler = folder.join("filler");
    fs::write(&filler, vec![0; 3700 << 10]).unwrap();
    let changes = append(&mut writer, 0..12);
    assert!(matches!(changes[..], [(1, PlaceChange::ToMemory { .. })]), "{changes:?}");
    let status = ring.status();
    assert_eq!((status.oldest_pts, status.memory_segments), (Some(4 * SECOND), 8));

    let pin = ring.pin(0..12 * SECOND, &folder.join("pin"), b"request").unwrap();
    assert!(!pin.is_durable());
    assert_whole(pin.footage(), 12);

    fs::remove_file(&filler).unwrap();
    let changes = append(&mut writer, 12..15);
    assert_eq!(changes, [(12, PlaceChange::ToFolder)]);
    let mixed = ring.pin(0..15 * SECOND, &folder.join("mixed"), b"").unwrap();
    assert_whole(mixed.footage(), 15);
    assert_eq!(append(&mut writer, 15..30), []);
    assert_eq!(ring.status().memory_segments, 0);
    assert_whole(&recover(ring.folder()).unwrap(), 30);
}

#[test]
fn full_from_the_start_begins_in_memory() {
    let Some(folder) = small_fs("full_from_the_start_begins_in_memory", 3000) else { return };
    let filler = folder.join("filler");
    fs::create_dir(folder.join("ring")).unwrap();
    let error = fs::write(&filler, vec![0; 4000 << 10]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let (ring, mut writer) = ring(&folder);
    assert_eq!(append(&mut writer, 0..3), []);
    assert_eq!(ring.status().memory_segments, 3);
    fs::remove_file(&filler).unwrap();
    assert_eq!(append(&mut writer, 3..14), [(3, PlaceChange::ToFolder)]);
    // The initialisation segment had no room before.
    assert_whole(&recover(ring.folder()).unwrap(), 14);
}

#[test]
fn nothing_is_evicted_where_a_pin_holds_the_room() {
    let Some(folder) = small_fs("nothing_is_evicted_where_a_pin_holds_the_room", 1000) else { return };
    let (ring, mut writer) = ring(&folder);
    append(&mut writer, 0..4);
    let pin = ring.pin(0..4 * SECOND, &folder.join("pin"), b"").unwrap();
    let changes = append(&mut writer, 4..6);
    assert!(matches!(changes[..], [(4, PlaceChange::ToMemory { .. })]), "{changes:?}");
    assert_eq!(ring.status().oldest_pts, Some(0));
    assert_whole(pin.footage(), 4);
}

#[test]
fn folder_that_vanishes_is_left_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let (ring, mut writer) = ring(folder.path());
    append(&mut writer, 0..2);
    fs::remove_dir_all(ring.folder()).unwrap();
    let changes = append(&mut writer, 2..30);
    assert!(matches!(changes[..], [(2, PlaceChange::ToMemory { .. })]), "{changes:?}");
    assert_eq!(ring.status().memory_segments, 8);
    let pin = ring.pin(25 * SECOND..30 * SECOND, &folder.path().join("pin"), b"").unwrap();
    assert_whole(pin.footage(), 30);
}

#[test]
fn folder_with_another_error_than_no_room_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (ring, mut writer) = ring(folder.path());
    append(&mut writer, 0..2);
    fs::write(ring.folder().join("000000000003.m4s"), b"not ours").unwrap();
    let changes = append(&mut writer, 2..6);
    assert!(matches!(changes[..], [(2, PlaceChange::ToMemory { .. })]), "{changes:?}");
}

#[test]
fn recording_on_a_full_disk_ends_whole() {
    let Some(folder) = small_fs("recording_on_a_full_disk_ends_whole", 1000) else { return };
    let path = folder.join("recording.mp4");
    let mut recording = RecordingWriter::create(&path, &init(false)).unwrap();
    let mut written = 0;
    let error = (0..10).flat_map(second).find_map(|meta| match recording.append(&chunk(meta, LEN)) {
        Ok(()) => {
            written += 1;
            None
        }
        Err(e) => Some(e),
    });
    assert!(matches!(error, Some(Error::NoSpace { .. })), "{error:?}");
    let bytes = fs::read(&path).unwrap();
    let found = scan(&bytes[..]).unwrap();
    assert_eq!((found.entries.len(), found.whole), (written, bytes.len() as u64));
    assert_eq!(recording.size_bytes(), found.whole);
}
