//! Starting and stopping ring and recording of a running session.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clipshot_media::{Ring, RingLimits, VIDEO_TIMESCALE};
use crossbeam_channel::bounded;

use crate::Shared;
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;
use crate::recording::Recording;
use crate::spine::Command;
use crate::stats::ring_off;

/// How long a caller waits for the first picture of a recording, and for the last packet before a stop.
const FIRST_PICTURE: Duration = Duration::from_secs(5);
const LAST_PACKET: Duration = Duration::from_millis(1500);
/// The spine answers between two packets.
const SPINE: Duration = Duration::from_secs(5);

/// Ring limits as callers give them: seconds above 0, and bytes with 0 for no limit.
pub fn limits(seconds: f64, max_bytes: u64) -> Result<RingLimits> {
    if !(seconds > 0.0 && seconds <= 86_400.0) {
        return Err(Failure::invalid("seconds", format!("{seconds} is not above 0 and up to 86400")));
    }
    let ticks = (seconds * f64::from(VIDEO_TIMESCALE)) as i64;
    Ok(RingLimits { ticks, bytes: if max_bytes == 0 { u64::MAX } else { max_bytes } })
}

impl Shared {
    /// Begins to buffer into `folder`, which is new or empty.
    pub fn start_ring(&self, folder: &Path, limits: RingLimits) -> Result<()> {
        let mut ring = lock(&self.ring);
        if ring.is_some() {
            return Err(Failure::new(Reason::AlreadyExists, "the session buffers already"));
        }
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        let (new, writer) = Ring::create(folder, self.init.clone(), limits)?;
        self.command(Command::AttachRing(writer))?;
        *ring = Some(new);
        drop(ring);
        self.keyframe_now();
        Ok(())
    }

    /// Changes the limits while buffering.
    ///
    /// # Errors
    /// RING_OFF.
    pub fn resize_ring(&self, limits: RingLimits) -> Result<()> {
        let ring = lock(&self.ring).clone().ok_or_else(ring_off)?;
        ring.set_limits(limits);
        Ok(())
    }

    /// Stops buffering; the folder goes unless it is to be kept.
    pub fn stop_ring(&self, keep: bool) -> Result<()> {
        let ring = lock(&self.ring).take().ok_or_else(ring_off)?;
        self.ask_spine(Command::DetachRing)?;
        if !keep {
            ring.remove()?;
        }
        Ok(())
    }

    /// Records into `path` from a keyframe taken now; returns when the file can be played.
    pub fn start_recording(self: &Arc<Self>, path: &Path) -> Result<()> {
        let recording = {
            let mut present = lock(&self.recording);
            if present.as_ref().is_some_and(|recording| !recording.has_failed()) {
                return Err(Failure::new(Reason::AlreadyRecording, "the session records already"));
            }
            if !self.is_alive() {
                return Err(Failure::closed());
            }
            let recording = Recording::start(path, &self.init, self)?;
            *present = Some(recording.clone());
            recording
        };
        let begun = self.command(Command::AttachRecording(recording.clone())).and_then(|()| {
            self.keyframe_now();
            recording.wait_playable(FIRST_PICTURE)
        });
        if let Err(failure) = begun {
            lock(&self.recording).take();
            // The file holds no picture.
            let _ = recording.finish();
            let _ = std::fs::remove_file(path);
            return Err(failure);
        }
        Ok(())
    }

    /// Ends the recording with the picture that was taken last.
    pub fn stop_recording(&self) -> Result<()> {
        let slot = self.counters.last_slot.load(Ordering::Acquire);
        let Some(recording) = lock(&self.recording).take() else {
            return Err(Failure::new(Reason::NotRecording, "the session does not record"));
        };
        self.wait_encoded(slot);
        self.wait_heard(self.ticks_of(slot + 1));
        self.ask_spine(Command::DetachRecording)?;
        recording
            .finish()
            .map_err(|failure| Failure::new(Reason::NotRecording, format!("the recording had ended: {failure}")))
    }

    /// Waits until the packet of a slot, or of a later one, has come out of the encoder.
    fn wait_encoded(&self, slot: i64) {
        let pts = self.ticks_of(slot);
        let deadline = Instant::now() + LAST_PACKET;
        while self.encoded.last_pts.load(Ordering::Acquire) < pts && self.is_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until all sound before a session time is on its way to the spine.
    fn wait_heard(&self, ticks: i64) {
        let Some(sound) = &self.sound else { return };
        let deadline = Instant::now() + LAST_PACKET;
        while !sound.is_sent(ticks) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends a command and waits until it is done; a spine that has ended has let go of everything already.
    fn ask_spine(&self, command: impl FnOnce(crossbeam_channel::Sender<()>) -> Command) -> Result<()> {
        let (done, wait) = bounded(1);
        if self.command(command(done)).is_err() {
            return Ok(());
        }
        match wait.recv_timeout(SPINE) {
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
                Err(Failure::new(Reason::Internal, "the session does not answer"))
            }
            _ => Ok(()),
        }
    }
}
