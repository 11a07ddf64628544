//! cs-capture: takes pictures until stopped or until the source is gone.

use std::sync::Arc;

use clipshot_capture::{CaptureLoop, FrameQueue};

use crate::failure::{Failure, Result};
use crate::{NoticeKind, Shared};

/// Runs the loop. The queue is closed at the end, also after an error.
pub fn run(capture: CaptureLoop) -> Result<()> {
    capture.run().map_err(Failure::from)
}

/// What a failure of the thread means for the session: the stream is drained and ends.
pub fn failed(shared: &Shared, frames: &Arc<FrameQueue>, failure: Failure) {
    frames.close();
    shared.notify(NoticeKind::SourceLost, failure.message);
}
