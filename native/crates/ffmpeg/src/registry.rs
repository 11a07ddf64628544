//! Which encoders there are and which of them work on this machine.

use std::ffi::CStr;
use std::sync::OnceLock;

use clipshot_media::Packet;
use ffmpeg_sys_next as ffi;

use crate::codec::Silent;
use crate::{Error, Guarded, Nv12, PictureEncoder, Result, VideoConfig, VideoEncoder, hardware, x264};

/// The name that leaves the choice to [`open_encoder`].
pub(crate) const AUTO: &str = "auto";

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
    /// What must be there for it to work; empty for software.
    pub needs: &'static str,
    /// Largest width in pixels.
    pub max_width: u32,
    /// Largest height in pixels.
    pub max_height: u32,
    /// Most frames a second that are accepted (not a promise of speed).
    pub max_fps: u32,
    /// From fast to thorough; hardware also takes none, which is its own choice.
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

/// Every encoder that this crate knows how to set up, in the order in which "auto" takes them.
const KNOWN: [EncoderInfo; 6] =
    [hardware::NVENC, hardware::QSV, hardware::VAAPI, hardware::AMF, hardware::V4L2, x264::INFO];

/// An encoder, and whether it works.
#[derive(Clone, Debug)]
pub struct ProbedEncoder {
    /// What it can do where it works.
    pub info: EncoderInfo,
    /// Why it does not work here; none when it does.
    pub unavailable: Option<String>,
}

/// Every known encoder, the preferred first, each tried out by encoding pictures. The first call takes some milliseconds
/// for each, the others answer from memory: what a machine has does not change while a process runs.
pub fn probed_encoders() -> &'static [ProbedEncoder] {
    static PROBED: OnceLock<Vec<ProbedEncoder>> = OnceLock::new();
    PROBED.get_or_init(|| {
        // An encoder that is not there is no error to write to the log.
        let _silent = Silent::new();
        let probe = |info: &EncoderInfo| {
            let reason = |error| match error {
                Error::EncoderUnavailable { reason, .. } => reason,
                other => other.to_string(),
            };
            ProbedEncoder { info: *info, unavailable: try_out(info).err().map(reason) }
        };
        KNOWN.iter().map(probe).collect()
    })
}

/// What is known of an encoder, whether it works or not.
///
/// # Errors
/// [`Error::InvalidConfig`] for a name that is not known.
pub(crate) fn known(name: &str) -> Result<&'static EncoderInfo> {
    KNOWN.iter().find(|info| info.name == name).ok_or_else(|| {
        let names: Vec<_> = [AUTO].into_iter().chain(KNOWN.iter().map(|info| info.name)).collect();
        Error::InvalidConfig { field: "encoder", reason: format!("{name:?} is not one of {}", names.join(", ")) }
    })
}

/// Pictures of a trial, and those of them that must come out as keyframes.
const TRIAL: i64 = 4;
const TRIAL_KEYS: [i64; 2] = [0, 2];

/// Encodes a few small pictures; keyframes must come out where they were asked for and nowhere else.
fn try_out(info: &EncoderInfo) -> Result<()> {
    let config = VideoConfig { width: 320, height: 180, ..VideoConfig::default() };
    let config = if info.hardware {
        let unsuited = || Error::UnexpectedStream(format!("{} cannot do any rate control", info.name));
        config.suited_to(info).ok_or_else(unsuited)?
    } else {
        VideoConfig { encoder: info.name.into(), ..config }
    };
    let mut encoder = VideoEncoder::open(&config)?;
    let mut picture = Nv12::new(config.width, config.height)?;
    let mut packets = Vec::new();
    for slot in 0..TRIAL {
        let grey = vec![64 + 32 * slot as u8; (config.width * config.height * 4) as usize];
        picture.fill_from_bgra(&grey, config.width as usize * 4)?;
        packets.extend(encoder.encode(&picture, slot, TRIAL_KEYS.contains(&slot))?);
    }
    packets.extend(encoder.finish()?);
    let right =
        |(slot, packet): (i64, &Packet)| packet.meta.key == TRIAL_KEYS.contains(&slot) && !packet.data.is_empty();
    if packets.len() as i64 == TRIAL && (0..).zip(&packets).all(right) {
        return Ok(());
    }
    let keys: Vec<_> = packets.iter().map(|packet| packet.meta.key).collect();
    let reason = format!("of {TRIAL} pictures, {TRIAL_KEYS:?} asked to be keyframes, it made keyframes {keys:?}");
    Err(Error::EncoderUnavailable { name: info.name.into(), reason })
}

/// Opens the encoder that a configuration names; "auto" is the first that works here and can do what is asked for.
///
/// A hardware encoder comes with a software one that goes on with the stream when it fails.
///
/// # Errors
/// As [`VideoEncoder::open`].
pub fn open_encoder(config: &VideoConfig) -> Result<Box<dyn PictureEncoder>> {
    if config.encoder == AUTO {
        let software = VideoConfig { encoder: x264::INFO.name.into(), ..config.clone() };
        software.validate(&x264::INFO)?;
        let working = probed_encoders().iter().filter(|probed| probed.info.hardware && probed.unavailable.is_none());
        for probed in working {
            let Some(suited) = software.suited_to(&probed.info) else { continue };
            let guarded = |encoder| Guarded::new(Box::new(encoder), software.clone());
            if let Ok(encoder) = VideoEncoder::open(&suited).and_then(guarded) {
                return Ok(Box::new(encoder));
            }
        }
        return Ok(Box::new(VideoEncoder::open(&software)?));
    }
    let encoder = VideoEncoder::open(config)?;
    if known(&config.encoder)?.hardware {
        let software = config.software();
        return Ok(Box::new(Guarded::new(Box::new(encoder), software)?));
    }
    Ok(Box::new(encoder))
}

/// Version of the FFmpeg libraries in use, such as "5.1.9".
pub fn ffmpeg_version() -> String {
    // SAFETY: gives a static C string.
    let text = unsafe { CStr::from_ptr(ffi::av_version_info()) };
    let text = text.to_string_lossy();
    // Distributions add their own revision after a dash.
    text.split('-').next().unwrap_or_default().to_owned()
}
