//! Monitors of a display, by RandR.

use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::ConnectionExt as _;

use super::area::Area;
use super::display::{Display, lost};
use crate::Result;

/// One monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    pub name: String,
    pub area: Area,
    pub refresh_hz: f64,
    pub primary: bool,
}

/// The active monitors; none where the server names none.
pub fn list(display: &Display) -> Result<Vec<Monitor>> {
    let connection = &display.connection;
    let root = display.screen.root;
    let reply = connection.randr_get_monitors(root, true).map_err(lost)?.reply().map_err(lost)?;
    let mut monitors = vec![];
    for info in reply.monitors.iter().filter(|info| info.width > 0 && info.height > 0) {
        let name = connection.get_atom_name(info.name).map_err(lost)?.reply().map_err(lost)?;
        monitors.push(Monitor {
            name: String::from_utf8_lossy(&name.name).into_owned(),
            area: Area { x: info.x, y: info.y, width: info.width, height: info.height },
            refresh_hz: refresh(display, info).unwrap_or(0.0),
            primary: info.primary,
        });
    }
    Ok(monitors)
}

/// Refresh rate of the mode that the monitor's first output shows; none for virtual ones.
fn refresh(display: &Display, monitor: &randr::MonitorInfo) -> Option<f64> {
    let connection = &display.connection;
    let resources = connection.randr_get_screen_resources_current(display.screen.root).ok()?.reply().ok()?;
    let output = *monitor.outputs.first()?;
    let crtc = connection.randr_get_output_info(output, resources.config_timestamp).ok()?.reply().ok()?.crtc;
    let mode = connection.randr_get_crtc_info(crtc, resources.config_timestamp).ok()?.reply().ok()?.mode;
    let mode = resources.modes.iter().find(|info| info.id == mode)?;
    let dots = f64::from(mode.htotal) * f64::from(mode.vtotal);
    (dots > 0.0).then(|| f64::from(mode.dot_clock) / dots)
}
