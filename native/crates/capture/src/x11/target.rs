//! What of a display a source shows, and where that is now.

use x11rb::connection::Connection;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::randr::{ConnectionExt as _, NotifyMask};
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, Drawable, EventMask, MapState};

use super::area::Area;
use super::display::{Display, lost, unavailable};
use super::{NAME, monitors};
use crate::{Error, Result};

/// Name of the whole root window.
pub const SCREEN: &str = "screen";
const WINDOW: &str = "window:0x";
const REGION: &str = "region:";

/// A part of a display.
#[derive(Debug)]
pub enum Target {
    /// The whole root window.
    Screen,
    /// The monitor of this name.
    Monitor(String),
    /// A part of the root window, as it was asked for.
    Region(Area),
    /// A window.
    Window(Window),
}

/// A window whose picture the server keeps, also where others cover it.
#[derive(Debug)]
pub struct Window {
    id: u32,
    kept: Option<Kept>,
    /// It was mapped, and has another pixmap since.
    is_outdated: bool,
}

/// The pixmap with the picture of a window. It outlives the window's being hidden, so that the last picture stays.
#[derive(Clone, Copy, Debug)]
struct Kept {
    pixmap: u32,
    width: u16,
    height: u16,
    border: u16,
}

impl Target {
    /// Parses the name of a source (its id without the backend) and checks that it is there.
    pub fn open(display: &Display, name: &str) -> Result<Self> {
        let not_found = || Error::SourceNotFound { id: format!("{NAME}:{name}") };
        let target = if name == SCREEN {
            Self::Screen
        } else if let Some(id) = name.strip_prefix(WINDOW) {
            let id = u32::from_str_radix(id, 16).map_err(|_| not_found())?;
            Self::Window(Window::keep(display, id)?.ok_or_else(not_found)?)
        } else if let Some(area) = name.strip_prefix(REGION) {
            Self::Region(area.parse().map_err(|()| not_found())?)
        } else {
            Self::Monitor(name.to_owned())
        };
        let events = EventMask::STRUCTURE_NOTIFY;
        let (connection, root) = (&display.connection, display.screen.root);
        if !matches!(target, Self::Window(_)) {
            // The server tells of the root's size by the one, of monitors by the other.
            let attributes = ChangeWindowAttributesAux::new().event_mask(events);
            connection.change_window_attributes(root, &attributes).map_err(lost)?;
            let changes = NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE | NotifyMask::OUTPUT_CHANGE;
            connection.randr_select_input(root, changes).map_err(lost)?;
        }
        Ok(target)
    }

    /// Name of a window's source.
    pub fn window_name(id: u32) -> String {
        format!("{WINDOW}{id:x}")
    }

    /// Where it is on the root window now; none when it is gone.
    pub fn look(&mut self, display: &Display) -> Result<Option<Area>> {
        match self {
            Self::Screen => display.size().map(|size| Some(Area::of_root(size))),
            Self::Region(asked) => display.size().map(|size| asked.within(size)),
            Self::Monitor(name) => {
                let found = monitors::list(display)?.into_iter().find(|monitor| monitor.name == *name);
                // A monitor may be announced before the root window has grown.
                let size = display.size()?;
                Ok(found.and_then(|monitor| monitor.area.within(size)))
            }
            Self::Window(window) => window.look(display),
        }
    }

    /// The window was shown: it has another picture.
    pub fn mapped(&mut self) {
        if let Self::Window(window) = self {
            window.is_outdated = true;
        }
    }

    /// Whether it is a window: its damage is told by itself, and no other's is.
    pub fn window(&self) -> Option<u32> {
        match self {
            Self::Window(window) => Some(window.id),
            _ => None,
        }
    }

    /// Where its pixels can be read: drawable and position; none for a window that was never shown.
    pub fn pixels(&self, root: u32, area: Area) -> Option<(Drawable, i16, i16)> {
        match self {
            Self::Window(window) => window.kept.map(|kept| (kept.pixmap, kept.border as i16, kept.border as i16)),
            _ => Some((root, area.x, area.y)),
        }
    }

