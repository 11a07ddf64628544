//! Pictures from screens: a registry of backends, and above all of them the frame grid, the keep-alive and the counting.
//!
//! A backend is one implementation of [`Source`] and a few lines in [`registry`]; the `conformance` module has the
//! suite that it must pass.

mod capture_loop;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod frame;
mod push_source;
mod queue;
pub mod registry;
mod shared_memory;
mod slot;
pub mod sound;
mod source;
mod test_source;
pub mod testcard;
mod waker;
mod x11;

pub use capture_loop::{CaptureLoop, Control, Counters};
pub use error::{Error, Result};
pub use frame::{CpuImage, Frame, Image, Layout};
pub use push_source::{PushSource, PushedPicture};
pub use queue::{FrameQueue, FreeSlot};
pub use shared_memory::SharedMemory;
pub use slot::Slot;
pub use source::Source;
pub use test_source::{TestFormat, TestSource};
pub use waker::Waker;
pub use x11::X11Source;
