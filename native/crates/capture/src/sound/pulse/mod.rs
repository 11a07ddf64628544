//! PulseAudio, and PipeWire through its PulseAudio interface, by libpulse's asynchronous calls.

mod catalog;
mod connection;
mod input;
mod server;

use super::{AudioDevice, SoundBackend};
use crate::Result;
use catalog::Catalog;
use connection::Connection;
use server::PulseServer;

pub fn list_devices(server: Option<&str>) -> Result<Vec<AudioDevice>> {
    let mut connection = Connection::open(server)?;
    Ok(Catalog::of(&mut connection)?.devices())
}

pub fn open(server: Option<&str>) -> Result<Box<dyn SoundBackend>> {
    Connection::open(server)?;
    Ok(Box::new(PulseServer::new(server.map(str::to_owned))))
}
