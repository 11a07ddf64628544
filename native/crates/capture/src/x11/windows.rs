//! Windows of programs: which there are, and what they say of themselves.

use x11rb::protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, MapState, WindowClass};

use super::area::Area;
use super::display::{Display, lost};
use crate::Result;

/// Smaller ones are no windows for people, and too small to be encoded.
const SMALLEST: u16 = 16;
/// Properties are read up to this many 32-bit units: more than any title or list of windows.
const MOST_UNITS: u32 = 1 << 14;

/// A top-level window that can be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowInfo {
    pub id: u32,
    pub title: String,
    /// The second part of its class.
    pub application: String,
    /// 0 where it does not say.
    pub pid: u32,
    /// Where its inside lies.
    pub area: Area,
}

/// Properties that are asked for.
struct Names {
    client_list: Atom,
    title: Atom,
    pid: Atom,
}

/// The windows that the window manager lists; where there is none, the children of the root that are not the kind of
/// menus and hints (override-redirect) or have a title.
pub fn list(display: &Display) -> Result<Vec<WindowInfo>> {
    let names = Names {
        client_list: atom(display, "_NET_CLIENT_LIST")?,
        title: atom(display, "_NET_WM_NAME")?,
        pid: atom(display, "_NET_WM_PID")?,
    };
    let root = display.screen.root;
    let listed = words(&property(display, root, names.client_list));
    let managed = !listed.is_empty();
    let windows = match managed {
        true => listed,
        false => display.connection.query_tree(root).map_err(lost)?.reply().map_err(lost)?.children,
    };
    Ok(windows.into_iter().filter_map(|id| describe(display, &names, id, managed)).collect())
}

/// None for one that cannot be seen or has gone meanwhile.
fn describe(display: &Display, names: &Names, id: u32, managed: bool) -> Option<WindowInfo> {
    let connection = &display.connection;
    let attributes = connection.get_window_attributes(id).ok()?;
    let geometry = connection.get_geometry(id).ok()?;
    let place = connection.translate_coordinates(id, display.screen.root, 0, 0).ok()?;
    let (attributes, geometry, place) = (attributes.reply().ok()?, geometry.reply().ok()?, place.reply().ok()?);
    let is_shown = attributes.map_state == MapState::VIEWABLE && attributes.class == WindowClass::INPUT_OUTPUT;
    if !is_shown || geometry.width < SMALLEST || geometry.height < SMALLEST {
        return None;
    }
    let title = Some(property(display, id, names.title)).filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| property(display, id, AtomEnum::WM_NAME.into()));
    if !managed && attributes.override_redirect && title.is_empty() {
        return None;
    }
    // Instance and class, each with a zero byte behind it.
    let class = property(display, id, AtomEnum::WM_CLASS.into());
    let application = class.split(|byte| *byte == 0).nth(1).unwrap_or_default();
    Some(WindowInfo {
        id,
        title: String::from_utf8_lossy(&title).into_owned(),
        application: String::from_utf8_lossy(application).into_owned(),
        pid: words(&property(display, id, names.pid)).first().copied().unwrap_or(0),
        area: Area { x: place.dst_x, y: place.dst_y, width: geometry.width, height: geometry.height },
    })
}

fn atom(display: &Display, name: &str) -> Result<Atom> {
    Ok(display.connection.intern_atom(false, name.as_bytes()).map_err(lost)?.reply().map_err(lost)?.atom)
}

/// The bytes of a property; none where the window has none or is gone.
fn property(display: &Display, window: u32, name: Atom) -> Vec<u8> {
    let asked = display.connection.get_property(false, window, name, AtomEnum::ANY, 0, MOST_UNITS);
    asked.ok().and_then(|asked| asked.reply().ok()).map(|property| property.value).unwrap_or_default()
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]])).collect()
}
