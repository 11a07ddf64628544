//! Opens source and encoder and starts the threads.

use std::sync::Arc;

use clipshot_capture::registry::{OpenOptions, open};
use clipshot_capture::{CaptureLoop, FrameQueue};
use clipshot_ffmpeg::{ChunkMux, VideoConfig, open_encoder};
use clipshot_media::{Grid, monotonic_ns};

use crate::convert::{Converter, encoded_size};
use crate::encode::{self, Encoding, keyframe_ticks};
use crate::failure::{Failure, Reason, Result};
use crate::in_flight::InFlight;
use crate::locked::lock;
use crate::shared::Shared;
use crate::sound::{OpenedSound, SoundConfig};
use crate::spine::{self, Spine, Taps};
use crate::threads;
use crate::{NoticeKind, capture};

/// One picture read by the encoder, one being taken, and two waiting.
const SLOTS: usize = 4;
/// Packets between encoder and spine: seconds, which only a stuck spine could use up.
const PACKETS: usize = 2048;

/// What to capture and how to encode it.
pub struct StartRequest {
    /// As the registry lists it.
    pub source_id: String,
    /// Where and how to open it.
    pub options: OpenOptions,
    /// A width or height of 0 follows from the source.
    pub video: VideoConfig,
    /// What to hear; none is no sound.
    pub sound: Option<SoundConfig>,
}

/// Starts a session.
///
/// # Errors
/// The source or the encoder cannot be opened; nothing runs then.
pub fn start(request: StartRequest) -> Result<Arc<Shared>> {
    let mut source = open(&request.source_id, &request.options)?;
    let mut video = request.video;
    (video.width, video.height) = encoded_size(source.layout(), video.width, video.height);
    let encoder = open_encoder(&video)?;
    let video = encoder.config().clone();
    let converter = Converter::new(source.layout(), video.width, video.height)?;
    let (sound, no_sound) = open_sound(request.sound.as_ref())?;
    let mut tracks = vec![encoder.parameters()?];
    if let Some(opened) = &sound {
        tracks.extend(opened.parameters()?);
    }
    let mux = ChunkMux::open(&tracks)?;
    let frames = Arc::new(FrameQueue::new(source.make_slots(SLOTS)?));
    let (packets_in, packets) = crossbeam_channel::bounded(PACKETS);
    let (commands_in, commands) = crossbeam_channel::unbounded();

    let grid = Grid::new(monotonic_ns(), video.fps);
    let mut shared = Shared::new(&video, grid.origin_ns(), mux.init_segment().clone(), commands_in)?;
    shared.sound = sound.as_ref().map(|opened| opened.sound.clone());
    let shared = Arc::new(shared);
    if let Some(failure) = no_sound {
        shared.notify(NoticeKind::AudioUnavailable, failure.message);
    }
    let for_sound = packets_in.clone();
    let spine = Spine { shared: shared.clone(), mux, packets, commands, taps: Taps::default() };
    let encoding = Encoding {
        shared: shared.clone(),
        frames: frames.clone(),
        encoder,
        converter,
        packets: packets_in,
        keyframe_ticks: keyframe_ticks(video.keyframe_seconds),
        last_key: None,
        brightness_due: 0,
        in_flight: InFlight::new(shared.clone()),
    };
    let (control, counters) = (shared.control.clone(), shared.counters.clone());
    let capture = CaptureLoop { source, grid, frames: frames.clone(), control, counters };
    let spawned = spawn_all(&shared, &frames, spine, encoding, capture);
    let spawned = spawned.and_then(|()| sound.map_or(Ok(()), |opened| opened.start(&shared, for_sound)));
    if let Err(failure) = spawned {
        frames.close();
        shared.stop();
        return Err(failure);
    }
    Ok(shared)
}

/// The sound, or why there is none although it was asked for: a missing server is no reason not to record pictures.
fn open_sound(config: Option<&SoundConfig>) -> Result<(Option<OpenedSound>, Option<Failure>)> {
    match config.map_or(Ok(None), OpenedSound::open) {
        Ok(opened) => Ok((opened, None)),
        Err(failure) if failure.reason == Reason::AudioUnavailable => Ok((None, Some(failure))),
        Err(failure) => Err(failure),
    }
}

fn spawn_all(
    shared: &Arc<Shared>,
    frames: &Arc<FrameQueue>,
    spine: Spine,
    encoding: Encoding,
    capture: CaptureLoop,
) -> Result<()> {
    let (of_spine, of_encoder, of_capture) = (shared.clone(), shared.clone(), shared.clone());
    let at_end = shared.clone();
    let work = move || {
        let result = threads::caught(|| spine.run());
        if let Err(failure) = result {
            spine::failed(&of_spine, failure);
        }
        spine::ended(&at_end);
        Ok(())
    };
    let spine = threads::spawn("cs-spine", work, |_| ())?;
    lock(&shared.threads).push(spine);
    let work = move || encoding.run();
    let encode = threads::spawn("cs-encode", work, move |failure| encode::failed(&of_encoder, failure))?;
    lock(&shared.threads).push(encode);
    let queue = frames.clone();
    let work = move || capture::run(capture);
    let capture = threads::spawn("cs-capture", work, move |failure| capture::failed(&of_capture, &queue, failure))?;
    lock(&shared.threads).push(capture);
    Ok(())
}
