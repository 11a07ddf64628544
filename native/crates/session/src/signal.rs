//! A descriptor on which an event loop waits.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use rustix::event::{EventfdFlags, eventfd};

/// An eventfd: readable from [`Signal::raise`] until [`Signal::clear`].
#[derive(Debug)]
pub struct Signal {
    event: OwnedFd,
}

impl Signal {
    /// Not readable yet. Fails when no descriptor is left.
    pub fn new() -> io::Result<Self> {
        Ok(Self { event: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)? })
    }

    /// Makes the descriptor readable.
    pub fn raise(&self) {
        // The only error is a full counter, and then it is readable already.
        let _ = rustix::io::write(&self.event, &1u64.to_ne_bytes());
    }

    /// Makes it unreadable until the next [`Signal::raise`]. To be called before the data is taken.
    pub fn clear(&self) {
        // The only error is an empty counter.
        let _ = rustix::io::read(&self.event, &mut [0u8; 8]);
    }

    /// What an event loop waits on.
    pub fn descriptor(&self) -> RawFd {
        self.event.as_raw_fd()
    }
}
