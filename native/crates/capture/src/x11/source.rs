//! A part of a display as a source.

use std::os::fd::AsFd;

use clipshot_media::monotonic_ns;
use x11rb::connection::Connection;
use x11rb::cookie::VoidCookie;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{self, ConnectionExt as _, NotifyEvent};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xfixes::ConnectionExt as _;
use x11rb::protocol::xproto::{self, ConnectionExt as _};

use super::area::Area;
use super::display::{Display, lost};
use super::pointer::Pointer;
use super::server_time::ServerTime;
use super::target::Target;
use crate::{Error, Layout, Result, SharedMemory, Slot, Source, Waker};

/// A monitor that goes may come back in another mode: not every program changes modes in one step.
const GONE_AFTER_NS: u64 = 1_000_000_000;

/// The whole root window, a part of it, or a window.
pub struct X11Source {
    display: Display,
    target: Target,
    /// Where the target is, as far as is known.
    area: Area,
    /// Whether that is the whole root window.
    is_whole: bool,
    /// Until when a target that is not there now may come back.
    missing_until: Option<u64>,
    /// Memory for pictures, and the area that it was made for.
    segments: Vec<shm::Seg>,
    made_for: Option<Area>,
    damage: damage::Damage,
    /// Receives the damaged region where the source is only a part of the screen.
    damaged_parts: u32,
    /// Sequence number of the last request that emptied the damage.
    subtracted: Option<u16>,
    changed_at: Option<u64>,
    server_time: ServerTime,
    pointer: Option<Pointer>,
}

impl X11Source {
    /// Watches a part of the display.
    pub(super) fn new(display: Display, mut target: Target, not_found: Error, draw_cursor: bool) -> Result<Self> {
        let Some(area) = target.look(&display)? else { return Err(not_found) };
        let connection = &display.connection;
        let damage = connection.generate_id().map_err(lost)?;
        let level = damage::ReportLevel::NON_EMPTY;
        let drawable = target.window().unwrap_or(display.screen.root);
        connection.damage_create(damage, drawable, level).map_err(lost)?.check().map_err(lost)?;
        let damaged_parts = connection.generate_id().map_err(lost)?;
        connection.xfixes_create_region(damaged_parts, &[]).map_err(lost)?.check().map_err(lost)?;
        let pointer = if draw_cursor { Some(Pointer::watch(&display)?) } else { None };
        let is_whole = area == Area::of_root(display.size()?);
        Ok(Self {
            display,
            target,
            area,
            is_whole,
            missing_until: None,
            segments: vec![],
            made_for: None,
            damage,
            damaged_parts,
            subtracted: None,
            changed_at: Some(monotonic_ns()),
            server_time: ServerTime::default(),
            pointer,
        })
    }

    /// Finds out where the target is now.
    fn look(&mut self) -> Result<()> {
        let Some(area) = self.target.look(&self.display)? else {
            let now = monotonic_ns();
            let patience = if self.target.may_come_back() { GONE_AFTER_NS } else { 0 };
            let until = *self.missing_until.get_or_insert(now + patience);
            return if now < until { Ok(()) } else { Err(self.target.gone()) };
        };
        self.missing_until = None;
        if area == self.area {
            return Ok(());
        }
        // A window that only moves shows the same.
        if self.target.window().is_none() || !area.is_as_large_as(&self.area) {
            self.changed_at.get_or_insert(monotonic_ns());
        }
        self.area = area;
        self.is_whole = area == Area::of_root(self.display.size()?);
        Ok(())
    }

