//! cs-record and cs-sync: one file that grows with the stream and can be played at any moment.
//!
//! The spine never waits for the disk: chunks wait in a queue of bounded size. If the disk falls so far behind that the
//! queue is full, or does not keep what was written, the recording ends with what is in the file, and nothing else
//! suffers.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clipshot_media::{Chunk, InitSegment, RecordingWriter, Splice, Spliced, VIDEO_TRACK};

use crate::failure::{Failure, Reason, Result};
use crate::locked::{lock, wait};
use crate::threads;
use crate::{NoticeKind, Shared};

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

struct State {
    splice: Splice,
    waiting: VecDeque<Item>,
    waiting_bytes: usize,
    /// Whether the writer has an item in hand.
    writing: bool,
    /// No more chunks come.
    closed: bool,
    /// Why no more chunks come, where that was not asked for.
    given_up: Option<Failure>,
    /// The first chunk is in the file.
    playable: bool,
    /// All is written and synced, or has failed.
    outcome: Option<Result<()>>,
}

/// What the writer has to do.
enum Item {
    /// Append this.
    Piece(Spliced),
    /// Let the newest picture last until this time in the file.
    ExtendPicture(i64),
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Piece(Spliced::Chunk(chunk)) => chunk.bytes.len(),
            _ => 0,
        }
    }
}

impl Recording {
    /// Creates the file and starts the threads. Chunks are taken from the next keyframe on.
    pub fn start(path: &Path, init: &InitSegment, shared: &Arc<Shared>) -> Result<Arc<Self>> {
        let writer = RecordingWriter::create(path, init)?;
        let for_sync = writer.sync_handle()?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Without this a power cut could take the file's name.
        File::open(folder)?.sync_all()?;
        Self::start_threads(writer, for_sync, init, shared)
    }

    /// Starts the threads; `for_sync` is what is synced while the writer goes on.
    fn start_threads(
        writer: RecordingWriter,
        for_sync: File,
        init: &InitSegment,
        shared: &Arc<Shared>,
    ) -> Result<Arc<Self>> {
        let for_end = writer.sync_handle()?;
        let recording = Arc::new(Self {
            state: Mutex::new(State::new(init)),
            arrived: Condvar::new(),
            advanced: Condvar::new(),
            threads: Mutex::default(),
            bytes: AtomicU64::new(writer.size_bytes()),
            first_pts: AtomicI64::new(0),
            end_pts: AtomicI64::new(0),
        });
        let (syncing, failing) = (recording.clone(), recording.clone());
        let sync = threads::spawn("cs-sync", move || syncing.sync(&for_sync), move |failure| failing.give_up(failure))?;
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
        if state.closed {
            return false;
        }
        let mut pieces = VecDeque::new();
        if let Err(error) = state.splice.push(chunk, &mut pieces) {
            state.give_up(error.into());
        }
        for piece in pieces {
            state.add(Item::Piece(piece));
        }
        self.arrived.notify_one();
        !state.closed
    }

    /// Leaves out what comes after `at` (session ticks), but never a part of a picture.
    pub fn pause(&self, at: i64) {
        let mut state = lock(&self.state);
        if let Some(end) = state.splice.pause(at) {
            state.add(Item::ExtendPicture(end));
            self.arrived.notify_one();
        }
    }

    /// Goes on with the next keyframe.
    pub fn resume(&self) {
        lock(&self.state).splice.resume();
    }

    /// Whether pictures go into the file: not before the first keyframe, and not while paused.
    pub fn is_open(&self) -> bool {
        lock(&self.state).splice.is_open()
    }

    /// Whether it has begun and leaves out what comes.
    pub fn is_paused(&self) -> bool {
        let state = lock(&self.state);
        state.playable && !state.splice.is_open() && !state.closed
    }

