//! Which encoders there are and which of them work on this machine.

use std::ffi::CStr;

use ffmpeg_sys_next as ffi;

use crate::{Error, Nv12, Result, VideoConfig, VideoEncoder, x264};

/// Kinds of [`crate::RateControl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateControlKind {
    /// Constant quality.
    Crf,
    /// Constant bit rate.
    Cbr,
    /// Average bit rate.
    Vbr,
}

/// An encoder and what it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncoderInfo {
    /// Its name in FFmpeg.
    pub name: &'static str,
    /// What it encodes: "h264".
    pub codec: &'static str,
    /// Whether a chip does the work.
    pub hardware: bool,
    /// Who made it.
    pub vendor: &'static str,
    /// Largest width in pixels.
    pub max_width: u32,
    /// Largest height in pixels.
    pub max_height: u32,
    /// Most frames a second that are accepted (not a promise of speed).
    pub max_fps: u32,
    /// From fast to thorough.
    pub presets: &'static [&'static str],
    /// Tunings.
    pub tunes: &'static [&'static str],
    /// Ways to control the rate.
    pub rate_controls: &'static [RateControlKind],
    /// Most frames it can look ahead.
    pub max_lookahead: u32,
    /// Whether the rate control can change while it runs.
    pub rate_changes: bool,
}

/// Every encoder that this crate knows how to set up.
const KNOWN: &[EncoderInfo] = &[x264::INFO];

/// The encoders that encode a real frame here. Takes some milliseconds for each that is tried.
pub fn list_encoders() -> Vec<EncoderInfo> {
    KNOWN.iter().filter(|info| try_out(info).is_ok()).copied().collect()
}

/// What is known of an encoder, whether it works or not.
///
/// # Errors
/// [`Error::InvalidConfig`] for a name that is not known.
pub(crate) fn known(name: &str) -> Result<&'static EncoderInfo> {
    KNOWN.iter().find(|info| info.name == name).ok_or_else(|| {
        let names: Vec<_> = KNOWN.iter().map(|info| info.name).collect();
        Error::InvalidConfig { field: "encoder", reason: format!("{name:?} is not one of {}", names.join(", ")) }
    })
}

/// Encodes two small pictures; the first must come out as a keyframe.
fn try_out(info: &EncoderInfo) -> Result<()> {
    let config = VideoConfig { encoder: info.name.into(), width: 320, height: 180, ..VideoConfig::default() };
    let mut encoder = VideoEncoder::open(&config)?;
    let mut picture = Nv12::new(config.width, config.height)?;
    let mut packets = Vec::new();
    for slot in 0..2 {
        let grey = vec![64 + 64 * slot as u8; (config.width * config.height * 4) as usize];
        picture.fill_from_bgra(&grey, config.width as usize * 4)?;
        packets.extend(encoder.encode(&picture, slot, slot == 0)?);
    }
    packets.extend(encoder.finish()?);
    match packets.first() {
        Some(first) if packets.len() == 2 && first.meta.key && !first.data.is_empty() => Ok(()),
        _ => {
            let reason = format!("it made {} packets of two pictures", packets.len());
            Err(Error::EncoderUnavailable { name: info.name.into(), reason })
        }
    }
}

/// Version of the FFmpeg libraries in use, such as "5.1.9".
pub fn ffmpeg_version() -> String {
    // SAFETY: gives a static C string.
    let text = unsafe { CStr::from_ptr(ffi::av_version_info()) };
    let text = text.to_string_lossy();
    // Distributions add their own revision after a dash.
    text.split('-').next().unwrap_or_default().to_owned()
}
