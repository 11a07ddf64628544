//! Rust that FFmpeg calls.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of a callback; a panic in it becomes an error, because it must not pass through C and would end the
/// process at its edge.
///
/// What the body was changing is used afterwards only to report the failure and to be dropped.
pub(crate) fn caught<T>(body: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(io::Error::other("a panic in a callback of FFmpeg")))
}
