//! Which samples a clip consists of, and at which times.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use clipshot_media::{Cut, Entry, Error, Footage, Meta, Place, Segment, StartRule, Timeline};
use support::{BLOCK, SECOND, init, picture, sound, stream};

/// Footage of which only the index is needed.
fn footage(metas: impl IntoIterator<Item = Meta>) -> Footage {
    let entries = metas.into_iter().map(|meta| Entry { meta, offset: 0, len: 1 }).collect();
    let segment = Segment { place: Place::Folder("unused".into()), len: 0, entries: Arc::new(entries) };
    Footage { init: init(true), segments: vec![segment], timeline: Timeline::default() }
}

fn pictures(cut: &Cut) -> Vec<(i64, i64)> {
    let head = cut.head.iter().filter_map(|h| h.shown);
    head.chain(cut.copied.iter().filter(|c| c.meta.track == 0).map(|c| (c.meta.pts, c.meta.dur))).collect()
}

fn sounds(cut: &Cut) -> Vec<(i64, i64)> {
    cut.copied.iter().filter(|c| c.meta.track == 1).map(|c| (c.meta.pts, c.meta.dur)).collect()
}

const TENTH: i64 = SECOND / 10;

#[test]
fn head_reaches_from_the_keyframe_to_the_next() {
    let cut = Cut::plan(&footage(stream(0, 5)), SECOND + 3 * TENTH, 4 * SECOND, StartRule::Clean).unwrap();
    assert_eq!(cut.origin, SECOND + 3 * TENTH);
    assert_eq!(cut.head.len(), 10);
    assert_eq!(cut.head.iter().filter(|h| h.shown.is_some()).count(), 7);
    assert_eq!(cut.picture_count(), 27);
    assert_eq!(pictures(&cut), (0..27).map(|n| (n * TENTH, TENTH)).collect::<Vec<_>>());
}

#[test]
fn keyframe_rule_and_keyframe_start_have_no_head() {
    let all = footage(stream(0, 5));
    let at_key = Cut::plan(&all, 2 * SECOND, 4 * SECOND, StartRule::Clean).unwrap();
    let earlier = Cut::plan(&all, 2 * SECOND + TENTH, 4 * SECOND, StartRule::Keyframe).unwrap();
    assert_eq!(at_key, earlier);
    assert!(at_key.head.is_empty());
    assert_eq!(at_key.origin, 2 * SECOND);
}

#[test]
fn range_is_clamped_to_what_there_is_at_its_start_only() {
    let cut = Cut::plan(&footage(stream(3, 5)), i64::MIN, 6 * SECOND, StartRule::Clean).unwrap();
    assert_eq!((cut.origin, cut.end), (3 * SECOND, 6 * SECOND));
    // The last picture stays until the end.
    assert_eq!(pictures(&cut).last(), Some(&(2 * SECOND - TENTH, SECOND + TENTH)));
}

#[test]
fn one_picture_alone_lasts_the_whole_clip() {
    let all = footage([picture(0, 1500, true)]);
    let cut = Cut::plan(&all, 2 * SECOND, 5 * SECOND, StartRule::Clean).unwrap();
    assert_eq!((cut.origin, pictures(&cut)), (2 * SECOND, vec![(0, 3 * SECOND)]));
    assert!(cut.head.is_empty(), "a keyframe needs no decoding to be moved");
}

#[test]
fn sound_overlaps_both_ends_and_has_one_packet_before() {
    let all = footage(stream(0, 5));
    let (start, end) = (SECOND + 3 * TENTH, 3 * SECOND + 7 * TENTH);
    let cut = Cut::plan(&all, start, end, StartRule::Clean).unwrap();
    let (start, end) = (start * 48 / 90, end * 48 / 90);
    let sounds = sounds(&cut);
    let straddling = start / BLOCK * BLOCK - start;
    assert_eq!(sounds[..2], [(straddling - BLOCK, BLOCK), (straddling, BLOCK)]);
    let (pts, dur) = *sounds.last().unwrap();
    assert_eq!(pts + dur, end - start);
    assert!(dur < BLOCK);
}

#[test]
fn packet_before_a_gap_is_no_pre_roll() {
    let mut metas = vec![picture(0, TENTH, true), sound(0)];
    metas.extend([picture(SECOND, TENTH, true), sound(48_000 + BLOCK)]);
    let cut = Cut::plan(&footage(metas), SECOND, 2 * SECOND, StartRule::Clean).unwrap();
    assert_eq!(sounds(&cut), [(BLOCK, BLOCK)]);
}

#[test]
fn samples_are_in_order_of_decoding_time() {
    let mut metas = stream(0, 4);
    // Sound arrives up to a second late.
    metas.sort_by_key(|m| if m.track == 0 { m.dts } else { m.dts * 15 / 8 + 80_000 });
    let cut = Cut::plan(&footage(metas), 0, 3 * SECOND, StartRule::Clean).unwrap();
    let times: Vec<_> = cut.copied.iter().map(|c| c.meta.dts * if c.meta.track == 0 { 8 } else { 15 }).collect();
    assert!(times.is_sorted());
    assert_eq!(sounds(&cut).len() as i64, (3 * 48_000 + BLOCK - 1) / BLOCK);
}

#[test]
fn impossible_ranges_are_typed_errors() {
    let all = footage(stream(0, 2));
    let plan = |start, end| Cut::plan(&all, start, end, StartRule::Clean);
    assert!(matches!(plan(100, 100), Err(Error::EmptyRange { .. })));
    assert!(matches!(plan(100, 50), Err(Error::EmptyRange { .. })));
    assert!(matches!(plan(i64::MIN, 0), Err(Error::EmptyRange { .. })));
    assert!(matches!(plan(0, i64::MAX), Err(Error::BadTimes(_))));
    let no_key = footage([picture(0, TENTH, false)]);
    assert!(matches!(Cut::plan(&no_key, 0, 1, StartRule::Clean), Err(Error::NoKeyframe)));
}
