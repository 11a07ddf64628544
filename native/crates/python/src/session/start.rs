//! Opens source and encoder and starts the threads.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use clipshot_capture::registry::{OpenOptions, open};
use clipshot_capture::{CaptureLoop, Control, Counters, FrameQueue};
use clipshot_ffmpeg::{ChunkMux, VideoConfig, VideoEncoder};
use clipshot_media::{Clock, Grid, monotonic_ns};

use super::convert::{Converter, encoded_size};
use super::encode::{self, Encoding};
use super::live::Live;
use super::notices::Notices;
use super::shared::{Encoded, Shared};
use super::spine::{self, Spine, Taps};
use super::{capture, encode::keyframe_ticks};
use crate::failure::Result;
use crate::locked::lock;
use crate::threads;

/// One picture read by the encoder, one being taken, and two waiting.
const SLOTS: usize = 4;
/// Packets between encoder and spine: seconds, which only a stuck spine could use up.
const PACKETS: usize = 512;

/// What to capture and how to encode it.
pub struct StartRequest {
    pub source_id: String,
    pub options: OpenOptions,
    /// A width or height of 0 follows from the source.
    pub video: VideoConfig,
}

/// Starts a session.
///
/// # Errors
/// The source or the encoder cannot be opened; nothing runs then.
pub fn start(request: StartRequest) -> Result<Arc<Shared>> {
    let mut source = open(&request.source_id, &request.options)?;
    let mut video = request.video;
    (video.width, video.height) = encoded_size(source.layout(), video.width, video.height);
    let encoder = VideoEncoder::open(&video)?;
    let converter = Converter::new(source.layout(), video.width, video.height)?;
    let mux = ChunkMux::open(&[encoder.parameters()?])?;
    let frames = Arc::new(FrameQueue::new(source.make_slots(SLOTS)?));
    let (packets_in, packets) = crossbeam_channel::bounded(PACKETS);
    let (commands_in, commands) = crossbeam_channel::unbounded();

    let grid = Grid::new(monotonic_ns(), video.fps);
    let control = Arc::new(Control::new()?);
    let counters = Arc::new(Counters::new());
    let shared = Arc::new(Shared {
        clock: Clock::starting_at(grid.origin_ns()),
        fps: video.fps,
        width: video.width,
        height: video.height,
        init: mux.init_segment().clone(),
        control: control.clone(),
        counters: counters.clone(),
        encoded: Encoded::default(),
        live: Live::default(),
        notices: Notices::new()?,
        commands: commands_in,
        ring: Mutex::default(),
        recording: Mutex::default(),
        threads: Mutex::default(),
        alive: AtomicBool::new(true),
    });
    let spine = Spine { shared: shared.clone(), mux, packets, commands, taps: Taps::default() };
    let encoding = Encoding {
        shared: shared.clone(),
        frames: frames.clone(),
        encoder,
        converter,
        packets: packets_in,
        keyframe_ticks: keyframe_ticks(video.keyframe_seconds),
        last_key: None,
        taken: VecDeque::new(),
    };
    let capture = CaptureLoop { source, grid, frames: frames.clone(), control, counters };
    if let Err(failure) = spawn_all(&shared, &frames, spine, encoding, capture) {
        frames.close();
        shared.stop();
        return Err(failure);
    }
    Ok(shared)
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
    let queue = frames.clone();
    let work = move || encoding.run();
    let encode = threads::spawn("cs-encode", work, move |failure| encode::failed(&of_encoder, &queue, failure))?;
    lock(&shared.threads).push(encode);
    let queue = frames.clone();
    let work = move || capture::run(capture);
    let capture = threads::spawn("cs-capture", work, move |failure| capture::failed(&of_capture, &queue, failure))?;
    lock(&shared.threads).push(capture);
    Ok(())
}
