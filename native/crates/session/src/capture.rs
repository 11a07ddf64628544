//! cs-capture: takes pictures until stopped or until the source is gone.

use std::sync::Arc;

use clipshot_capture::{CaptureLoop, FrameQueue};

use crate::failure::{Failure, Result};
use crate::{NoticeKind, Shared};

/// Runs the loop, and closes the queue at its end.
pub fn run(capture: CaptureLoop) -> Result<()> {
    let frames = capture.frames.clone();
    capture.run().map_err(Failure::from)?;
    frames.close();
    Ok(())
}

/// What a failure of the thread means for the session: the stream is drained and ends.
pub fn failed(shared: &Shared, frames: &Arc<FrameQueue>, failure: Failure) {
    // Before the end: that is the last notice.
    shared.notify(NoticeKind::SourceLost, failure.message);
    frames.close();
}
