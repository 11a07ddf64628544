//! A session without threads, for the tests of its parts: real encoder, real muxer, no source.

use std::sync::Arc;

use clipshot_capture::Layout;
use clipshot_ffmpeg::{ChunkMux, Nv12, PictureEncoder, VideoConfig, VideoEncoder};
use clipshot_media::{Chunk, monotonic_ns};

use crate::{NoticeKind, Shared};

/// What the pictures of a [`TestSession`] look like.
pub const LAYOUT: Layout = Layout { width: 64, height: 64, stride: 64 * 4 };

/// Zero-latency H.264 of [`LAYOUT`].
pub fn video() -> VideoConfig {
    VideoConfig { width: LAYOUT.width, height: LAYOUT.height, fps: 30, ..VideoConfig::default() }
}

/// What a session's threads share, and a stream of chunks.
pub struct TestSession {
    pub shared: Arc<Shared>,
    encoder: VideoEncoder,
    mux: ChunkMux,
}

impl TestSession {
    pub fn new() -> Self {
        let encoder = VideoEncoder::open(&video()).unwrap();
        let mux = ChunkMux::open(&[encoder.parameters().unwrap()]).unwrap();
        let (commands, _) = crossbeam_channel::unbounded();
        let shared = Shared::new(&video(), monotonic_ns(), mux.init_segment().clone(), commands).unwrap();
        Self { shared: Arc::new(shared), encoder, mux }
    }

    /// The chunk of a grey picture; that of slot 0 is a keyframe's.
    pub fn chunk(&mut self, slot: i64) -> Chunk {
        let mut picture = Nv12::new(LAYOUT.width, LAYOUT.height).unwrap();
        picture.fill_from_bgra(&vec![128; LAYOUT.len()], LAYOUT.stride).unwrap();
        let packets = self.encoder.encode(&picture, slot, slot == 0).unwrap();
        self.mux.write(&packets[0]).unwrap()
    }

    /// Takes what the session has reported.
    pub fn notices(&self) -> Vec<(NoticeKind, String)> {
        self.shared.notices.drain().into_iter().map(|notice| (notice.kind, notice.detail)).collect()
    }
}
