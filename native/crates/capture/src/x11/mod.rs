//! X11: monitors by RandR, pictures by MIT-SHM, woken by XDamage, pointer by XFixes and XInput2.

mod cursor;
mod display;
mod monitors;
mod pointer;
mod server_time;
mod source;

pub use source::X11Source;

use crate::registry::{Backend, OpenOptions, SourceInfo, SourceKind};
use crate::{Error, Result, Source};
use display::Display;

/// The backend's entry in the registry.
pub struct X11Backend;

const NAME: &str = "x11";

impl Backend for X11Backend {
    fn name(&self) -> &'static str {
        NAME
    }

    fn probe(&self, display: Option<&str>) -> Result<()> {
        Display::open(display).map(drop)
    }

    fn sources(&self, display: Option<&str>) -> Result<Vec<SourceInfo>> {
        let display = Display::open(display)?;
        let monitors = monitors::list(&display)?;
        let info = |monitor: monitors::Monitor| SourceInfo {
            x: i32::from(monitor.area.x),
            y: i32::from(monitor.area.y),
            width: u32::from(monitor.area.width),
            height: u32::from(monitor.area.height),
            refresh_hz: monitor.refresh_hz,
            primary: monitor.primary,
            ..SourceInfo::new(
                format!("{NAME}:{}", monitor.name),
                SourceKind::Monitor,
                format!("Monitor {}", monitor.name),
                NAME,
            )
        };
        Ok(monitors.into_iter().map(info).collect())
    }

    fn open(&self, name: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
        let display = Display::open(options.display.as_deref())?;
        let monitor = monitors::list(&display)?.into_iter().find(|monitor| monitor.name == name);
        let monitor = monitor.ok_or_else(|| Error::SourceNotFound { id: format!("{NAME}:{name}") })?;
        Ok(Box::new(X11Source::new(display, monitor.area, options.draw_cursor)?))
    }
}