    /// Whether it can be gone for a moment only.
    pub fn may_come_back(&self) -> bool {
        matches!(self, Self::Monitor(_))
    }

    /// What to say when it is gone.
    pub fn gone(&self) -> Error {
        let reason = match self {
            Self::Screen => "the screen is gone".into(),
            Self::Monitor(name) => format!("the monitor {name} is gone"),
            Self::Region(_) => "nothing of the region lies on the screen any more".into(),
            Self::Window(_) => "the window was closed".into(),
        };
        Error::SourceLost { reason }
    }
}

impl Window {
    /// Makes the server keep the window's picture; none when there is no such window.
    fn keep(display: &Display, id: u32) -> Result<Option<Self>> {
        if !display.has_composite()? {
            let reason = "the X server lacks the extension Composite, which windows need; start it with Composite";
            return Err(unavailable(reason.into()));
        }
        let connection = &display.connection;
        let attributes = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
        let selected = connection.change_window_attributes(id, &attributes).map_err(lost)?;
        if selected.check().is_err() {
            return Ok(None);
        }
        let geometry = connection.get_geometry(id).map_err(lost)?.reply();
        let Ok(geometry) = geometry else { return Ok(None) };
        if !matches!(geometry.depth, 24 | 32) {
            let reason = format!("the window's pixels (depth {}) are not 32-bit BGR", geometry.depth);
            return Err(unavailable(reason));
        }
        // Automatic: the server goes on drawing it onto the screen itself. The root cannot be redirected, nor need be.
        let redirected = connection.composite_redirect_window(id, Redirect::AUTOMATIC).map_err(lost)?;
        Ok(redirected.check().is_ok().then_some(Self { id, kept: None, is_outdated: true }))
    }

    fn look(&mut self, display: &Display) -> Result<Option<Area>> {
        let connection = &display.connection;
        let attributes = connection.get_window_attributes(self.id).map_err(lost)?;
        let geometry = connection.get_geometry(self.id).map_err(lost)?;
        let place = connection.translate_coordinates(self.id, display.screen.root, 0, 0).map_err(lost)?;
        let (Ok(attributes), Ok(geometry), Ok(place)) = (attributes.reply(), geometry.reply(), place.reply()) else {
            return Ok(None);
        };
        let size = (geometry.width, geometry.height, geometry.border_width);
        let is_same = self.kept.is_some_and(|kept| (kept.width, kept.height, kept.border) == size);
        if attributes.map_state == MapState::VIEWABLE && (self.is_outdated || !is_same) {
            self.take_pixmap(display, geometry.border_width)?;
        }
        let (width, height) = self.kept.map_or((geometry.width, geometry.height), |kept| (kept.width, kept.height));
        Ok(Some(Area { x: place.dst_x, y: place.dst_y, width, height }))
    }

    /// Names the pixmap that the window has now. It is as it was where the window has just been hidden or closed.
    fn take_pixmap(&mut self, display: &Display, border: u16) -> Result<()> {
        let connection = &display.connection;
        let pixmap = connection.generate_id().map_err(lost)?;
        if connection.composite_name_window_pixmap(self.id, pixmap).map_err(lost)?.check().is_err() {
            return Ok(());
        }
        // The pixmap's own size: the window may have another one by now, and will say so.
        let size = connection.get_geometry(pixmap).map_err(lost)?.reply().map_err(lost)?;
        let inside = |length: u16| length.saturating_sub(2 * border).max(1);
        let kept = Kept { pixmap, width: inside(size.width), height: inside(size.height), border };
        if let Some(old) = self.kept.replace(kept) {
            connection.free_pixmap(old.pixmap).map_err(lost)?;
        }
        self.is_outdated = false;
        Ok(())
    }
}
