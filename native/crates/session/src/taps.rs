//! The ring of a running session, and asking the spine.

use std::path::Path;
use std::time::Duration;

use clipshot_media::{Ring, RingLimits, VIDEO_TIMESCALE};
use crossbeam_channel::bounded;

use crate::Shared;
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;
use crate::spine::Command;
use crate::stats::ring_off;

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

    /// Forgets what lies before `before` (session ticks), or everything; the ring goes on with a keyframe taken now then.
    ///
    /// # Errors
    /// RING_OFF.
    pub fn flush_ring(&self, before: Option<i64>) -> Result<()> {
        let ring = lock(&self.ring).clone().ok_or_else(ring_off)?;
        ring.forget(before);
        if ring.status().oldest_pts.is_none() && self.is_alive() {
            self.keyframe_now();
        }
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

    /// Sends a command and waits until it is done; a spine that has ended has let go of everything already.
    pub(crate) fn ask_spine(&self, command: impl FnOnce(crossbeam_channel::Sender<()>) -> Command) -> Result<()> {
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
