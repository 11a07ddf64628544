//! What every backend has to do, as a suite over a [`Fixture`] of that backend.
//!
//! Call [`run`] from a test. A check that fails panics with what was expected.
#![allow(clippy::expect_used, reason = "a failing check is a failing test")]

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clipshot_media::{Grid, monotonic_ns};

use crate::{CaptureLoop, Control, Counters, FrameQueue, Image, Slot, Source, Waker};

/// Longer than any change takes to be noticed on a machine that works.
const PATIENCE_NS: u64 = 10_000_000_000;
/// How long a check waits to see that nothing happens. The fixture must leave this much time after a change.
const STILLNESS_NS: u64 = 100_000_000;

/// A backend under test: something on the screen that changes only when told.
pub trait Fixture {
    /// Opens the source under test.
    fn open(&self) -> Box<dyn Source>;

    /// Changes the picture, once, and returns when the change is on the screen. Nothing may change by itself for at
    /// least 0.2 s after that.
    fn change(&mut self);
}

/// Runs all checks.
pub fn run(fixture: &mut dyn Fixture) {
    a_new_source_has_a_picture(fixture);
    a_change_wakes_and_shows(fixture);
    one_change_is_one_picture(fixture);
    a_picture_taken_before_the_news_is_not_doubled(fixture);
    changes_before_a_picture_count_as_the_first(fixture);
    stillness_lasts_until_the_deadline(fixture);
    a_ring_ends_the_wait(fixture);
    slots_keep_their_pictures(fixture);
    the_loop_takes_each_change_once(fixture);
}

fn open_with_slots(fixture: &dyn Fixture, count: usize) -> (Box<dyn Source>, Vec<Slot>) {
    let mut source = fixture.open();
    let slots = source.make_slots(count).expect("slots can be made");
    (source, slots)
}

/// Waits until the source says that it changed; false when it did not within `patience`.
fn changes_within(source: &mut dyn Source, patience: u64) -> bool {
    let waker = Waker::new().expect("an eventfd");
    let deadline = monotonic_ns() + patience;
    while source.changed().is_none() && monotonic_ns() < deadline {
        source.wait(deadline, &waker).expect("the source lives");
    }
    source.changed().is_some()
}

/// Fills the slot until the source has settled after being opened.
fn settle(fixture: &mut dyn Fixture, source: &mut dyn Source, slot: &mut Slot) {
    fixture.change();
    source.fill(slot).expect("a picture");
    while changes_within(source, STILLNESS_NS / 2) {
        source.fill(slot).expect("a picture");
    }
}

fn a_new_source_has_a_picture(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 3);
    let layout = source.layout();
    assert!(layout.width > 0 && layout.height > 0 && layout.stride >= layout.width as usize * 4);
    assert_eq!(slots.len(), 3);
    let mut indexes: Vec<usize> = slots.iter().map(Slot::index).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, [0, 1, 2], "slots are numbered");
    assert!(slots.iter().all(|slot| slot.bytes().len() >= layout.len()), "slots hold a whole picture");
    assert!(source.changed().is_some(), "a new source has a picture to take");
    source.fill(&mut slots[0]).expect("the first picture");
}

fn a_change_wakes_and_shows(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 2);
    settle(fixture, source.as_mut(), &mut slots[0]);
    let before = monotonic_ns();
    fixture.change();
    assert!(changes_within(source.as_mut(), PATIENCE_NS), "a change is noticed");
    let changed = source.changed().expect("checked above");
    // The display's clock counts milliseconds.
    assert!(changed + 2_000_000 >= before && changed <= monotonic_ns(), "the change has its time");
    source.fill(&mut slots[1]).expect("a picture");
    assert!(slots[0].bytes() != slots[1].bytes(), "the picture shows the change");
}

fn one_change_is_one_picture(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 1);
    settle(fixture, source.as_mut(), &mut slots[0]);
    for _ in 0..5 {
        fixture.change();
        assert!(changes_within(source.as_mut(), PATIENCE_NS), "a change is noticed");
        source.fill(&mut slots[0]).expect("a picture");
        assert!(!changes_within(source.as_mut(), STILLNESS_NS), "what a picture shows is not reported again");
    }
}

