//! Interrupts a capture thread that waits for its source.

use std::os::fd::OwnedFd;
use std::os::fd::{AsFd, BorrowedFd};

use clipshot_media::monotonic_ns;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io;

/// An eventfd that any thread may ring and the capture thread waits on beside its source.
#[derive(Debug)]
pub struct Waker {
    event: OwnedFd,
}

impl Waker {
    /// A waker nobody has rung. Fails when the process has no descriptor left.
    pub fn new() -> std::io::Result<Self> {
        let event = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { event })
    }

    /// Ends the wait that runs, or the next one.
    pub fn wake(&self) {
        // The only error of a non-blocking eventfd is a full counter, and then it is rung already.
        let _ = io::write(&self.event, &1u64.to_ne_bytes());
    }

    /// Sleeps until `deadline_ns` (CLOCK_MONOTONIC) or until rung.
    pub fn sleep_until(&self, deadline_ns: u64) {
        self.poll(None, deadline_ns);
    }

    /// Sleeps until `deadline_ns`, until rung, or until `source` can be read. Says whether `source` can.
    pub fn wait_for(&self, source: BorrowedFd<'_>, deadline_ns: u64) -> bool {
        self.poll(Some(source), deadline_ns)
    }

    /// Sleeps until `deadline_ns`, until rung, or until `other` is rung.
    pub fn wait_for_either(&self, other: &Self, deadline_ns: u64) {
        self.poll(Some(other.as_fd()), deadline_ns);
        let _ = io::read(&other.event, &mut [0u8; 8]);
    }

    fn poll(&self, source: Option<BorrowedFd<'_>>, deadline_ns: u64) -> bool {
        let left = deadline_ns.saturating_sub(monotonic_ns());
        let timeout = Timespec {
            tv_sec: i64::try_from(left / 1_000_000_000).unwrap_or(i64::MAX),
            tv_nsec: (left % 1_000_000_000) as _,
        };
        let own = PollFd::new(&self.event, PollFlags::IN);
        let readable = match source {
            Some(source) => {
                let mut both = [own, PollFd::from_borrowed_fd(source, PollFlags::IN)];
                // An interrupted wait looks like one that was rung: the caller looks around and waits again.
                let _ = poll(&mut both, Some(&timeout));
                !both[1].revents().is_empty()
            }
            None => {
                let _ = poll(&mut [own], Some(&timeout));
                false
            }
        };
        // Empties the counter; WouldBlock says that it was not rung.
        let _ = io::read(&self.event, &mut [0u8; 8]);
        readable
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const FAR: u64 = 60_000_000_000;

    #[test]
    fn a_ring_before_the_wait_ends_it_once() {
        let waker = Waker::new().unwrap();
        waker.wake();
        let start = monotonic_ns();
        waker.sleep_until(start + FAR);
        assert!(monotonic_ns() < start + FAR);
        let deadline = monotonic_ns() + 1_000_000;
        waker.sleep_until(deadline);
        assert!(monotonic_ns() >= deadline, "the ring is used up");
    }

    #[test]
    fn another_thread_ends_the_wait() {
        let waker = Arc::new(Waker::new().unwrap());
        let ringer = waker.clone();
        let start = monotonic_ns();
        let thread = std::thread::spawn(move || ringer.wake());
        waker.sleep_until(start + FAR);
        assert!(monotonic_ns() < start + FAR);
        thread.join().unwrap();
    }
}
