//! A client that paints on the root window when told.

#![allow(dead_code, reason = "each test file uses a part")]

use x11rb::connection::Connection;
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo};
use x11rb::protocol::xproto::{ChangeGCAux, ConnectionExt, CreateGCAux, Gcontext, Rectangle, SubwindowMode};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub struct Painter {
    pub connection: RustConnection,
    pub root: u32,
    context: Gcontext,
    colour: u32,
}

impl Painter {
    pub fn connect(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).unwrap();
        let root = connection.setup().roots[screen].root;
        let context = connection.generate_id().unwrap();
        let options = CreateGCAux::new().subwindow_mode(SubwindowMode::INCLUDE_INFERIORS);
        connection.create_gc(context, root, &options).unwrap().check().unwrap();
        Self { connection, root, context, colour: 0 }
    }

    /// The colour painted last.
    pub fn colour(&self) -> u32 {
        self.colour
    }

    /// Paints a rectangle in a colour it did not have before; returns when it is on the screen.
    pub fn paint(&mut self, x: i16, y: i16) {
        self.colour = self.colour.wrapping_mul(5).wrapping_add(0x0012_3457) & 0xff_ffff;
        let colour = ChangeGCAux::new().foreground(self.colour);
        self.connection.change_gc(self.context, &colour).unwrap();
        let rectangle = Rectangle { x, y, width: 40, height: 30 };
        self.connection.poly_fill_rectangle(self.root, self.context, &[rectangle]).unwrap();
        self.connection.sync().unwrap();
    }

    /// Makes two monitors of a screen of 320 by 240 pixels, `left` and `right`, side by side.
    pub fn split_in_two(&self) {
        let (connection, root) = (&self.connection, self.root);
        let output = connection.randr_get_screen_resources_current(root).unwrap().reply().unwrap().outputs[0];
        for (name, x, outputs) in [("left", 0, vec![output]), ("right", 160, vec![])] {
            let name = connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
            let info = MonitorInfo {
                name,
                x,
                width: 160,
                height: 240,
                width_in_millimeters: 100,
                height_in_millimeters: 150,
                outputs,
                ..MonitorInfo::default()
            };
            connection.randr_set_monitor(root, info).unwrap().check().unwrap();
        }
    }
}
