//! Starting, pausing, splitting and stopping the recording of a running session.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clipshot_media::monotonic_ns;

use crate::Shared;
use crate::failure::{Failure, Reason, Result};
use crate::locked::lock;
use crate::recording::Recording;
use crate::sound::Sound;
use crate::spine::Command;

/// How long a caller waits for the first picture of a recording, and for the last packet before a stop.
const FIRST_PICTURE: Duration = Duration::from_secs(5);
const LAST_PACKET: Duration = Duration::from_millis(1500);
/// How long a split waits for the sound of the old file: on a still screen the spine gives it up with the next picture.
const LAST_SOUND: Duration = Duration::from_secs(2);
/// How long a pause waits for the disk.
const DISK: Duration = Duration::from_secs(10);

/// Each call finds the recording as the one before it left it.
impl Shared {
    /// Records into `path` from a keyframe taken now; returns when the file can be played.
    pub fn start_recording(self: &Arc<Self>, path: &Path) -> Result<()> {
        let _one_at_a_time = lock(&self.recording_calls);
        if self.present_recording().is_some_and(|recording| !recording.has_failed()) {
            return Err(Failure::new(Reason::AlreadyRecording, "the session records already"));
        }
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        let recording = Recording::start(path, &self.init, self)?;
        *lock(&self.recording) = Some(recording.clone());
        let begun = self.command(Command::AttachRecording(recording.clone())).and_then(|()| {
            self.keyframe_now();
            recording.wait_playable(FIRST_PICTURE)
        });
        if let Err(failure) = begun {
            lock(&self.recording).take();
            discard(&recording, path);
            return Err(failure);
        }
        Ok(())
    }

    /// Ends the recording with the picture that was taken last.
    pub fn stop_recording(&self) -> Result<()> {
        let slot = self.counters.last_slot.load(Ordering::Acquire);
        let _one_at_a_time = lock(&self.recording_calls);
        let recording = lock(&self.recording).take().ok_or_else(not_recording)?;
        self.wait_encoded(slot);
        let end = self.ticks_of(slot + 1);
        self.wait_for_sound(|sound| sound.is_sent(end));
        self.ask_spine(Command::DetachRecording)?;
        recording
            .finish()
            .map_err(|failure| Failure::new(Reason::NotRecording, format!("the recording had ended: {failure}")))
    }

    /// Leaves out of the recording what comes from now on, until it is resumed; returns when all before is in the file.
    /// Does nothing while it is paused.
    pub fn pause_recording(&self) -> Result<()> {
        let (now, slot) = (monotonic_ns(), self.counters.last_slot.load(Ordering::Acquire));
        let _one_at_a_time = lock(&self.recording_calls);
        let recording = self.running_recording()?;
        if recording.is_open() {
            self.wait_encoded(slot);
            // A picture that stood still lasts until the pause; what follows stays on the grid.
            let at = self.ticks_of(self.slot_at(now));
            self.ask_spine(|done| Command::PauseRecording(at, done))?;
            self.wait_for_sound(|_| recording.has_all_sound());
        }
        recording.wait_written(DISK)
    }

    /// Goes on with a keyframe taken now; returns when it has come. Does nothing unless the recording is paused.
    pub fn resume_recording(&self) -> Result<()> {
        let _one_at_a_time = lock(&self.recording_calls);
        let recording = self.running_recording()?;
        if recording.is_open() {
            return Ok(());
        }
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        recording.resume();
        self.keyframe_now();
        recording.wait_open(FIRST_PICTURE)
    }

    /// Whether there is a recording that is paused.
    pub fn is_recording_paused(&self) -> bool {
        self.present_recording().is_some_and(|recording| recording.is_paused())
    }

    /// Goes on in a new file from a keyframe taken now. Returns when that can be played and the old file is whole and
    /// synced. Neither lacks a picture, and none is in both.
    pub fn split_recording(self: &Arc<Self>, path: &Path) -> Result<()> {
        let _one_at_a_time = lock(&self.recording_calls);
        let old = self.running_recording()?;
        if old.is_paused() {
            return Err(Failure::new(Reason::NotRecording, "the recording is paused; resume it, then split it"));
        }
        if !self.is_alive() {
            return Err(Failure::closed());
        }
        let next = Recording::start(path, &self.init, self)?;
        let begun = self.command(Command::SplitRecording(next.clone())).and_then(|()| {
            self.keyframe_now();
            next.wait_playable(FIRST_PICTURE)
        });
        if let Err(failure) = begun {
            let cancelled = self.ask_spine(Command::CancelSplit);
            // It may have come at the last moment.
            if next.wait_playable(Duration::ZERO).is_err() {
                discard(&next, path);
                return Err(cancelled.err().unwrap_or(failure));
            }
        }
        *lock(&self.recording) = Some(next);
        // Its last sound comes a little later than its pictures; the spine closes it then.
        old.wait_ended(LAST_SOUND);
        old.finish()
    }

    fn present_recording(&self) -> Option<Arc<Recording>> {
        lock(&self.recording).clone()
    }

    fn running_recording(&self) -> Result<Arc<Recording>> {
        self.present_recording().filter(|recording| !recording.has_failed()).ok_or_else(not_recording)
    }

    /// Waits until the packet of a slot, or of a later one, has come out of the encoder.
    fn wait_encoded(&self, slot: i64) {
        let pts = self.ticks_of(slot);
        let deadline = Instant::now() + LAST_PACKET;
        while self.encoded.last_pts.load(Ordering::Acquire) < pts && self.is_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for sound, which comes later than its pictures, where there is any.
    fn wait_for_sound(&self, done: impl Fn(&Sound) -> bool) {
        let Some(sound) = &self.sound else { return };
        let deadline = Instant::now() + LAST_PACKET;
        while !done(sound) && !sound.is_over() && self.is_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn not_recording() -> Failure {
    Failure::new(Reason::NotRecording, "the session does not record")
}

/// Takes back a recording in whose file there is no picture.
fn discard(recording: &Recording, path: &Path) {
    let _ = recording.finish();
    let _ = std::fs::remove_file(path);
}
