//! The window that is painted.

use std::os::fd::OwnedFd;

use x11rb::connection::Connection;
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, CreateGCAux, CreateWindowAux, Gcontext, ImageFormat, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::Error;

/// A window at the top left of the screen, above all others and without a frame.
pub struct Window {
    connection: RustConnection,
    window: u32,
    context: Gcontext,
    depth: u8,
    width: u16,
    height: u16,
}

impl Window {
    /// Opens a window of this size, or one that covers the screen.
    pub fn open(display: Option<&str>, size: Option<(u16, u16)>) -> Result<Self, Error> {
        let (connection, number) = x11rb::connect(display).map_err(|error| format!("no X display: {error}"))?;
        let screen = &connection.setup().roots[number];
        let (depth, root) = (screen.root_depth, screen.root);
        let (width, height) = size.unwrap_or((screen.width_in_pixels, screen.height_in_pixels));
        if depth != 24 {
            return Err(format!("the screen has depth {depth}, only 24 is supported").into());
        }
        let version = connection.shm_query_version()?.reply()?;
        if (version.major_version, version.minor_version) < (1, 2) {
            return Err("the X server lacks MIT-SHM 1.2".into());
        }
        let (window, context) = (connection.generate_id()?, connection.generate_id()?);
        let options = CreateWindowAux::new().override_redirect(1).background_pixel(0);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(depth, window, root, 0, 0, width, height, 0, class, 0, &options)?.check()?;
        connection.map_window(window)?;
        connection.create_gc(context, window, &CreateGCAux::new())?;
        connection.sync()?;
        Ok(Self { connection, window, context, depth, width, height })
    }

    pub fn width(&self) -> u16 {
        self.width
    }

    pub fn height(&self) -> u16 {
        self.height
    }

    /// Lets the server read a frame's memory.
    pub fn attach(&self, descriptor: OwnedFd) -> Result<shm::Seg, Error> {
        let segment = self.connection.generate_id()?;
        self.connection.shm_attach_fd(segment, descriptor, false)?.check()?;
        Ok(segment)
    }

    /// Shows the first `lines` lines of a frame; returns when that is done.
    pub fn put(&self, segment: shm::Seg, lines: u16) -> Result<(), Error> {
        let (width, height, depth) = (self.width, self.height, self.depth);
        let format = ImageFormat::Z_PIXMAP.into();
        self.connection.shm_put_image(
            self.window,
            self.context,
            width,
            height,
            0,
            0,
            width,
            lines.min(height),
            0,
            0,
            depth,
            format,
            false,
            segment,
            0,
        )?;
        self.connection.sync()?;
        Ok(())
    }
}
