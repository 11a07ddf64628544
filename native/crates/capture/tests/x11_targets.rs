//! Windows, regions and monitors that move, change their size and go.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails in a test fails the test")]

#[path = "support/painter.rs"]
mod painter;
mod support;

use clipshot_capture::registry::{OpenOptions, SourceKind, open, sources_of};
use clipshot_capture::{Error, Slot, Source, Waker};
use clipshot_media::monotonic_ns;
use painter::Painter;
use support::Xvfb;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::wrapper::ConnectionExt as _;

const PATIENCE_NS: u64 = 10_000_000_000;

/// A source with a slot of its present size.
struct Opened {
    source: Box<dyn Source>,
    slot: Slot,
}

impl Opened {
    fn new(server: &Xvfb, id: &str) -> Self {
        let options = OpenOptions { display: Some(server.display.clone()), draw_cursor: false };
        let mut source = open(id, &options).unwrap();
        let slot = source.make_slots(1).unwrap().pop().unwrap();
        let mut opened = Self { source, slot };
        opened.settle();
        opened
    }

    /// Takes pictures until nothing changes any more.
    fn settle(&mut self) {
        self.fill();
        while self.changes(150_000_000).unwrap() {
            self.fill();
        }
    }

    fn fill(&mut self) {
        while let Err(error) = self.source.fill(&mut self.slot) {
            assert!(matches!(error, Error::Resized), "{error}");
            self.slot = self.source.make_slots(1).unwrap().pop().unwrap();
        }
    }

    fn changes(&mut self, patience: u64) -> Result<bool, Error> {
        let waker = Waker::new().unwrap();
        let deadline = monotonic_ns() + patience;
        while self.source.changed().is_none() && monotonic_ns() < deadline {
            self.source.wait(deadline, &waker)?;
        }
        Ok(self.source.changed().is_some())
    }

    /// Takes pictures until one has this size.
    fn until_size(&mut self, width: u32, height: u32) {
        let deadline = monotonic_ns() + PATIENCE_NS;
        while (self.source.layout().width, self.source.layout().height) != (width, height) {
            assert!(monotonic_ns() < deadline, "{:?}", self.source.layout());
            self.changes(PATIENCE_NS).unwrap();
            self.fill();
        }
        self.settle();
    }

    /// Waits until the source says that it is gone.
    fn until_lost(&mut self) -> String {
        let deadline = monotonic_ns() + PATIENCE_NS;
        while monotonic_ns() < deadline {
            match self.changes(PATIENCE_NS).and_then(|_| self.source.fill(&mut self.slot)) {
                Err(Error::SourceLost { reason }) => return reason,
                Err(Error::Resized) => self.fill(),
                Err(error) => panic!("{error}"),
                Ok(()) => {}
            }
        }
        panic!("the source is still there");
    }

    fn pixel(&self, x: usize, y: usize) -> u32 {
        let at = y * self.source.layout().stride + x * 4;
        u32::from_le_bytes(self.slot.bytes()[at..at + 4].try_into().unwrap()) & 0xff_ffff
    }
}

const RED: u32 = 0xcc_1122;
const BLUE: u32 = 0x11_22cc;

#[test]
fn windows_say_what_they_are() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let painter = Painter::connect(&server.display);
    let window = painter.open_window(30, 40, 100, 80, RED);
    painter.open_window(0, 0, 8, 8, RED);
    let hidden = painter.open_window(0, 0, 50, 50, RED);
    painter.connection.unmap_window(hidden).unwrap().check().unwrap();
    let sources = sources_of("x11", Some(&server.display)).unwrap();
    let windows: Vec<_> = sources.iter().filter(|source| source.kind == SourceKind::Window).collect();
    assert_eq!(windows.len(), 1, "{windows:?}");
    let found = windows[0];
    assert_eq!(found.id, format!("x11:window:{window:#x}"));
    assert_eq!((found.title.as_str(), found.application.as_str(), found.pid), ("Spiel \u{2014} 1", "Game", 4711));
    assert_eq!((found.x, found.y, found.width, found.height), (30, 40, 100, 80));
    let options = OpenOptions { display: Some(server.display.clone()), draw_cursor: false };
    for wrong in ["x11:window:0x123", "x11:window:zz", "x11:window:", "x11:region:1,2", "x11:region:400,0,9x9"] {
        assert!(matches!(open(wrong, &options), Err(Error::SourceNotFound { .. })), "{wrong}");
    }
}

#[test]
fn a_covered_window_shows_itself_alone() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    let window = painter.open_window(30, 40, 100, 80, RED);
    let mut opened = Opened::new(&server, &format!("x11:window:{window:#x}"));
    painter.open_window(0, 0, 200, 200, BLUE);
    painter.paint_window(window, 10, 10);
    assert!(opened.changes(PATIENCE_NS).unwrap());
    opened.settle();
    assert_eq!((opened.pixel(0, 0), opened.pixel(99, 79)), (RED, RED));
    assert_eq!(opened.pixel(20, 20), painter.colour());
    painter.paint(150, 150);
    assert!(!opened.changes(200_000_000).unwrap(), "what happens elsewhere is no change");
}

