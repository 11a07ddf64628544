//! What the threads of a session and its callers share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use clipshot_capture::{Control, Counters};
use clipshot_ffmpeg::Nv12;
use clipshot_media::{Clock, InitSegment, Ring, VIDEO_TIMESCALE};
use crossbeam_channel::Sender;

use super::live::Live;
use super::notices::Notices;
use super::recording::Recording;
use super::spine::Command;
use super::window::Window;
use crate::failure::Failure;
use crate::locked::lock;

/// A running or ended session.
pub struct Shared {
    pub clock: Clock,
    pub fps: u32,
    /// Size of the encoded pictures.
    pub width: u32,
    pub height: u32,
    pub init: InitSegment,
    pub control: Arc<Control>,
    pub counters: Arc<Counters>,
    pub encoded: Encoded,
    pub live: Live,
    pub notices: Notices,
    pub commands: Sender<Command>,
    pub ring: Mutex<Option<Arc<Ring>>>,
    pub recording: Mutex<Option<Arc<Recording>>>,
    pub threads: Mutex<Vec<JoinHandle<()>>>,
    /// Until the spine has handed out everything.
    pub alive: AtomicBool,
}

/// What the encoder has done, and what is asked of it.
#[derive(Default)]
pub struct Encoded {
    pub frames: AtomicU64,
    pub bytes: AtomicU64,
    /// Pictures that the encoder did not take.
    pub dropped: AtomicU64,
    /// PTS of the newest packet.
    pub last_pts: std::sync::atomic::AtomicI64,
    /// The next picture has to be a keyframe.
    pub force_key: AtomicBool,
    /// The newest picture, for previews.
    pub newest: Mutex<Option<Nv12>>,
    pub window: Mutex<Window>,
}

impl Shared {
    /// PTS of a slot in session ticks, rounded to the nearest as the encoder does.
    pub fn ticks_of(&self, slot: i64) -> i64 {
        let (slot, fps) = (i128::from(slot), i128::from(self.fps));
        let ticks = (slot * i128::from(VIDEO_TIMESCALE) * 2 + fps).div_euclid(2 * fps);
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }

    /// The next picture is a keyframe and is taken at once, also from a still screen.
    pub fn keyframe_now(&self) {
        self.encoded.force_key.store(true, Ordering::Release);
        self.control.picture_now();
    }

    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Sends the spine a command; CLOSED when the session is over.
    pub fn command(&self, command: Command) -> Result<(), Failure> {
        self.commands.send(command).map_err(|_| Failure::closed())
    }

    /// Reports something on the session's own behalf.
    pub fn notify(&self, kind: super::NoticeKind, detail: impl Into<String>) {
        self.notices.post(kind, detail.into(), self.clock.ticks_at(clipshot_media::monotonic_ns()));
    }

    /// Ends capture, drains the encoder, closes the files and joins all threads. May be called more than once.
    pub fn stop(&self) {
        self.control.stop();
        // Held while joining, so that a second caller returns no sooner than the first.
        for thread in lock(&self.threads).drain(..) {
            // A panic has become a notice already.
            let _ = thread.join();
        }
        let recording = lock(&self.recording).clone();
        if let Some(recording) = recording {
            // A failure has become a notice already.
            let _ = recording.finish();
        }
    }
}
