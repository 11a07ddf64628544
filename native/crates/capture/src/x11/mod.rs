//! X11: monitors by RandR, windows by Composite, pictures by MIT-SHM, woken by XDamage, pointer by XFixes and XInput2.

mod area;
mod cursor;
mod display;
mod monitors;
mod pointer;
mod server_time;
mod source;
mod target;
mod windows;

pub use source::X11Source;

use crate::registry::{Backend, OpenOptions, SourceInfo, SourceKind};
use crate::{Error, Result, Source};
use area::Area;
use display::Display;
use target::{SCREEN, Target};

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
        let screen = Area::of_root(display.size()?);
        // The one monitor of a virtual server is called like the whole screen, and is that.
        let named = monitors.iter().filter(|monitor| monitor.name != SCREEN);
        let mut sources: Vec<SourceInfo> = named
            .map(|monitor| SourceInfo {
                refresh_hz: monitor.refresh_hz,
                primary: monitor.primary,
                ..info(&monitor.name, SourceKind::Monitor, format!("Monitor {}", monitor.name), monitor.area)
            })
            .collect();
        if sources.len() != 1 {
            let refresh_hz = monitors.iter().map(|monitor| monitor.refresh_hz).fold(0.0, f64::max);
            let primary = sources.is_empty();
            let whole = info(SCREEN, SourceKind::Monitor, "Whole screen".into(), screen);
            sources.push(SourceInfo { refresh_hz, primary, ..whole });
        }
        let windows = if display.has_composite()? { windows::list(&display)? } else { vec![] };
        sources.extend(windows.into_iter().map(|window| SourceInfo {
            application: window.application,
            pid: window.pid,
            ..info(&Target::window_name(window.id), SourceKind::Window, window.title, window.area)
        }));
        Ok(sources)
    }

    fn open(&self, name: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
        let display = Display::open(options.display.as_deref())?;
        let target = Target::open(&display, name)?;
        let not_found = Error::SourceNotFound { id: format!("{NAME}:{name}") };
        Ok(Box::new(X11Source::new(display, target, not_found, options.draw_cursor)?))
    }
}

fn info(name: &str, kind: SourceKind, title: String, area: Area) -> SourceInfo {
    SourceInfo {
        x: i32::from(area.x),
        y: i32::from(area.y),
        width: u32::from(area.width),
        height: u32::from(area.height),
        ..SourceInfo::new(format!("{NAME}:{name}"), kind, title, NAME)
    }
}