#[test]
fn a_window_is_followed_when_it_moves_and_resizes() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    let window = painter.open_window(30, 40, 100, 80, RED);
    let mut opened = Opened::new(&server, &format!("x11:window:{window:#x}"));
    painter.configure(window, 250, 200, 100, 80);
    painter.paint_window(window, 0, 0);
    assert!(opened.changes(PATIENCE_NS).unwrap());
    opened.settle();
    assert_eq!(opened.pixel(5, 5), painter.colour(), "also beyond the edge of the screen");
    assert_eq!(opened.pixel(95, 75), RED);
    for (width, height) in [(150, 60), (40, 200), (100, 80)] {
        painter.configure(window, 10, 10, width, height);
        opened.until_size(width, height);
        assert_eq!(opened.pixel(width as usize - 1, height as usize - 1), RED);
    }
}

#[test]
fn a_hidden_window_keeps_its_last_picture_until_it_is_shown_again() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    let window = painter.open_window(30, 40, 100, 80, RED);
    let mut opened = Opened::new(&server, &format!("x11:window:{window:#x}"));
    painter.paint_window(window, 0, 0);
    opened.changes(PATIENCE_NS).unwrap();
    opened.settle();
    let shown = opened.pixel(5, 5);
    painter.connection.unmap_window(window).unwrap().check().unwrap();
    opened.settle();
    assert_eq!((opened.pixel(5, 5), opened.pixel(95, 75)), (shown, RED));
    painter.connection.map_window(window).unwrap().check().unwrap();
    painter.paint_window(window, 50, 40);
    assert!(opened.changes(PATIENCE_NS).unwrap());
    opened.settle();
    assert_eq!(opened.pixel(60, 50), painter.colour());
    assert_eq!(opened.pixel(95, 75), RED);
}

#[test]
fn a_closed_window_is_lost() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let painter = Painter::connect(&server.display);
    let window = painter.open_window(30, 40, 100, 80, RED);
    let mut opened = Opened::new(&server, &format!("x11:window:{window:#x}"));
    painter.connection.destroy_window(window).unwrap().check().unwrap();
    assert_eq!(opened.until_lost(), "the window was closed");
}

#[test]
fn a_region_spans_monitors_and_is_clipped_to_the_screen() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    painter.split_in_two();
    let mut opened = Opened::new(&server, "x11:region:140,200,400x400");
    assert_eq!((opened.source.layout().width, opened.source.layout().height), (180, 40));
    painter.paint(150, 210);
    assert!(opened.changes(PATIENCE_NS).unwrap());
    opened.settle();
    assert_eq!((opened.pixel(10, 10), opened.pixel(49, 39)), (painter.colour(), painter.colour()));
    assert_ne!(opened.pixel(9, 10), painter.colour());
    painter.paint(10, 10);
    assert!(!opened.changes(200_000_000).unwrap());
}

#[test]
fn a_monitor_that_changes_is_followed_and_one_that_goes_is_lost() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    painter.split_in_two();
    let mut opened = Opened::new(&server, "x11:right");
    painter.delete_monitor("right");
    assert!(!opened.changes(100_000_000).unwrap(), "it may come back");
    painter.set_monitor("right", 100, 20, 200, 100, vec![]);
    opened.until_size(200, 100);
    painter.paint(100, 20);
    assert!(opened.changes(PATIENCE_NS).unwrap());
    opened.settle();
    assert_eq!(opened.pixel(0, 0), painter.colour());
    painter.delete_monitor("right");
    assert_eq!(opened.until_lost(), "the monitor right is gone");
}

#[test]
fn a_screen_that_changes_its_size_is_followed() {
    let Some(server) = Xvfb::start(320, 240) else { return };
    let mut painter = Painter::connect(&server.display);
    let mut whole = Opened::new(&server, "x11:screen");
    let mut region = Opened::new(&server, "x11:region:150,100,100x100");
    let mut outside = Opened::new(&server, "x11:region:250,100,50x50");
    painter.resize_screen(200, 160);
    // The picture is asked for before the event was read.
    whole.fill();
    whole.until_size(200, 160);
    region.until_size(50, 60);
    assert_eq!(outside.until_lost(), "nothing of the region lies on the screen any more");
    painter.paint(160, 110);
    assert!(whole.changes(PATIENCE_NS).unwrap() && region.changes(PATIENCE_NS).unwrap());
    whole.settle();
    region.settle();
    assert_eq!((whole.pixel(160, 110), region.pixel(10, 10)), (painter.colour(), painter.colour()));
    painter.resize_screen(320, 240);
    whole.until_size(320, 240);
    region.until_size(100, 100);
    painter.connection.sync().unwrap();
}
