//! Interfaces that are being filled in.
#![allow(missing_docs, clippy::todo)]
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clipshot_media::{Chunk, Packet};

use crate::{Result, VideoConfig};

/// An encoder that encoded a real frame on this machine.
pub struct EncoderInfo {
    pub name: String,
    pub codec: String,
    pub hardware: bool,
    pub max_width: u32,
    pub max_height: u32,
    pub presets: Vec<String>,
    pub tunes: Vec<String>,
}
/// Tries every known encoder with a real frame (tens of ms); only those that work are listed.
pub fn list_encoders() -> Vec<EncoderInfo> {
    todo!()
}
/// One picture, NV12, BT.709 limited range. A clone shares the pixels; filling a shared one takes a new buffer.
#[derive(Clone)]
pub struct Nv12(());
impl Nv12 {
    /// Sizes are rounded down to even.
    pub fn new(_width: u32, _height: u32) -> Result<Self> {
        todo!()
    }
    pub fn width(&self) -> u32 {
        todo!()
    }
    pub fn height(&self) -> u32 {
        todo!()
    }
    /// `stride` in bytes; the source may be one pixel wider or higher than the (even) picture.
    pub fn fill_from_bgra(&mut self, _bgra: &[u8], _stride: usize) -> Result<()> {
        todo!()
    }
}
/// What a muxer needs to know of a track: codec parameters and timescale.
pub struct TrackParameters(());
pub struct VideoEncoder(());
impl VideoEncoder {
    pub fn open(_config: &VideoConfig) -> Result<Self> {
        todo!()
    }
    pub fn parameters(&self) -> Result<TrackParameters> {
        todo!()
    }
    /// `slot`: number of the grid slot, strictly rising. PTS = slot * 90000 / fps.
    pub fn encode(&mut self, _frame: &Nv12, _slot: i64, _force_key: bool) -> Result<Vec<Packet>> {
        todo!()
    }
    /// Gives out what is held back; the encoder takes no frame after it.
    pub fn finish(&mut self) -> Result<Vec<Packet>> {
        todo!()
    }
}
/// Packets in, one chunk each out, at once.
pub struct ChunkMux(());
impl ChunkMux {
    pub fn open(_tracks: &[TrackParameters]) -> Result<Self> {
        todo!()
    }
    /// ftyp + moov; there before the first packet.
    pub fn init_segment(&self) -> Arc<[u8]> {
        todo!()
    }
    pub fn write(&mut self, _packet: &Packet) -> Result<Chunk> {
        todo!()
    }
}
/// A JPEG of the picture, scaled down to `max_width` (never up); quality 1..=100.
pub fn jpeg(_frame: &Nv12, _max_width: u32, _quality: u8) -> Result<Vec<u8>> {
    todo!()
}
pub enum StartRule {
    Keyframe,
    Clean,
}
pub struct SaveRequest<'a> {
    /// Session ticks (90 kHz).
    pub start: i64,
    pub end: i64,
    pub rule: StartRule,
    pub target: PathBuf,
    pub fps: u32,
    /// None: by the number of cores.
    pub head_preset: Option<String>,
    /// 0.0 to 1.0
    pub progress: &'a mut dyn FnMut(f32),
    pub cancel: &'a AtomicBool,
}
pub struct SaveResult {
    pub first_pts: i64,
    pub end_pts: i64,
    pub frames: u64,
    pub head_frames: u64,
    pub head_encode_ms: f64,
    pub rule_used: StartRule,
    pub fallback_reason: Option<String>,
    pub size_bytes: u64,
}
// save(footage: &Footage, request: SaveRequest) -> Result<SaveResult>; Footage comes from Pin::footage() or recover().
// finish_recording(FinishRequest { recording, target, ... }) -> Result<SaveResult>
