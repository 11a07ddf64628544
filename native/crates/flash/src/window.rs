//! The window that flashes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use clipshot_media::monotonic_ns;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, Rectangle, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::Error;

const SECOND_NS: u64 = 1_000_000_000;
const WHITE_NS: u64 = SECOND_NS / 10;
/// A sleep is never longer, so that a stop is seen soon.
const LONGEST_SLEEP_NS: u64 = 50_000_000;

/// A black window over the whole screen.
pub struct Window {
    connection: RustConnection,
    window: u32,
    context: u32,
    area: Rectangle,
    white: u32,
    black: u32,
}

impl Window {
    pub fn open(display: &str) -> Result<Self, Error> {
        let (connection, number) = x11rb::connect(Some(display))?;
        let screen = &connection.setup().roots[number];
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        let (white, black, depth, root) = (screen.white_pixel, screen.black_pixel, screen.root_depth, screen.root);
        let (window, context) = (connection.generate_id()?, connection.generate_id()?);
        let options = CreateWindowAux::new().override_redirect(1).background_pixel(black);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(depth, window, root, 0, 0, width, height, 0, class, 0, &options)?.check()?;
        connection.map_window(window)?;
        connection.create_gc(context, window, &CreateGCAux::new())?;
        connection.sync()?;
        Ok(Self { connection, window, context, area: Rectangle { x: 0, y: 0, width, height }, white, black })
    }

    /// White for a tenth of each second, until `stop`.
    pub fn flash(&self, stop: &AtomicBool) -> Result<(), Error> {
        let mut second = monotonic_ns() / SECOND_NS + 1;
        while sleep_until(second * SECOND_NS, stop) {
            let began = monotonic_ns();
            self.fill(self.white)?;
            let painted = monotonic_ns();
            println!("{{\"second\":{second},\"painting_ns\":{began},\"painted_ns\":{painted}}}");
            if !sleep_until(second * SECOND_NS + WHITE_NS, stop) {
                break;
            }
            self.fill(self.black)?;
            second += 1;
        }
        Ok(())
    }

    fn fill(&self, colour: u32) -> Result<(), Error> {
        self.connection.change_gc(self.context, &ChangeGCAux::new().foreground(colour))?;
        self.connection.poly_fill_rectangle(self.window, self.context, &[self.area])?;
        self.connection.sync()?;
        Ok(())
    }
}

/// False when stopped.
fn sleep_until(at_ns: u64, stop: &AtomicBool) -> bool {
    loop {
        let left = at_ns.saturating_sub(monotonic_ns());
        if stop.load(Ordering::Acquire) {
            return false;
        }
        if left == 0 {
            return true;
        }
        sleep(Duration::from_nanos(left.min(LONGEST_SLEEP_NS)));
    }
}
