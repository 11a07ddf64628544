//! Threads that have a name and from which no panic escapes.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::failure::{Failure, Reason};

/// Nice value of work that must not take the processor from capture and encoder.
const LOW_PRIORITY: i32 = 15;

/// Starts a thread. A panic of `work` becomes a failure given to `on_failure`, as does an error.
pub fn spawn(
    name: &str,
    work: impl FnOnce() -> Result<(), Failure> + Send + 'static,
    on_failure: impl FnOnce(Failure) + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.into()).spawn(move || {
        if let Err(failure) = caught(work) {
            on_failure(failure);
        }
    })
}

/// Runs `work`; a panic in it becomes an INTERNAL failure.
pub fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // What the work shared with other threads is behind mutexes whose poison is ignored on purpose: see `locked`.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal(panic.as_ref())))
}

/// Lowers the priority of the calling thread and of all threads that it starts.
pub fn lower_priority() {
    // Never fails for a lower priority; if it did, the work would only be less considerate.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LOW_PRIORITY);
}

fn internal(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::new(Reason::Internal, text.unwrap_or("a native thread panicked"))
}