    /// Whether the sound of all pictures in the file has come.
    pub fn has_all_sound(&self) -> bool {
        lock(&self.state).splice.has_all_sound()
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

    /// Waits until all that came so far is in the file.
    ///
    /// # Errors
    /// The recording failed, or the disk is too slow.
    pub fn wait_written(&self, timeout: Duration) -> Result<()> {
        let state =
            self.wait_until(timeout, |state| (state.waiting.is_empty() && !state.writing) || state.outcome.is_some());
        match &state.outcome {
            Some(Err(failure)) => Err(failure.clone()),
            _ if state.waiting.is_empty() => Ok(()),
            _ => Err(Failure::new(Reason::Io, "the disk is too slow for the recording")),
        }
    }

    /// Waits until the recording has gone on with a picture.
    ///
    /// # Errors
    /// Why it has not: it failed, or no picture came.
    pub fn wait_open(&self, timeout: Duration) -> Result<()> {
        let state = self.wait_until(timeout, |state| state.splice.is_open() || state.closed);
        match (&state.outcome, state.splice.is_open()) {
            (Some(Err(failure)), _) => Err(failure.clone()),
            (_, true) => Ok(()),
            _ => Err(Failure::new(Reason::Io, "no picture came for the recording")),
        }
    }

    /// Waits until somebody has closed it and all is written.
    pub fn wait_ended(&self, timeout: Duration) {
        drop(self.wait_until(timeout, |state| state.outcome.is_some()));
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
        while let Some(item) = self.next() {
            match &item {
                Item::Piece(Spliced::Chunk(chunk)) => {
                    writer.append(chunk)?;
                    if chunk.meta.track == VIDEO_TRACK {
                        self.grew(chunk.meta.pts, chunk.meta.end());
                    }
                }
                Item::Piece(Spliced::Mark(mark)) => writer.mark(*mark)?,
                Item::ExtendPicture(end) => {
                    writer.extend_last_picture(*end)?;
                    self.end_pts.fetch_max(*end, Ordering::Relaxed);
                }
            }
            self.bytes.store(writer.size_bytes(), Ordering::Relaxed);
            let mut state = lock(&self.state);
            state.waiting_bytes -= item.bytes();
            state.writing = false;
            let is_first = !state.playable && matches!(item, Item::Piece(_));
            state.playable |= is_first;
            if is_first || state.waiting.is_empty() {
                self.advanced.notify_all();
            }
        }
        let synced = file.sync_all().map_err(Failure::from);
        let given_up = lock(&self.state).given_up.clone();
        // What came first explains what comes after it.
        given_up.map_or(synced, Err)?;
        self.end(Ok(()));
        Ok(())
    }

    /// A picture is in the file.
    fn grew(&self, pts: i64, end: i64) {
        if self.end_pts.load(Ordering::Relaxed) == 0 {
            self.first_pts.store(pts, Ordering::Relaxed);
        }
        self.end_pts.store(end, Ordering::Relaxed);
    }

    /// Takes no more chunks and leaves out those that wait; the writer ends the recording with this failure.
    fn give_up(&self, failure: Failure) {
        let mut state = lock(&self.state);
        state.give_up(failure);
        state.waiting.clear();
        self.arrived.notify_one();
    }

    fn next(&self) -> Option<Item> {
        let mut state = lock(&self.state);
        loop {
            if let Some(item) = state.waiting.pop_front() {
                state.writing = true;
                return Some(item);
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

    /// Syncs what was written until all is over.
    ///
    /// A failure is final: the kernel reports it once and may have dropped the data, so that a later sync which works
    /// would say nothing about them.
    fn sync(&self, file: &File) -> Result<()> {
        let mut synced = 0;
        loop {
            let over = self.wait_until(SYNC_EVERY, |state| state.outcome.is_some()).outcome.is_some();
            if over {
                return Ok(());
            }
            let written = self.bytes();
            if written != synced {
                file.sync_data()?;
                synced = written;
            }
        }
    }

    fn wait_until(&self, timeout: Duration, done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let deadline = Instant::now() + timeout;
        let mut state = lock(&self.state);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if done(&state) || left.is_zero() {
                return state;
            }
            state = wait(&self.advanced, state, left);
        }
    }
}

impl State {
    fn new(init: &InitSegment) -> Self {
        Self {
            splice: Splice::new(init),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            writing: false,
            closed: false,
            given_up: None,
            playable: false,
            outcome: None,
        }
    }

    fn add(&mut self, item: Item) {
        if self.waiting_bytes + item.bytes() > MAX_WAITING_BYTES {
            self.give_up(Failure::new(Reason::Io, "the disk is too slow for the recording"));
        } else if !self.closed {
            self.waiting_bytes += item.bytes();
            self.waiting.push_back(item);
        }
    }

    fn give_up(&mut self, failure: Failure) {
        self.closed = true;
        self.given_up.get_or_insert(failure);
    }
}

#[cfg(test)]
#[path = "recording_tests.rs"]
mod tests;
