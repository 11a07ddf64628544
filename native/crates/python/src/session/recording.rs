//! cs-record and cs-sync: one file that grows with the stream and can be played at any moment.
//!
//! The spine never waits for the disk: chunks wait in a queue of bounded size. If the disk falls so far behind that the
//! queue is full, the recording ends (IO) with what was written, and nothing else suffers.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use clipshot_media::{Chunk, InitSegment, RecordingWriter};

use super::{NoticeKind, Shared};
use crate::failure::{Failure, Reason, Result};
use crate::locked::{lock, wait};
use crate::threads;

/// What may wait for the disk: half a minute at 20 Mbit/s.
const MAX_WAITING_BYTES: usize = 64 << 20;
/// The most that a power cut may cost of a recording.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// A recording, running or over.
pub struct Recording {
    state: Mutex<State>,
    /// Chunks came or the queue was closed: for the writer.
    arrived: Condvar,
    /// The first picture was written, or all was: for those who wait for that.
    advanced: Condvar,
    threads: Mutex<Vec<JoinHandle<()>>>,
    bytes: AtomicU64,
    first_pts: AtomicI64,
    end_pts: AtomicI64,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Chunk>,
    waiting_bytes: usize,
    /// A keyframe has been seen; chunks before it are not recorded.
    begun: bool,
    /// No more chunks come.
    closed: bool,
    /// The first chunk is in the file.
    playable: bool,
    /// All is written and synced, or has failed.
    outcome: Option<Result<()>>,
}

impl Recording {
    /// Creates the file and starts the threads. Chunks are taken from the next keyframe on.
    pub fn start(path: &Path, init: &InitSegment, shared: &Arc<Shared>) -> Result<Arc<Self>> {
        let writer = RecordingWriter::create(path, init)?;
        let (for_sync, for_end) = (writer.sync_handle()?, writer.sync_handle()?);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Without this a power cut could take the file's name.
        File::open(folder)?.sync_all()?;
        let recording = Arc::new(Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            advanced: Condvar::new(),
            threads: Mutex::default(),
            bytes: AtomicU64::new(writer.size_bytes()),
            first_pts: AtomicI64::new(0),
            end_pts: AtomicI64::new(0),
        });
        let syncing = recording.clone();
        let sync = threads::spawn(
            "cs-sync",
            move || {
                syncing.sync(&for_sync);
                Ok(())
            },
            |_| (),
        )?;
        lock(&recording.threads).push(sync);
        let (writing, failing, shared) = (recording.clone(), recording.clone(), Arc::downgrade(shared));
        let record = threads::spawn(
            "cs-record",
            move || writing.write(writer, &for_end),
            move |failure| {
                if let Some(shared) = shared.upgrade() {
                    shared.notify(NoticeKind::RecordingFailed, failure.reason.name());
                }
                failing.end(Err(failure));
            },
        );
        match record {
            Ok(record) => lock(&recording.threads).push(record),
            Err(error) => {
                recording.end(Err(error.into()));
                return Err(Failure::new(Reason::Io, "no thread can be started"));
            }
        }
        Ok(recording)
    }

    /// Adds a chunk; false when the recording takes no more.
    pub fn push(&self, chunk: &Chunk) -> bool {
        let mut state = lock(&self.state);
        state.begun |= chunk.meta.is_keyframe();
        if state.closed || !state.begun {
            return !state.closed;
        }
        if state.waiting_bytes + chunk.bytes.len() > MAX_WAITING_BYTES {
            let behind = Failure::new(Reason::Io, "the disk is too slow for the recording");
            state.closed = true;
            state.outcome.get_or_insert(Err(behind));
        } else {
            state.waiting_bytes += chunk.bytes.len();
            state.waiting.push_back(chunk.clone());
        }
        self.arrived.notify_one();
        !state.closed
    }

    /// No more chunks come: what waits is written, then the file is synced.
    pub fn close(&self) {
        lock(&self.state).closed = true;
        self.arrived.notify_one();
    }

    /// Waits until the first picture is in the file.
    ///
    /// # Errors
    /// Why there is none: the recording failed, or no picture came.
    pub fn wait_playable(&self, timeout: Duration) -> Result<()> {
        let state = self.wait_until(timeout, |state| state.playable || state.outcome.is_some());
        match &state.outcome {
            Some(Err(failure)) => Err(failure.clone()),
            _ if state.playable => Ok(()),
            _ => Err(Failure::new(Reason::Io, "no picture came for the recording")),
        }
    }

    /// Closes, waits until all is written and synced, and joins the threads.
    ///
    /// # Errors
    /// Why the recording failed. What is in the file plays.
    pub fn finish(&self) -> Result<()> {
        self.close();
        // Held while joining, so that a second caller returns no sooner than the first.
        for thread in lock(&self.threads).drain(..) {
            // A panic has become an outcome already.
            let _ = thread.join();
        }
        lock(&self.state).outcome.clone().unwrap_or(Ok(()))
    }

    /// Whether it ended by itself.
    pub fn has_failed(&self) -> bool {
        matches!(lock(&self.state).outcome, Some(Err(_)))
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Session time that is in the file.
    pub fn ticks(&self) -> i64 {
        self.end_pts.load(Ordering::Relaxed) - self.first_pts.load(Ordering::Relaxed)
    }

    fn write(&self, mut writer: RecordingWriter, file: &File) -> Result<()> {
        while let Some(chunk) = self.next() {
            writer.append(&chunk)?;
            self.bytes.store(writer.size_bytes(), Ordering::Relaxed);
            if chunk.meta.track == clipshot_media::VIDEO_TRACK {
                if self.end_pts.load(Ordering::Relaxed) == 0 {
                    self.first_pts.store(chunk.meta.pts, Ordering::Relaxed);
                }
                self.end_pts.store(chunk.meta.end(), Ordering::Relaxed);
            }
            let mut state = lock(&self.state);
            state.waiting_bytes -= chunk.bytes.len();
            if !state.playable {
                state.playable = true;
                self.advanced.notify_all();
            }
        }
        file.sync_all()?;
        // The outcome is a failure already if the queue was full.
        let failure = lock(&self.state).outcome.clone();
        match failure {
            Some(Err(failure)) => Err(failure),
            _ => {
                self.end(Ok(()));
                Ok(())
            }
        }
    }

    fn next(&self) -> Option<Chunk> {
        let mut state = lock(&self.state);
        loop {
            if let Some(chunk) = state.waiting.pop_front() {
                return Some(chunk);
            }
            if state.closed {
                return None;
            }
            state = wait(&self.arrived, state, SYNC_EVERY);
        }
    }

    fn end(&self, outcome: Result<()>) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.waiting.clear();
        state.outcome.get_or_insert(outcome);
        self.advanced.notify_all();
    }

    fn sync(&self, file: &File) {
        let mut synced = 0;
        loop {
            let over = self.wait_until(SYNC_EVERY, |state| state.outcome.is_some()).outcome.is_some();
            if over {
                return;
            }
            let written = self.bytes();
            // A disk that cannot sync says so to the writer too; the bytes may still reach it.
            if written != synced && file.sync_data().is_ok() {
                synced = written;
            }
        }
    }

    fn wait_until(&self, timeout: Duration, done: impl Fn(&State) -> bool) -> std::sync::MutexGuard<'_, State> {
        let deadline = std::time::Instant::now() + timeout;
        let mut state = lock(&self.state);
        loop {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            if done(&state) || left.is_zero() {
                return state;
            }
            state = wait(&self.advanced, state, left);
        }
    }
}
