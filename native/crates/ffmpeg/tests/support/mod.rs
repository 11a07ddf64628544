//! A session with pictures that can be told apart, and a reader that tells them apart again.
#![allow(dead_code, missing_docs)] // each test binary uses a part of it

pub mod aac;
pub mod clip;
pub mod picture;
pub mod session;
