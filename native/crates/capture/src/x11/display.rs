//! A connection to an X server that has what capturing needs.

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectError, ConnectionError, ReplyError};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageOrder, Screen, Setup};
use x11rb::protocol::{composite, damage, randr, shm, xfixes};
use x11rb::rust_connection::RustConnection;

use crate::{Error, Result};

/// An open connection and its screen.
pub struct Display {
    pub connection: RustConnection,
    pub screen: Screen,
}

impl Display {
    /// Connects to `display`, or to the one in the DISPLAY variable, and checks the extensions.
    pub fn open(display: Option<&str>) -> Result<Self> {
        let tried = || display.map_or_else(|| std::env::var("DISPLAY").unwrap_or_default(), str::to_owned);
        let (connection, number) = x11rb::connect(display).map_err(|error| Error::DisplayUnavailable {
            display: tried(),
            reason: connect_failure(&error, &tried()),
        })?;
        let screen = connection.setup().roots[number].clone();
        check_pixels(connection.setup(), &screen)?;
        let display = Self { connection, screen };
        display.check_extensions()?;
        Ok(display)
    }

    /// Width and height of the whole screen in pixels, as they are now.
    pub fn size(&self) -> Result<(u16, u16)> {
        let root = self.connection.get_geometry(self.screen.root).map_err(lost)?.reply().map_err(lost)?;
        Ok((root.width, root.height))
    }

    /// Whether the server can keep pictures of windows that others cover.
    pub fn has_composite(&self) -> Result<bool> {
        let name = composite::X11_EXTENSION_NAME;
        if self.connection.extension_information(name).map_err(lost)?.is_none() {
            return Ok(false);
        }
        let version = composite::query_version(&self.connection, 0, 4).map_err(lost)?.reply().map_err(lost)?;
        Ok((version.major_version, version.minor_version) >= (0, 2))
    }

    fn check_extensions(&self) -> Result<()> {
        let connection = &self.connection;
        for name in
            [shm::X11_EXTENSION_NAME, damage::X11_EXTENSION_NAME, xfixes::X11_EXTENSION_NAME, randr::X11_EXTENSION_NAME]
        {
            if connection.extension_information(name).map_err(lost)?.is_none() {
                return Err(unavailable(format!("the X server lacks the extension {name}; use another X server")));
            }
        }
        // A client has to ask for the version before it may use these extensions.
        let damage = damage::query_version(connection, 1, 1).map_err(lost)?;
        let xfixes = xfixes::query_version(connection, 5, 0).map_err(lost)?;
        let randr = randr::query_version(connection, 1, 5).map_err(lost)?;
        let shm = shm::query_version(connection).map_err(lost)?;
        damage.reply().map_err(lost)?;
        xfixes.reply().map_err(lost)?;
        let randr = randr.reply().map_err(lost)?;
        if (randr.major_version, randr.minor_version) < (1, 5) {
            return Err(unavailable("the X server's RandR is older than 1.5; use a server of 2015 or later".into()));
        }
        let shm = shm.reply().map_err(lost)?;
        if (shm.major_version, shm.minor_version) < (1, 2) {
            return Err(unavailable("the X server's MIT-SHM is older than 1.2; use a server of 2013 or later".into()));
        }
        Ok(())
    }
}

/// Only what nearly every server has is taken: 32-bit pixels in the order blue, green, red.
fn check_pixels(setup: &Setup, screen: &Screen) -> Result<()> {
    let bits = setup.pixmap_formats.iter().find(|format| format.depth == screen.root_depth);
    let visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
    let visual = visuals.into_iter().find(|visual| visual.visual_id == screen.root_visual);
    let fits = setup.image_byte_order == ImageOrder::LSB_FIRST
        && bits.is_some_and(|format| format.bits_per_pixel == 32)
        && visual
            .is_some_and(|visual| (visual.red_mask, visual.green_mask, visual.blue_mask) == (0xff_0000, 0xff00, 0xff));
    if fits {
        return Ok(());
    }
    let depth = screen.root_depth;
    Err(unavailable(format!(
        "the screen's pixels (depth {depth}) are not 32-bit BGR; start the X server with depth 24"
    )))
}

fn connect_failure(error: &ConnectError, display: &str) -> String {
    if display.is_empty() {
        return "the DISPLAY variable is not set; start from a desktop session or set DISPLAY".into();
    }
    format!("{error}; check that DISPLAY names an X server that runs, and that you may connect to it (XAUTHORITY)")
}

pub fn unavailable(reason: String) -> Error {
    Error::BackendUnavailable { backend: super::NAME.into(), reason }
}

/// What a failed request means for a source: there will be no more pictures from it.
pub fn lost(error: impl Into<Failure>) -> Error {
    let reason = match error.into() {
        Failure::Connection(error) => format!("the connection to the X server broke ({error})"),
        Failure::Reply(ReplyError::ConnectionError(error)) => format!("the connection to the X server broke ({error})"),
        Failure::Reply(ReplyError::X11Error(error)) => {
            format!("the X server refused a request ({:?})", error.error_kind)
        }
        Failure::Ids(error) => format!("the X server gave no identifier ({error})"),
        Failure::Io(error) => format!("no memory for pictures ({error})"),
    };
    Error::SourceLost { reason }
}

/// Every way in which a request can fail.
pub enum Failure {
    Connection(ConnectionError),
    Reply(ReplyError),
    Ids(x11rb::errors::ReplyOrIdError),
    Io(std::io::Error),
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(error)
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}

impl From<x11rb::errors::ReplyOrIdError> for Failure {
    fn from(error: x11rb::errors::ReplyOrIdError) -> Self {
        Self::Ids(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
