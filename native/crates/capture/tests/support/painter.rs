//! A client that paints on the root window when told.

#![allow(dead_code, reason = "each test file uses a part")]

use x11rb::connection::Connection;
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo, Rotation};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ConfigureWindowAux, ConnectionExt, CreateGCAux, CreateWindowAux, Gcontext, PropMode,
    Rectangle, SubwindowMode, WindowClass,
};
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

    /// Makes a window of one colour, with a title, an application's class and a process, and shows it.
    pub fn open_window(&self, x: i16, y: i16, width: u16, height: u16, colour: u32) -> u32 {
        let connection = &self.connection;
        let window = connection.generate_id().unwrap();
        let options = CreateWindowAux::new().background_pixel(colour).override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(24, window, self.root, x, y, width, height, 0, class, 0, &options).unwrap();
        let atom = |name: &str| connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let (title, utf8, pid) = (atom("_NET_WM_NAME"), atom("UTF8_STRING"), atom("_NET_WM_PID"));
        let mode = PropMode::REPLACE;
        connection.change_property8(mode, window, title, utf8, "Spiel \u{2014} 1".as_bytes()).unwrap();
        connection.change_property8(mode, window, AtomEnum::WM_CLASS, AtomEnum::STRING, b"game\0Game\0").unwrap();
        connection.change_property32(mode, window, pid, AtomEnum::CARDINAL, &[4711]).unwrap();
        connection.map_window(window).unwrap();
        connection.sync().unwrap();
        window
    }

    /// Paints a rectangle of a window in a colour it did not have before; returns when it is there.
    pub fn paint_window(&mut self, window: u32, x: i16, y: i16) {
        let root = std::mem::replace(&mut self.root, window);
        self.paint(x, y);
        self.root = root;
    }

    /// Moves and resizes a window.
    pub fn configure(&self, window: u32, x: i32, y: i32, width: u32, height: u32) {
        let to = ConfigureWindowAux::new().x(x).y(y).width(width).height(height);
        self.connection.configure_window(window, &to).unwrap();
        self.connection.sync().unwrap();
    }

    /// Makes a monitor, or gives it another place and size.
    pub fn set_monitor(&self, name: &str, x: i16, y: i16, width: u16, height: u16, outputs: Vec<u32>) {
        let connection = &self.connection;
        let name = connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let (width_in_millimeters, height_in_millimeters) = (100, 150);
        let info = MonitorInfo {
            name,
            x,
            y,
            width,
            height,
            width_in_millimeters,
            height_in_millimeters,
            outputs,
            ..MonitorInfo::default()
        };
        connection.randr_set_monitor(self.root, info).unwrap().check().unwrap();
    }

    /// Takes a monitor away.
    pub fn delete_monitor(&self, name: &str) {
        let name = self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        self.connection.randr_delete_monitor(self.root, name).unwrap().check().unwrap();
    }

    /// Gives the whole screen another size.
    pub fn resize_screen(&self, width: u16, height: u16) {
        let connection = &self.connection;
        let resources = connection.randr_get_screen_resources_current(self.root).unwrap().reply().unwrap();
        // No monitor may lie beyond the new size.
        for crtc in resources.crtcs {
            let off = connection.randr_set_crtc_config(crtc, 0, 0, 0, 0, 0, Rotation::ROTATE0, &[]).unwrap();
            off.reply().unwrap();
        }
        connection.randr_set_screen_size(self.root, width, height, 100, 100).unwrap().check().unwrap();
    }

    /// Makes two monitors of a screen of 320 by 240 pixels, `left` and `right`, side by side.
    pub fn split_in_two(&self) {
        let (connection, root) = (&self.connection, self.root);
        let output = connection.randr_get_screen_resources_current(root).unwrap().reply().unwrap().outputs[0];
        for (name, x, outputs) in [("left", 0, vec![output]), ("right", 160, vec![])] {
            self.set_monitor(name, x, 0, 160, 240, outputs);
        }
    }
}
