//! Where the pointer is and whether its part of the picture is out of date.

use x11rb::cookie::Cookie;
use x11rb::protocol::xfixes::{self, ConnectionExt as _, GetCursorImageReply};
use x11rb::protocol::xinput::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, QueryPointerReply};
use x11rb::rust_connection::RustConnection;

use super::area::Area;
use super::cursor::CursorImage;
use super::display::{Display, lost};
use crate::{Layout, Result};

/// Programs can move the pointer without any event, so its position is asked for this often while it is drawn.
const ASK_EVERY_NS: u64 = 100_000_000;
/// XInput2's name for "all master devices".
const ALL_MASTER_DEVICES: u16 = 1;

/// State of a drawn pointer.
#[derive(Debug)]
pub struct Pointer {
    image: CursorImage,
    position: (i32, i32),
    image_outdated: bool,
    asked_at: u64,
    moved_at: Option<u64>,
}

/// Requests that are under way; their replies belong to the picture that is being taken.
pub struct Asked<'a> {
    image: Option<Cookie<'a, RustConnection, GetCursorImageReply>>,
    position: Cookie<'a, RustConnection, QueryPointerReply>,
}

impl Asked<'_> {
    /// Whether the pointer's picture was asked for, which nobody will have now: it has to be asked for again.
    pub fn is_for_image(&self) -> bool {
        self.image.is_some()
    }
}

impl Pointer {
    /// Selects the events of the pointer. Without XInput2 the position is only asked for.
    pub fn watch(display: &Display) -> Result<Self> {
        select(display, xfixes::CursorNotifyMask::DISPLAY_CURSOR, vec![xinput::XIEventMask::RAW_MOTION])?;
        Ok(Self { image: CursorImage::default(), position: (0, 0), image_outdated: true, asked_at: 0, moved_at: None })
    }

    /// Selects no events any more.
    pub fn ignore(display: &Display) -> Result<()> {
        select(display, xfixes::CursorNotifyMask::default(), vec![])
    }

    /// When the oldest change of the pointer happened that no picture shows.
    pub fn moved_at(&self) -> Option<u64> {
        self.moved_at
    }

    /// When the position is to be asked for next.
    pub fn ask_at(&self) -> u64 {
        self.asked_at + ASK_EVERY_NS
    }

    /// The pointer has another picture.
    pub fn image_changed(&mut self, area: Area, now: u64) {
        self.image_outdated = true;
        if self.image.shows_in(area, self.position) {
            self.moved_at.get_or_insert(now);
        }
    }

    /// Asks where the pointer is, and notes whether that changes the picture of `area`.
    pub fn look(&mut self, display: &Display, area: Area, now: u64) -> Result<()> {
        self.asked_at = now;
        let reply = display.connection.query_pointer(display.screen.root).map_err(lost)?.reply().map_err(lost)?;
        let position = (i32::from(reply.root_x), i32::from(reply.root_y));
        let shows = self.image.shows_in(area, position) || self.image.shows_in(area, self.position);
        if position != self.position && shows {
            self.moved_at.get_or_insert(now);
        }
        Ok(())
    }

    /// Sends the requests for a new picture without waiting.
    pub fn ask<'a>(&mut self, display: &'a Display, now: u64) -> Result<Asked<'a>> {
        let connection = &display.connection;
        self.asked_at = now;
        self.moved_at = None;
        let image = if self.image_outdated { Some(connection.xfixes_get_cursor_image().map_err(lost)?) } else { None };
        self.image_outdated = false;
        Ok(Asked { image, position: connection.query_pointer(display.screen.root).map_err(lost)? })
    }

    /// Takes the replies.
    pub fn answered(&mut self, asked: Asked<'_>) -> Result<()> {
        if let Some(image) = asked.image {
            self.image = image.reply().map_err(lost)?.into();
        }
        let position = asked.position.reply().map_err(lost)?;
        self.position = (i32::from(position.root_x), i32::from(position.root_y));
        Ok(())
    }

    /// Draws the pointer into a picture of `area`.
    pub fn draw(&self, picture: &mut [u8], layout: Layout, area: Area) {
        self.image.draw(picture, layout, area, self.position);
    }
}

fn select(display: &Display, image: xfixes::CursorNotifyMask, motion: Vec<xinput::XIEventMask>) -> Result<()> {
    let connection = &display.connection;
    let root = display.screen.root;
    connection.xfixes_select_cursor_input(root, image).map_err(lost)?;
    let version = connection.xinput_xi_query_version(2, 2);
    if version.is_ok_and(|version| version.reply().is_ok()) {
        let mask = if motion.is_empty() { vec![xinput::XIEventMask::default()] } else { motion };
        let mask = [xinput::EventMask { deviceid: ALL_MASTER_DEVICES, mask }];
        connection.xinput_xi_select_events(root, &mask).map_err(lost)?.check().map_err(lost)?;
    }
    Ok(())
}
