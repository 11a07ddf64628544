//! What only the X11 backend does: the pointer, monitors, and a server that goes away.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails in a test fails the test")]

#[path = "support/painter.rs"]
mod painter;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clipshot_capture::registry::{OpenOptions, backends, open, sources_of};
use clipshot_capture::{Error, Slot, Source, Waker};
use clipshot_media::monotonic_ns;
use painter::Painter;
use support::Xvfb;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::wrapper::ConnectionExt as _;

const MOTION_NOTIFY: u8 = 6;
const PATIENCE_NS: u64 = 10_000_000_000;

fn settled(server: &Xvfb, id: &str, draw_cursor: bool) -> (Box<dyn Source>, Slot) {
    let options = OpenOptions { display: Some(server.display.clone()), draw_cursor };
    let mut source = open(id, &options).unwrap();
    let mut slot = source.make_slots(1).unwrap().pop().unwrap();
    source.fill(&mut slot).unwrap();
    while changes(source.as_mut(), 150_000_000).unwrap() {
        source.fill(&mut slot).unwrap();
    }
    (source, slot)
}

fn changes(source: &mut dyn Source, patience: u64) -> Result<bool, Error> {
    let waker = Waker::new().unwrap();
    let deadline = monotonic_ns() + patience;
    while source.changed().is_none() && monotonic_ns() < deadline {
        source.wait(deadline, &waker)?;
    }
    Ok(source.changed().is_some())
}

#[test]
fn the_screen_is_listed_as_it_is() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let sources = sources_of("x11", Some(&server.display)).unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!((sources[0].id.as_str(), sources[0].width, sources[0].height), ("x11:screen", 320, 240));
    let infos = backends(Some(&server.display));
    assert!(infos.iter().all(|info| info.unavailable.is_none()));
    let options = OpenOptions { display: Some(server.display.clone()), draw_cursor: true };
    assert!(matches!(open("x11:elsewhere", &options), Err(Error::SourceNotFound { .. })));
}

#[test]
fn a_moved_pointer_changes_the_picture_only_when_it_is_drawn() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let painter = Painter::connect(&server.display);
    for draw_cursor in [true, false] {
        let (mut source, mut slot) = settled(&server, "x11:screen", draw_cursor);
        let before = slot.bytes().to_vec();
        let x = if draw_cursor { 50 } else { 90 };
        painter.connection.xtest_fake_input(MOTION_NOTIFY, 0, 0, painter.root, x, 60, 0).unwrap().check().unwrap();
        let patience = if draw_cursor { PATIENCE_NS } else { 300_000_000 };
        assert_eq!(changes(source.as_mut(), patience).unwrap(), draw_cursor);
        source.fill(&mut slot).unwrap();
        assert_eq!(before != slot.bytes(), draw_cursor);
    }
}

#[test]
fn a_warped_pointer_is_noticed_although_no_event_tells_of_it() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let painter = Painter::connect(&server.display);
    let (mut source, mut slot) = settled(&server, "x11:screen", true);
    let before = slot.bytes().to_vec();
    painter.connection.warp_pointer(x11rb::NONE, painter.root, 0, 0, 0, 0, 70, 80).unwrap();
    painter.connection.sync().unwrap();
    assert!(changes(source.as_mut(), PATIENCE_NS).unwrap());
    source.fill(&mut slot).unwrap();
    assert!(before != slot.bytes());
}

#[test]
fn pictures_show_what_was_painted() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    let (mut source, mut slot) = settled(&server, "x11:screen", false);
    painter.paint(100, 50);
    assert!(changes(source.as_mut(), PATIENCE_NS).unwrap());
    source.fill(&mut slot).unwrap();
    let layout = source.layout();
    let pixel = |x: usize, y: usize| {
        let at = y * layout.stride + x * 4;
        u32::from_le_bytes(slot.bytes()[at..at + 4].try_into().unwrap()) & 0xff_ffff
    };
    assert_eq!(pixel(100, 50), painter.colour());
    assert_eq!(pixel(139, 79), painter.colour());
    assert_eq!(pixel(99, 50), 0);
    assert_eq!(pixel(140, 79), 0);
}

#[test]
fn a_change_is_never_pictured_twice_however_busy_the_screen() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let (mut source, mut slot) = settled(&server, "x11:screen", false);
    let over = Arc::new(AtomicBool::new(false));
    let (stop, display) = (over.clone(), server.display.clone());
    let painting = std::thread::spawn(move || {
        let mut painter = Painter::connect(&display);
        while !stop.load(Ordering::Relaxed) {
            painter.paint(10, 10);
        }
    });
    let mut before = None;
    for _ in 0..3000 {
        assert!(changes(source.as_mut(), PATIENCE_NS).unwrap());
        source.fill(&mut slot).unwrap();
        let at = 20 * source.layout().stride + 20 * 4;
        let shown = slot.bytes()[at..at + 4].to_vec();
        assert!(before.as_ref() != Some(&shown), "the same change again");
        before = Some(shown);
    }
    over.store(true, Ordering::Relaxed);
    painting.join().unwrap();
}

#[test]
fn a_monitor_is_none_of_the_others() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    painter.split_in_two();
    let names: Vec<String> = sources_of("x11", Some(&server.display)).unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(names, ["x11:left", "x11:right", "x11:screen"]);
    for (id, inside, outside) in [("x11:left", 30, 230), ("x11:right", 190, 30)] {
        let (mut source, mut slot) = settled(&server, id, true);
        assert_eq!((source.layout().width, source.layout().height), (160, 240));
        painter.paint(outside, 50);
        assert!(!changes(source.as_mut(), 300_000_000).unwrap(), "{id}: painted on the other one");
        painter.paint(inside, 50);
        assert!(changes(source.as_mut(), PATIENCE_NS).unwrap(), "{id}");
        source.fill(&mut slot).unwrap();
        let at = 50 * source.layout().stride + 30 * 4;
        let pixel = u32::from_le_bytes(slot.bytes()[at..at + 4].try_into().unwrap()) & 0xff_ffff;
        assert_eq!(pixel, painter.colour(), "{id} shows its own part of the screen");
    }
}

#[test]
fn a_server_that_ends_is_a_lost_source() {
    let Some(mut server) = Xvfb::start(320, 240) else { return };
    let (mut source, mut slot) = settled(&server, "x11:screen", true);
    server.kill();
    assert!(matches!(changes(source.as_mut(), PATIENCE_NS), Err(Error::SourceLost { .. })));
    assert!(matches!(source.fill(&mut slot), Err(Error::SourceLost { .. })));
    let options = OpenOptions { display: Some(server.display.clone()), draw_cursor: true };
    assert!(matches!(open("x11:screen", &options), Err(Error::DisplayUnavailable { .. })));
}
