//! Making a plain MP4 of a recording.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use clipshot_media::{Error as MediaError, Footage, Labels, StartRule, finish_in_place, recover_recording};
use rustix::fs::statvfs;

use crate::init_reader::track_parameters;
use crate::{AudioTrack, Error, Result, SaveRequest, SaveResult, save};

/// Up to this size a recording is copied, so that its index comes first and a player on the web can begin at once.
const COPIED_BYTES: u64 = 1 << 30;
/// Copies leave at least this many times the recording's size free.
const ROOM: u64 = 2;

/// Makes a plain MP4 with everything that a recording (initialisation segment and chunks, possibly torn at the end)
/// holds from its first keyframe on. Nothing is re-encoded.
///
/// A small one is copied, if there is room. Any other gets an index at its end, in place, and `target` becomes a second
/// name of the same file. Either way `recording` is still there and still plays.
///
/// Chapters of `labels` are in session time, also where the recording was paused; in place they are only a list, of up to
/// 255. `fps` is the session's; `progress` and `cancel` are as in [`SaveRequest`].
///
/// # Errors
/// [`Error::Media`] when the recording has no whole initialisation segment (also when it has its index already) or no
/// keyframe; otherwise as [`save`].
pub fn finish_recording(
    recording: &Path,
    target: &Path,
    fps: u32,
    labels: &Labels,
    progress: &mut dyn FnMut(f32),
    cancel: &AtomicBool,
) -> Result<SaveResult> {
    let footage = recover_recording(recording)?;
    if !is_copied(recording, target) {
        return in_place(&footage, recording, target, labels);
    }
    let span = footage.picture_span().ok_or(MediaError::NoKeyframe)?;
    let rule = StartRule::Keyframe;
    let (start, end) = (span.start, span.end);
    save(&footage, SaveRequest { start, end, rule, target, fps, labels, head_preset: None, progress, cancel })
}

/// Whether to copy: the recording is small and there is room, or it could not get a second name over there.
fn is_copied(recording: &Path, target: &Path) -> bool {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (Ok(from), Ok(to)) = (fs::metadata(recording), fs::metadata(folder)) else { return true };
    let room = statvfs(folder).map_or(0, |state| state.f_bavail.saturating_mul(state.f_frsize));
    from.dev() != to.dev() || (from.len() <= COPIED_BYTES && from.len().saturating_mul(ROOM) <= room)
}

fn in_place(footage: &Footage, recording: &Path, target: &Path, labels: &Labels) -> Result<SaveResult> {
    let began = Instant::now();
    let exists = || Error::TargetExists { path: target.into() };
    if target.try_exists().unwrap_or(false) {
        return Err(exists());
    }
    let tracks = track_parameters(&footage.init)?;
    let (width, height) = tracks[0].size();
    let finished = finish_in_place(recording, labels)?;
    fs::hard_link(recording, target).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => exists(),
        _ => Error::Io { path: target.into(), source },
    })?;
    Ok(SaveResult {
        first_pts: finished.first_pts,
        end_pts: finished.end_pts,
        frames: finished.frames,
        head_frames: 0,
        head_time: std::time::Duration::ZERO,
        rule_used: StartRule::Keyframe,
        fallback_reason: None,
        size_bytes: finished.size_bytes,
        width,
        height,
        audio: AudioTrack::all(&tracks),
        total_time: began.elapsed(),
    })
}