    /// Reads all events that have arrived.
    fn read_events(&mut self) -> Result<()> {
        let mut damaged_at = None;
        let mut motion = false;
        let mut look = false;
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
                Event::MapNotify(event) if Some(event.window) == self.target.window() => {
                    self.target.mapped();
                    self.changed_at.get_or_insert(monotonic_ns());
                    look = true;
                }
                Event::ConfigureNotify(_)
                | Event::ReparentNotify(_)
                | Event::DestroyNotify(_)
                | Event::RandrScreenChangeNotify(_)
                | Event::RandrNotify(_) => look = true,
                _ => {}
            }
        }
        if look {
            self.look()?;
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
        if self.is_whole || self.target.window().is_some() {
            return Ok(true);
        }
        let region = self.damaged_parts;
        let connection = &self.display.connection;
        let subtract = connection.damage_subtract(self.damage, x11rb::NONE, region).map_err(lost)?;
        self.subtracted = Some(sequence(subtract));
        let parts = connection.xfixes_fetch_region(region).map_err(lost)?.reply().map_err(lost)?;
        let touches = |part: &xproto::Rectangle| {
            let (x, y) = (i32::from(part.x), i32::from(part.y));
            self.area.touches(x, y, u32::from(part.width), u32::from(part.height))
        };
        Ok(parts.rectangles.iter().any(touches))
    }
}

/// Events carry only the lower half of a request's number.
fn sequence(cookie: VoidCookie<'_, impl Connection>) -> u16 {
    cookie.sequence_number() as u16
}

impl Source for X11Source {
    fn layout(&self) -> Layout {
        Layout::packed(u32::from(self.area.width), u32::from(self.area.height))
    }

    fn make_slots(&mut self, count: usize) -> Result<Vec<Slot>> {
        let connection = &self.display.connection;
        for segment in self.segments.drain(..) {
            connection.shm_detach(segment).map_err(lost)?;
        }
        self.made_for = Some(self.area);
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
        let look_at = self.missing_until.unwrap_or(u64::MAX);
        waker.wait_for(self.display.connection.stream().as_fd(), deadline_ns.min(ask_at).min(look_at));
        self.read_events()?;
        let now = monotonic_ns();
        if self.missing_until.is_some_and(|until| now >= until) {
            self.look()?;
        }
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
        if self.made_for.is_none_or(|made_for| !made_for.is_as_large_as(&self.area)) {
            return Err(Error::Resized);
        }
        let layout = self.layout();
        let connection = &self.display.connection;
        // All requests go out together, so that there is one wait. The server is grabbed for their length: a change
        // between the emptying of the damage and the reading of the picture would be in the picture and be reported
        // again, and a picture would be doubled.
        connection.grab_server().map_err(lost)?;
        let subtract = connection.damage_subtract(self.damage, x11rb::NONE, x11rb::NONE).map_err(lost)?;
        self.subtracted = Some(sequence(subtract));
        let changed_at = self.changed_at.take();
        let asked = match &mut self.pointer {
            Some(pointer) => Some(pointer.ask(&self.display, monotonic_ns())?),
            None => None,
        };
        let Area { width, height, .. } = self.area;
        let format = xproto::ImageFormat::Z_PIXMAP.into();
        let segment = self.segments[slot.index()];
        let picture = match self.target.pixels(self.display.screen.root, self.area) {
            Some((from, x, y)) => {
                Some(connection.shm_get_image(from, x, y, width, height, !0, format, segment, 0).map_err(lost)?)
            }
            None => None,
        };
        connection.ungrab_server().map_err(lost)?;
        match picture.map(|picture| picture.reply()) {
            Some(Ok(_)) => {}
            None => slot.bytes_mut().fill(0),
            Some(Err(ReplyError::X11Error(error))) => {
                // The screen may have become smaller, and the event is still on its way.
                let lacks_image = asked.is_some_and(|asked| asked.is_for_image());
                if let (Some(pointer), true) = (&mut self.pointer, lacks_image) {
                    pointer.image_changed(self.area, monotonic_ns());
                }
                let before = self.area;
                self.look()?;
                self.changed_at = changed_at.or(self.changed_at);
                if self.missing_until.is_some() {
                    return Err(self.target.gone());
                }
                if self.area == before {
                    return Err(lost(ReplyError::X11Error(error)));
                }
                return Err(Error::Resized);
            }
            Some(Err(error)) => return Err(lost(error)),
        }
        if let (Some(pointer), Some(asked)) = (&mut self.pointer, asked) {
            pointer.answered(asked)?;
            pointer.draw(slot.bytes_mut(), layout, self.area);
        }
        Ok(())
    }
}
