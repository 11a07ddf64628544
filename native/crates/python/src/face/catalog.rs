//! What there is to work with: backends, sources, encoders.

use clipshot_capture::registry::{self, SourceKind};
use clipshot_ffmpeg::RateControlKind;
use clipshot_session::Failure;
use pyo3::prelude::*;

use super::awaitable::{CALL, awaitable};
use super::errors::Raised;

/// A capture backend and whether it can be used here.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct BackendInfo {
    name: &'static str,
    available: bool,
    reason: String,
}

/// Something that can be captured.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct SourceInfo {
    source_id: String,
    kind: &'static str,
    title: String,
    application: String,
    pid: u32,
    backend: &'static str,
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    refresh_hz: f64,
    primary: bool,
}

/// An encoder, tried out on this machine by encoding pictures.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct EncoderInfo {
    encoder_id: &'static str,
    codec: &'static str,
    hardware: bool,
    vendor: &'static str,
    available: bool,
    reason: String,
    max_width: u32,
    max_height: u32,
    max_fps: u32,
    presets: Vec<&'static str>,
    tunes: Vec<&'static str>,
    rate_controls: Vec<&'static str>,
    max_lookahead: u32,
}

/// Version of the FFmpeg libraries in use.
#[pyfunction]
pub fn ffmpeg_version() -> String {
    clipshot_ffmpeg::ffmpeg_version()
}

/// Every known backend.
#[pyfunction]
#[pyo3(signature = (display=None))]
pub fn list_backends(py: Python<'_>, display: Option<&str>) -> Vec<BackendInfo> {
    let info = |info: registry::BackendInfo| BackendInfo {
        name: info.name,
        available: info.unavailable.is_none(),
        reason: info.unavailable.map(|error| error.to_string()).unwrap_or_default(),
    };
    py.detach(|| registry::backends(display)).into_iter().map(info).collect()
}

/// Sources of one backend, or of all available ones with 'auto'.
#[pyfunction]
#[pyo3(signature = (backend="auto", display=None))]
pub fn list_sources(py: Python<'_>, backend: &str, display: Option<&str>) -> Result<Vec<SourceInfo>, Raised> {
    let sources = py.detach(|| match backend {
        "auto" => Ok(registry::all_sources(display)),
        name => registry::sources_of(name, display),
    });
    Ok(sources.map_err(Failure::from)?.into_iter().map(SourceInfo::from).collect())
}

/// Encoders that work here, or all that are known; probed once a process.
#[pyfunction]
#[pyo3(signature = (all=false))]
pub fn list_encoders(py: Python<'_>, all: bool) -> PyResult<Bound<'_, PyAny>> {
    awaitable(py, CALL, move || {
        let probed = clipshot_ffmpeg::probed_encoders().iter();
        let listed = probed.filter(|probed| all || probed.unavailable.is_none());
        Ok(listed.map(EncoderInfo::from).collect::<Vec<_>>())
    })
}

impl From<registry::SourceInfo> for SourceInfo {
    fn from(info: registry::SourceInfo) -> Self {
        Self {
            source_id: info.id,
            kind: match info.kind {
                SourceKind::Window => "window",
                SourceKind::Region => "region",
                SourceKind::Push => "push",
                SourceKind::Test => "test",
                _ => "monitor",
            },
            title: info.title,
            application: info.application,
            pid: info.pid,
            backend: info.backend,
            x: info.x,
            y: info.y,
            width: info.width,
            height: info.height,
            refresh_hz: info.refresh_hz,
            primary: info.primary,
        }
    }
}

impl From<&clipshot_ffmpeg::ProbedEncoder> for EncoderInfo {
    fn from(probed: &clipshot_ffmpeg::ProbedEncoder) -> Self {
        let rate_control = |kind: &RateControlKind| match kind {
            RateControlKind::Crf => "crf",
            RateControlKind::Cbr => "cbr",
            RateControlKind::Vbr => "vbr",
        };
        let info = &probed.info;
        Self {
            encoder_id: info.name,
            codec: info.codec,
            hardware: info.hardware,
            vendor: info.vendor,
            available: probed.unavailable.is_none(),
            reason: probed.unavailable.clone().unwrap_or_default(),
            max_width: info.max_width,
            max_height: info.max_height,
            max_fps: info.max_fps,
            presets: info.presets.to_vec(),
            tunes: info.tunes.to_vec(),
            rate_controls: info.rate_controls.iter().map(rate_control).collect(),
            max_lookahead: info.max_lookahead,
        }
    }
}