fn a_picture_taken_before_the_news_is_not_doubled(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 1);
    settle(fixture, source.as_mut(), &mut slots[0]);
    for _ in 0..5 {
        fixture.change();
        source.fill(&mut slots[0]).expect("a picture");
        assert!(!changes_within(source.as_mut(), STILLNESS_NS), "a change that is pictured already is no news");
    }
}

fn changes_before_a_picture_count_as_the_first(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 1);
    settle(fixture, source.as_mut(), &mut slots[0]);
    fixture.change();
    assert!(changes_within(source.as_mut(), PATIENCE_NS), "a change is noticed");
    let first = source.changed();
    fixture.change();
    assert!(changes_within(source.as_mut(), 0), "the change is still there");
    assert_eq!(source.changed(), first, "the oldest change counts");
    source.fill(&mut slots[0]).expect("a picture");
    assert!(!changes_within(source.as_mut(), STILLNESS_NS), "one picture shows both");
}

fn stillness_lasts_until_the_deadline(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 1);
    settle(fixture, source.as_mut(), &mut slots[0]);
    let deadline = monotonic_ns() + STILLNESS_NS / 2;
    assert!(!changes_within(source.as_mut(), STILLNESS_NS / 2), "nothing changed");
    assert!(monotonic_ns() >= deadline, "the wait lasted");
    let before = slots[0].bytes().to_vec();
    source.fill(&mut slots[0]).expect("a still picture can be taken too");
    assert!(before == slots[0].bytes(), "a still picture is the same picture");
}

fn a_ring_ends_the_wait(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 1);
    settle(fixture, source.as_mut(), &mut slots[0]);
    let waker = Waker::new().expect("an eventfd");
    waker.wake();
    let deadline = monotonic_ns() + 10 * PATIENCE_NS;
    source.wait(deadline, &waker).expect("the source lives");
    assert!(monotonic_ns() < deadline, "a ring ends the wait");
}

fn slots_keep_their_pictures(fixture: &mut dyn Fixture) {
    let (mut source, mut slots) = open_with_slots(fixture, 3);
    settle(fixture, source.as_mut(), &mut slots[0]);
    let first = slots[0].bytes().to_vec();
    for slot in &mut slots[1..] {
        fixture.change();
        source.fill(slot).expect("a picture");
    }
    assert!(slots[0].bytes() == first, "a filled slot is left alone");
    assert!(slots[1].bytes() != slots[2].bytes(), "each slot has its own picture");
}

fn the_loop_takes_each_change_once(fixture: &mut dyn Fixture) {
    const CHANGES: usize = 5;
    let (source, slots) = open_with_slots(fixture, 4);
    let frames = Arc::new(FrameQueue::new(slots));
    let control = Arc::new(Control::new().expect("an eventfd"));
    let counters = Arc::new(Counters::new());
    let capture = CaptureLoop {
        source,
        grid: Grid::new(monotonic_ns(), 60),
        frames: frames.clone(),
        control: control.clone(),
        counters: counters.clone(),
    };
    let read = frames.clone();
    let reader = std::thread::spawn(move || {
        let mut taken = vec![];
        while let Some(frame) = read.pop() {
            let Image::Cpu(image) = frame.image;
            taken.push((frame.slot, image.slot.bytes().to_vec()));
            read.recycle(image.slot);
        }
        taken
    });
    let thread = std::thread::spawn(move || capture.run());
    while counters.captured.load(Ordering::Relaxed) == 0 {
        std::thread::yield_now();
    }
    for _ in 0..CHANGES {
        fixture.change();
        // Several slots of the grid, so that changes do not fall into one picture.
        std::thread::sleep(Duration::from_nanos(STILLNESS_NS));
    }
    control.stop();
    thread.join().expect("no panic").expect("the source lives");
    frames.close();
    let mut taken = reader.join().expect("no panic");
    assert_eq!(taken[0].0, 0, "the first picture has slot 0");
    assert!(taken.windows(2).all(|pair| pair[0].0 < pair[1].0), "slots rise");
    assert_eq!(taken.len() as u64, counters.captured.load(Ordering::Relaxed), "no picture was dropped");
    taken.dedup_by(|a, b| a.1 == b.1);
    assert!(taken.len() > CHANGES, "each change has its picture: {} of {CHANGES}", taken.len() - 1);
    assert_eq!(counters.queue.load(Ordering::Relaxed), 0);
}
