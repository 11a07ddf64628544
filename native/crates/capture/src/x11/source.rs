//! A monitor as a source.

use std::os::fd::AsFd;

use clipshot_media::monotonic_ns;
use x11rb::connection::Connection;
use x11rb::cookie::VoidCookie;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{self, ConnectionExt as _, NotifyEvent};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xfixes::ConnectionExt as _;
use x11rb::protocol::xproto::{self, ConnectionExt as _};

use super::display::{Display, lost};
use super::monitors::Area;
use super::pointer::Pointer;
use super::server_time::ServerTime;
use crate::{Layout, Result, SharedMemory, Slot, Source, Waker};

/// A region of the root window.
pub struct X11Source {
    display: Display,
    area: Area,
    segments: Vec<shm::Seg>,
    damage: damage::Damage,
    /// Receives the damaged region where the source is only a part of the screen.
    damaged_parts: Option<u32>,
    /// Sequence number of the last request that emptied the damage.
    subtracted: Option<u16>,
    changed_at: Option<u64>,
    server_time: ServerTime,
    pointer: Option<Pointer>,
}

impl X11Source {
    /// Watches `area` of the display.
    pub(super) fn new(display: Display, area: Area, draw_cursor: bool) -> Result<Self> {
        let connection = &display.connection;
        let damage = connection.generate_id().map_err(lost)?;
        let level = damage::ReportLevel::NON_EMPTY;
        connection.damage_create(damage, display.screen.root, level).map_err(lost)?.check().map_err(lost)?;
        let whole = (area.x, area.y, area.width, area.height) == (0, 0, display.size().0, display.size().1);
        let damaged_parts = if whole {
            None
        } else {
            let region = connection.generate_id().map_err(lost)?;
            connection.xfixes_create_region(region, &[]).map_err(lost)?.check().map_err(lost)?;
            Some(region)
        };
        let pointer = if draw_cursor { Some(Pointer::watch(&display)?) } else { None };
        Ok(Self {
            display,
            area,
            segments: vec![],
            damage,
            damaged_parts,
            subtracted: None,
            changed_at: Some(monotonic_ns()),
            server_time: ServerTime::default(),
            pointer,
        })
    }

    /// Reads all events that have arrived.
    fn read_events(&mut self) -> Result<()> {
        let mut damaged_at = None;
        let mut motion = false;
        while let Some(event) = self.display.connection.poll_for_event().map_err(lost)? {
            match event {
                Event::DamageNotify(event) if !self.is_stale(&event) => {
                    let at = self.server_time.at(event.timestamp, monotonic_ns());
                    damaged_at.get_or_insert(at);
                }
                Event::XfixesCursorNotify(_) => {
                    if let Some(pointer) = &mut self.pointer {
                        pointer.image_changed(self.area, monotonic_ns());
                    }
                }
                Event::XinputRawMotion(_) => motion = true,
                _ => {}
            }
        }
        if let Some(at) = damaged_at
            && self.changed_at.is_none()
            && self.damage_touches_area()?
        {
            self.changed_at = Some(at);
        }
        if let Some(pointer) = &mut self.pointer
            && motion
            && pointer.moved_at().is_none()
        {
            pointer.look(&self.display, self.area, monotonic_ns())?;
        }
        Ok(())
    }

    /// An event raised before the damage was emptied, but read after it, tells of a change that a picture shows
    /// already. Taking it for a new one would double that picture and delay all that follow by one slot.
    fn is_stale(&self, event: &NotifyEvent) -> bool {
        self.subtracted.is_some_and(|subtracted| (event.sequence.wrapping_sub(subtracted) as i16) < 0)
    }

    fn damage_touches_area(&mut self) -> Result<bool> {
        let Some(region) = self.damaged_parts else { return Ok(true) };
        let connection = &self.display.connection;
        let subtract = connection.damage_subtract(self.damage, x11rb::NONE, region).map_err(lost)?;
        self.subtracted = Some(sequence(&subtract));
        let parts = connection.xfixes_fetch_region(region).map_err(lost)?.reply().map_err(lost)?;
        let touches = |part: &xproto::Rectangle| {
            let (x, y) = (i32::from(part.x), i32::from(part.y));
            self.area.touches(x, y, u32::from(part.width), u32::from(part.height))
        };
        Ok(parts.rectangles.iter().any(touches))
    }
}

