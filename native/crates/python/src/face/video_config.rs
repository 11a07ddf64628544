//! How pictures are encoded, as Python says it.

use clipshot_ffmpeg::RateControl;
use clipshot_session::{Failure, Result};
use pyo3::prelude::*;

/// How pictures are encoded. Checked when a session starts.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct VideoConfig {
    encoder: String,
    width: u32,
    height: u32,
    fps: u32,
    rate_control: String,
    crf: f64,
    bitrate_kbps: u32,
    max_bitrate_kbps: u32,
    preset: String,
    tune: String,
    lookahead: u32,
    keyframe_seconds: f64,
}

#[pymethods]
impl VideoConfig {
    #[new]
    #[pyo3(signature = (*, encoder="libx264", width=0, height=0, fps=30, rate_control="crf", crf=23.0, bitrate_kbps=0,
                        max_bitrate_kbps=20_000, preset="superfast", tune="zerolatency", lookahead=0,
                        keyframe_seconds=1.0))]
    #[expect(clippy::too_many_arguments, reason = "keywords on the Python side")]
    fn new(
        encoder: &str,
        width: u32,
        height: u32,
        fps: u32,
        rate_control: &str,
        crf: f64,
        bitrate_kbps: u32,
        max_bitrate_kbps: u32,
        preset: &str,
        tune: &str,
        lookahead: u32,
        keyframe_seconds: f64,
    ) -> Self {
        Self {
            encoder: encoder.into(),
            width,
            height,
            fps,
            rate_control: rate_control.into(),
            crf,
            bitrate_kbps,
            max_bitrate_kbps,
            preset: preset.into(),
            tune: tune.into(),
            lookahead,
            keyframe_seconds,
        }
    }
}

impl VideoConfig {
    /// The same for the encoder.
    ///
    /// # Errors
    /// INVALID_CONFIG for an unknown rate control; all else is checked by the encoder.
    pub fn to_native(&self) -> Result<clipshot_ffmpeg::VideoConfig> {
        let rate = rate_control(&self.rate_control, self.crf, self.bitrate_kbps, self.max_bitrate_kbps)?;
        Ok(clipshot_ffmpeg::VideoConfig {
            encoder: self.encoder.clone(),
            width: self.width,
            height: self.height,
            fps: self.fps,
            rate,
            preset: self.preset.clone(),
            tune: (!self.tune.is_empty()).then(|| self.tune.clone()),
            lookahead: self.lookahead,
            keyframe_seconds: self.keyframe_seconds,
        })
    }
}

/// A rate control by the names that callers use.
///
/// # Errors
/// INVALID_CONFIG for an unknown kind.
pub fn rate_control(kind: &str, crf: f64, bitrate_kbps: u32, max_bitrate_kbps: u32) -> Result<RateControl> {
    let bitrate = u64::from(bitrate_kbps) * 1000;
    let max_bitrate = (max_bitrate_kbps > 0).then(|| u64::from(max_bitrate_kbps) * 1000);
    match kind {
        "crf" => Ok(RateControl::Crf { quality: crf as f32, max_bitrate }),
        "cbr" => Ok(RateControl::Cbr { bitrate }),
        "vbr" => Ok(RateControl::Vbr { bitrate, max_bitrate }),
        other => Err(Failure::invalid("rate_control", format!("{other:?} is not one of crf, cbr, vbr"))),
    }
}
