//! Hears inputs as long as it is asked to, whatever comes and goes meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::catalog::Catalog;
use super::connection::Connection;
use super::input::Recording;
use crate::Result;
use crate::sound::{DeviceId, SoundBackend, SoundEvent};

/// A server that is gone is looked for this often.
const SERVER_AGAIN: Duration = Duration::from_millis(500);
/// A device whose stream ended although the device seems to be there is tried again this often.
const DEVICE_AGAIN: Duration = Duration::from_secs(1);

/// A sound server by its address.
pub struct PulseServer {
    address: Option<String>,
}

/// An input and what it is recorded from.
struct Input<'a> {
    id: &'a DeviceId,
    recording: Option<Recording>,
    /// Whether the listener knows that there is nothing.
    told_absent: bool,
}

impl PulseServer {
    pub fn new(address: Option<String>) -> Self {
        Self { address }
    }

    /// Hears until `stop` or until the server is gone.
    fn hear(
        connection: &mut Connection,
        inputs: &mut [Input],
        stop: &AtomicBool,
        tell: &mut dyn FnMut(usize, SoundEvent),
    ) -> Result<()> {
        let mut look_again = Some(Instant::now());
        while !stop.load(Ordering::Acquire) && connection.is_alive() {
            if connection.take_changed() {
                look_again = Some(Instant::now());
            }
            if look_again.is_some_and(|at| at <= Instant::now()) {
                look_again = None;
                let catalog = Catalog::of(connection)?;
                for (index, input) in inputs.iter_mut().enumerate() {
                    input.follow(connection, &catalog, &mut |event| tell(index, event));
                }
            }
            connection.step()?;
            for (index, input) in inputs.iter_mut().enumerate() {
                if !input.step(&mut |event| tell(index, event)) {
                    look_again.get_or_insert(Instant::now() + DEVICE_AGAIN);
                }
            }
        }
        Ok(())
    }
}

impl SoundBackend for PulseServer {
    fn run(&mut self, inputs: &[DeviceId], stop: &AtomicBool, tell: &mut dyn FnMut(usize, SoundEvent)) -> Result<()> {
        let mut inputs: Vec<Input> =
            inputs.iter().map(|id| Input { id, recording: None, told_absent: false }).collect();
        while !stop.load(Ordering::Acquire) {
            if let Ok(mut connection) = Connection::open(self.address.as_deref()) {
                // An error is the server's end.
                let _ = Self::hear(&mut connection, &mut inputs, stop, tell);
                // Streams end before their connection does.
                inputs.iter_mut().for_each(|input| input.recording = None);
            }
            for (index, input) in inputs.iter_mut().enumerate() {
                input.absent(&mut |event| tell(index, event));
            }
            let again = Instant::now() + SERVER_AGAIN;
            while Instant::now() < again && !stop.load(Ordering::Acquire) {
                sleep(SERVER_AGAIN / 10);
            }
        }
        Ok(())
    }
}

impl Input<'_> {
    /// Records from where the device is now.
    fn follow(&mut self, connection: &mut Connection, catalog: &Catalog, tell: &mut dyn FnMut(SoundEvent)) {
        let target = catalog.target(self.id);
        if self.recording.as_ref().map(Recording::target) == target.as_ref() && target.is_some() {
            return;
        }
        self.recording = None;
        self.recording = target.and_then(|target| Recording::start(connection, target));
        if self.recording.is_none() {
            self.absent(tell);
        }
    }

    /// False when the stream has ended.
    fn step(&mut self, tell: &mut dyn FnMut(SoundEvent)) -> bool {
        let Some(recording) = &mut self.recording else { return true };
        let mut opened = false;
        let alive = recording.step(&mut |event| {
            opened |= event == SoundEvent::Opened;
            tell(event);
        });
        self.told_absent &= !opened;
        if !alive {
            self.recording = None;
            self.absent(tell);
        }
        alive
    }

    fn absent(&mut self, tell: &mut dyn FnMut(SoundEvent)) {
        if !std::mem::replace(&mut self.told_absent, true) {
            tell(SoundEvent::Absent);
        }
    }
}