/// Events carry only the lower half of a request's number.
fn sequence(cookie: &VoidCookie<'_, impl Connection>) -> u16 {
    cookie.sequence_number() as u16
}

impl Source for X11Source {
    fn layout(&self) -> Layout {
        Layout::packed(u32::from(self.area.width), u32::from(self.area.height))
    }

    fn make_slots(&mut self, count: usize) -> Result<Vec<Slot>> {
        let connection = &self.display.connection;
        let mut slots = Vec::with_capacity(count);
        for index in 0..count {
            let (memory, descriptor) = SharedMemory::new(self.layout().len()).map_err(lost)?;
            let segment = connection.generate_id().map_err(lost)?;
            connection.shm_attach_fd(segment, descriptor, false).map_err(lost)?.check().map_err(lost)?;
            self.segments.push(segment);
            slots.push(Slot::shared(index, memory));
        }
        Ok(slots)
    }

    fn wait(&mut self, deadline_ns: u64, waker: &Waker) -> Result<()> {
        // What the library read together with a reply no longer wakes the descriptor, so it goes first.
        self.read_events()?;
        if self.changed().is_some() {
            return Ok(());
        }
        self.display.connection.flush().map_err(lost)?;
        let ask_at = self.pointer.as_ref().map_or(u64::MAX, Pointer::ask_at);
        waker.wait_for(self.display.connection.stream().as_fd(), deadline_ns.min(ask_at));
        self.read_events()?;
        let now = monotonic_ns();
        match &mut self.pointer {
            Some(pointer) if now >= pointer.ask_at() => pointer.look(&self.display, self.area, now),
            _ => Ok(()),
        }
    }

    fn changed(&self) -> Option<u64> {
        let moved_at = self.pointer.as_ref().and_then(Pointer::moved_at);
        match (self.changed_at, moved_at) {
            (Some(changed), Some(moved)) => Some(changed.min(moved)),
            (changed, moved) => changed.or(moved),
        }
    }

    fn set_draw_cursor(&mut self, on: bool) -> Result<()> {
        if on == self.pointer.is_some() {
            return Ok(());
        }
        if on {
            self.pointer = Some(Pointer::watch(&self.display)?);
        } else {
            self.pointer = None;
            Pointer::ignore(&self.display)?;
        }
        self.changed_at.get_or_insert(monotonic_ns());
        Ok(())
    }

    fn fill(&mut self, slot: &mut Slot) -> Result<()> {
        let layout = self.layout();
        let connection = &self.display.connection;
        // All requests go out together, so that there is one wait. The server is grabbed for their length: a change
        // between the emptying of the damage and the reading of the picture would be in the picture and be reported
        // again, and a picture would be doubled.
        connection.grab_server().map_err(lost)?;
        let subtract = connection.damage_subtract(self.damage, x11rb::NONE, x11rb::NONE).map_err(lost)?;
        self.subtracted = Some(sequence(&subtract));
        self.changed_at = None;
        let asked = match &mut self.pointer {
            Some(pointer) => Some(pointer.ask(&self.display, monotonic_ns())?),
            None => None,
        };
        let Area { x, y, width, height } = self.area;
        let format = xproto::ImageFormat::Z_PIXMAP.into();
        let segment = self.segments[slot.index()];
        let picture = connection
            .shm_get_image(self.display.screen.root, x, y, width, height, !0, format, segment, 0)
            .map_err(lost)?;
        connection.ungrab_server().map_err(lost)?;
        picture.reply().map_err(lost)?;
        if let (Some(pointer), Some(asked)) = (&mut self.pointer, asked) {
            pointer.answered(asked)?;
            pointer.draw(slot.bytes_mut(), layout, self.area);
        }
        Ok(())
    }
}
