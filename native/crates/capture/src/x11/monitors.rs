//! Monitors of a display, by RandR.

use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::ConnectionExt as _;

use super::display::{Display, lost};
use crate::Result;

/// A rectangle of the root window, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x: i16,
    pub y: i16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    /// Whether a rectangle at `x`, `y` shares a pixel with this one.
    pub fn touches(&self, x: i32, y: i32, width: u32, height: u32) -> bool {
        let (left, top) = (i64::from(self.x), i64::from(self.y));
        let (x, y) = (i64::from(x), i64::from(y));
        x < left + i64::from(self.width)
            && left < x + i64::from(width)
            && y < top + i64::from(self.height)
            && top < y + i64::from(height)
    }
}

/// One monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    pub name: String,
    pub area: Area,
    pub refresh_hz: f64,
    pub primary: bool,
}

/// The active monitors; the whole screen where the server names none.
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
    if monitors.is_empty() {
        let (width, height) = display.size();
        let area = Area { x: 0, y: 0, width, height };
        monitors.push(Monitor { name: "screen".into(), area, refresh_hz: 0.0, primary: true });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_touch_when_they_share_a_pixel() {
        let area = Area { x: 100, y: 50, width: 10, height: 10 };
        assert!(area.touches(109, 59, 1, 1));
        assert!(area.touches(0, 0, 1000, 1000));
        assert!(!area.touches(110, 50, 5, 5));
        assert!(!area.touches(90, 50, 10, 10));
        assert!(!area.touches(100, 40, 10, 10));
    }
}
