//! Making a plain MP4 of a recording.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use clipshot_media::{Error as MediaError, StartRule, recover_recording};

use crate::{Result, SaveRequest, SaveResult, save};

/// Writes a plain MP4 with everything that a recording (initialisation segment and chunks, possibly torn at the
/// end) holds from its first keyframe on. The recording is kept; nothing is re-encoded.
///
/// `fps` is the session's; `progress` and `cancel` are as in [`SaveRequest`].
///
/// # Errors
/// [`crate::Error::Media`] when the recording has no whole initialisation segment or no keyframe; otherwise as
/// [`save`].
pub fn finish_recording(
    recording: &Path,
    target: &Path,
    fps: u32,
    progress: &mut dyn FnMut(f32),
    cancel: &AtomicBool,
) -> Result<SaveResult> {
    let footage = recover_recording(recording)?;
    let span = footage.picture_span().ok_or(MediaError::NoKeyframe)?;
    let rule = StartRule::Keyframe;
    let (start, end) = (span.start, span.end);
    save(&footage, SaveRequest { start, end, rule, target, fps, head_preset: None, progress, cancel })
}
