//! The newest picture, for those who look at it beside the encoder.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use clipshot_ffmpeg::Nv12;
use clipshot_media::monotonic_ns;

use crate::locked::{lock, wait};

/// Longer than any wait; each ends earlier by a picture or a wake-up.
const FOREVER: Duration = Duration::from_secs(3600);

/// One place for one picture: a newer one takes it, and who puts one there never waits for who looks at it.
#[derive(Default)]
pub struct Newest {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    shown: Option<Shown>,
    closed: bool,
}

/// A picture of the session.
#[derive(Clone)]
pub struct Shown {
    /// In the size that is encoded.
    pub picture: Nv12,
    /// PTS in session ticks.
    pub pts: i64,
    /// When it was taken, CLOCK_MONOTONIC ns.
    pub taken_at: u64,
}

/// What somebody who looks on waits for.
pub enum Look {
    /// Nothing but the next picture, or to be woken.
    On,
    /// The picture that is there, at this time (CLOCK_MONOTONIC ns) even where no newer one has come.
    Again(u64),
    /// Nothing any more.
    Away,
}

/// What came of it.
pub enum Seen {
    /// A picture that was not there before.
    New(Shown),
    /// The one seen last.
    Same(Shown),
    /// No more pictures, or none wanted.
    End,
}

impl Newest {
    /// The picture, for a single look; none before the first and after the end.
    pub fn picture(&self) -> Option<Nv12> {
        lock(&self.state).shown.as_ref().map(|shown| shown.picture.clone())
    }

    pub fn put(&self, shown: Shown) {
        lock(&self.state).shown = Some(shown);
        self.changed.notify_all();
    }

    /// The end: the picture is let go.
    pub fn close(&self) {
        *lock(&self.state) = State { shown: None, closed: true };
        self.changed.notify_all();
    }

    /// Makes those who look on decide anew what they wait for.
    pub fn wake(&self) {
        // The lock is what makes sure that nobody is between deciding and waiting.
        let _state = lock(&self.state);
        self.changed.notify_all();
    }

    /// Waits for a picture later than `seen`, or for what `decide` says, which is asked again after each wake-up.
    pub fn look(&self, seen: Option<i64>, mut decide: impl FnMut() -> Look) -> Seen {
        let mut state = lock(&self.state);
        loop {
            let again_at = match decide() {
                Look::Away => return Seen::End,
                Look::On => None,
                Look::Again(at) => Some(at),
            };
            if state.closed {
                return Seen::End;
            }
            let mut patience = FOREVER;
            if let Some(shown) = &state.shown {
                if seen.is_none_or(|seen| shown.pts > seen) {
                    return Seen::New(shown.clone());
                }
                if let Some(at) = again_at {
                    patience = Duration::from_nanos(at.saturating_sub(monotonic_ns()));
                    if patience.is_zero() {
                        return Seen::Same(shown.clone());
                    }
                }
            }
            state = wait(&self.changed, state, patience);
        }
    }
}
