//! Threads that have a name and from which no panic escapes.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::failure::{Failure, Reason, Result};

/// How far work stands behind capture and the encoder of what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody waits for it, and it is soon done: it gives way, but is not starved.
    Second,
    /// It takes what nobody else wants.
    Last,
}

impl Priority {
    /// The nice value.
    fn nice(self) -> i32 {
        match self {
            Self::Second => 5,
            Self::Last => 15,
        }
    }
}

/// Starts a thread. A panic of `work` becomes a failure given to `on_failure`, as does an error.
///
/// # Errors
/// The system has no room for another thread.
pub fn spawn(
    name: &str,
    work: impl FnOnce() -> Result<()> + Send + 'static,
    on_failure: impl FnOnce(Failure) + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.into()).spawn(move || {
        if let Err(failure) = caught(work) {
            on_failure(failure);
        }
    })
}

/// Runs `work`; a panic in it becomes an INTERNAL failure.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // What the work shared with other threads is behind mutexes whose poison is ignored on purpose: see `locked`.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal(panic.as_ref())))
}

/// Lowers the priority of the calling thread and of all threads that it starts.
pub fn lower_priority(to: Priority) {
    // Never fails for a lower priority; if it did, the work would only be less considerate.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), to.nice());
}

fn internal(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::new(Reason::Internal, text.unwrap_or("a native thread panicked"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// What `on_failure` of a thread with this work was given.
    fn failure_of(work: impl FnOnce() -> Result<()> + Send + 'static) -> Option<Failure> {
        let (tell, told) = mpsc::channel();
        let thread = spawn("cs-test", work, move |failure| tell.send(failure).unwrap()).unwrap();
        thread.join().expect("no panic leaves the thread");
        told.try_recv().ok()
    }

    #[test]
    fn a_panic_becomes_an_internal_failure() {
        let failure = failure_of(|| panic!("picture {}", 7)).unwrap();
        assert_eq!((failure.reason, failure.message.as_str()), (Reason::Internal, "picture 7"));
        let failure = failure_of(|| panic!("no picture")).unwrap();
        assert_eq!((failure.reason, failure.message.as_str()), (Reason::Internal, "no picture"));
        let failure = failure_of(|| std::panic::panic_any(7)).unwrap();
        assert_eq!((failure.reason, failure.message.as_str()), (Reason::Internal, "a native thread panicked"));
    }

    #[test]
    fn an_error_is_handed_on_and_success_is_silent() {
        assert_eq!(failure_of(|| Err(Failure::closed())).map(|failure| failure.reason), Some(Reason::Closed));
        assert!(failure_of(|| Ok(())).is_none());
    }

    #[test]
    fn a_caught_call_answers_after_a_panic() {
        assert_eq!(caught(|| Ok(7)).unwrap(), 7);
        let failure = caught::<()>(|| panic!("no answer")).unwrap_err();
        assert_eq!((failure.reason, failure.reason.name()), (Reason::Internal, "INTERNAL"));
    }
}
