//! The stream as it happens, for any number of readers.

use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use clipshot_media::{Chunk, LiveQueue};

use crate::locked::lock;
use crate::signal::Signal;

/// What may wait for one reader: several seconds at any usual bit rate.
const MAX_WAITING_BYTES: usize = 32 << 20;

/// All readers, and the chunks since the last keyframe for those who come later.
#[derive(Default)]
pub struct Live {
    state: Mutex<State>,
    skipped: Arc<AtomicU64>,
}

#[derive(Default)]
struct State {
    since_key: Vec<Chunk>,
    subscribers: Vec<Weak<Subscriber>>,
}

/// One reader. Dropping it ends the subscription.
pub struct Subscriber {
    queue: Mutex<LiveQueue>,
    signal: Signal,
    skipped_by_all: Arc<AtomicU64>,
}

impl Live {
    /// A reader that begins with the last keyframe.
    pub fn subscribe(&self) -> io::Result<Arc<Subscriber>> {
        let subscriber = Arc::new(Subscriber {
            queue: Mutex::new(LiveQueue::new(MAX_WAITING_BYTES)),
            signal: Signal::new()?,
            skipped_by_all: self.skipped.clone(),
        });
        let mut state = lock(&self.state);
        for chunk in &state.since_key {
            subscriber.push(chunk);
        }
        state.subscribers.push(Arc::downgrade(&subscriber));
        Ok(subscriber)
    }

    /// Gives a chunk to every reader.
    pub fn publish(&self, chunk: &Chunk) {
        let mut state = lock(&self.state);
        if chunk.meta.is_keyframe() {
            state.since_key.clear();
        }
        state.since_key.push(chunk.clone());
        state.subscribers.retain(|subscriber| match subscriber.upgrade() {
            Some(subscriber) => {
                subscriber.push(chunk);
                true
            }
            None => false,
        });
    }

    /// Wakes every reader, so that it sees the end.
    pub fn end(&self) {
        let mut state = lock(&self.state);
        state.since_key.clear();
        for subscriber in state.subscribers.drain(..).filter_map(|subscriber| subscriber.upgrade()) {
            subscriber.signal.raise();
        }
    }

    /// Chunks that all readers together, also former ones, had to leave out.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }
}

impl Subscriber {
    fn push(&self, chunk: &Chunk) {
        let mut queue = lock(&self.queue);
        let before = queue.skipped();
        if queue.push(chunk) {
            self.signal.raise();
        }
        self.skipped_by_all.fetch_add(queue.skipped() - before, Ordering::Relaxed);
    }

    /// Takes what waits.
    pub fn drain(&self) -> Vec<Chunk> {
        self.signal.clear();
        lock(&self.queue).drain()
    }

    /// Chunks that this reader had to leave out.
    pub fn skipped(&self) -> u64 {
        lock(&self.queue).skipped()
    }

    /// Readable while chunks wait, and at the end.
    pub fn descriptor(&self) -> RawFd {
        self.signal.descriptor()
    }
}
