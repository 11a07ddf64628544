//! What a capture backend has to do.

use crate::{Layout, Result, Slot, Waker};

/// Something that can be captured, opened by a backend.
///
/// A backend says when it changed and fills a slot, nothing more: rate, PTS, keep-alive, dropping and counting are
/// done once, above all backends ([`crate::CaptureLoop`]). All methods are called from one thread, which may be
/// another than the one that opened the source.
pub trait Source: Send {
    /// Size of the picture that was taken last, or of the next one before the first and after [`crate::Error::Resized`].
    fn layout(&self) -> Layout;

    /// Makes the memory for `count` pictures of the present size. Called before the first picture, and again after
    /// [`crate::Error::Resized`]: only slots of the last call are filled from then on.
    ///
    /// # Errors
    /// When memory or the connection to the source is not there.
    fn make_slots(&mut self, count: usize) -> Result<Vec<Slot>>;

    /// Waits for a change until `deadline_ns` (CLOCK_MONOTONIC) or until `waker` is rung; at once when there is a
    /// change already. May return early without one.
    ///
    /// # Errors
    /// [`crate::Error::SourceLost`] when there will be no more pictures.
    fn wait(&mut self, deadline_ns: u64, waker: &Waker) -> Result<()>;

    /// When the oldest change that no picture shows yet happened, CLOCK_MONOTONIC ns; none when nothing changed since
    /// the last picture. A new source has changed.
    fn changed(&self) -> Option<u64>;

    /// Whether the mouse pointer is part of the pictures from now on. A source without one does nothing.
    ///
    /// # Errors
    /// [`crate::Error::SourceLost`].
    fn set_draw_cursor(&mut self, _on: bool) -> Result<()> {
        Ok(())
    }

    /// Puts the present picture into `slot`. A change that comes after the picture was read is a new change; one
    /// that the picture shows is never reported again.
    ///
    /// # Errors
    /// [`crate::Error::Resized`] when pictures have another size now than the slots: they are to be made anew, and the
    /// picture, which is still a new one, taken into one of these. [`crate::Error::SourceLost`].
    fn fill(&mut self, slot: &mut Slot) -> Result<()>;
}
