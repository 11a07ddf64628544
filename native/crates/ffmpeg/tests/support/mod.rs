//! A session with pictures that can be told apart, and a reader that tells them apart again.
// Each test binary uses a part of it; these are tests, though not in a function that clippy knows to be one.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic)]

pub mod aac;
pub mod clip;
pub mod picture;
pub mod session;
// One copy for both crates.
#[path = "../../../media/tests/support/small_fs.rs"]
pub mod small_fs;
pub mod still;
