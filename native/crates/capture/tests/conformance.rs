//! Every backend passes the suite.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails in a test fails the test")]

#[path = "support/painter.rs"]
mod painter;
mod support;

use clipshot_capture::conformance::{Fixture, run};
use clipshot_capture::registry::{OpenOptions, open};
use clipshot_capture::{Layout, PushSource, PushedPicture, Source, TestFormat, TestSource};
use clipshot_media::monotonic_ns;
use painter::Painter;
use support::Xvfb;

/// Slow enough that nothing changes by itself for a while after each change.
const TEST_RATE: f64 = 2.5;

struct TestFixture {
    /// All sources of the fixture change in step with this one's clock.
    opened: std::cell::Cell<u64>,
}

impl Fixture for TestFixture {
    fn open(&self) -> Box<dyn Source> {
        let source = TestSource::new(TestFormat { width: 160, height: 120, rate: TEST_RATE });
        self.opened.set(source.painted_at(0));
        Box::new(source)
    }

    fn change(&mut self) {
        let interval = (1e9 / TEST_RATE) as u64;
        let since = monotonic_ns() - self.opened.get();
        let next = self.opened.get() + (since / interval + 1) * interval;
        std::thread::sleep(std::time::Duration::from_nanos(next + 1_000_000 - monotonic_ns()));
    }
}

#[test]
fn test_source() {
    run(&mut TestFixture { opened: std::cell::Cell::new(0) });
}

struct PushFixture {
    source: PushSource,
    picture: Vec<u8>,
}

impl Fixture for PushFixture {
    fn open(&self) -> Box<dyn Source> {
        open(&self.source.id(), &OpenOptions { display: None, draw_cursor: false }).unwrap()
    }

    fn change(&mut self) {
        self.picture[5] = self.picture[5].wrapping_add(1);
        let layout = Layout::packed(160, 120);
        assert!(self.source.push(PushedPicture { bgra: &self.picture, layout, taken_at: monotonic_ns() }));
    }
}

#[test]
fn push_source() {
    run(&mut PushFixture { source: PushSource::new(160, 120, 60.0, ""), picture: vec![0; 160 * 120 * 4] });
}

struct X11Fixture {
    server: Xvfb,
    painter: Painter,
    source_id: String,
    draw_cursor: bool,
    at: (i16, i16),
    /// Painted instead of the screen.
    window: Option<u32>,
}

impl Fixture for X11Fixture {
    fn open(&self) -> Box<dyn Source> {
        let options = OpenOptions { display: Some(self.server.display.clone()), draw_cursor: self.draw_cursor };
        open(&self.source_id, &options).unwrap()
    }

    fn change(&mut self) {
        match self.window {
            Some(window) => self.painter.paint_window(window, self.at.0, self.at.1),
            None => self.painter.paint(self.at.0, self.at.1),
        }
    }
}

fn x11(source_id: &'static str, draw_cursor: bool, at: (i16, i16)) -> Option<X11Fixture> {
    let server = Xvfb::start(320, 240)?;
    let painter = Painter::connect(&server.display);
    Some(X11Fixture { server, painter, source_id: source_id.into(), draw_cursor, at, window: None })
}

#[test]
fn x11_whole_screen() {
    if let Some(mut fixture) = x11("x11:screen", false, (10, 10)) {
        run(&mut fixture);
    }
}

#[test]
fn x11_with_the_pointer_drawn() {
    if let Some(mut fixture) = x11("x11:screen", true, (10, 10)) {
        run(&mut fixture);
    }
}

#[test]
fn x11_one_of_two_monitors() {
    let Some(mut fixture) = x11("x11:right", false, (200, 10)) else { return };
    fixture.painter.split_in_two();
    run(&mut fixture);
}

#[test]
fn x11_a_region_of_both_monitors() {
    let Some(mut fixture) = x11("x11:region:100,50,120x90", true, (150, 60)) else { return };
    fixture.painter.split_in_two();
    run(&mut fixture);
}

#[test]
fn x11_a_covered_window() {
    let Some(mut fixture) = x11("", false, (20, 10)) else { return };
    let window = fixture.painter.open_window(10, 10, 100, 80, 0x10_2030);
    fixture.source_id = format!("x11:window:{window:#x}");
    fixture.window = Some(window);
    fixture.painter.open_window(0, 0, 200, 200, 0);
    run(&mut fixture);
}
