//! What there is to work with: backends, sources, encoders.

use std::sync::OnceLock;

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

/// An encoder that encoded a real frame on this machine.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
#[derive(Clone)]
pub struct EncoderInfo {
    encoder_id: &'static str,
    codec: &'static str,
    hardware: bool,
    vendor: &'static str,
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

/// Encoders that work here; probed once a process.
#[pyfunction]
pub fn list_encoders(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static WORKING: OnceLock<Vec<EncoderInfo>> = OnceLock::new();
    awaitable(py, CALL, || {
        let probe = || clipshot_ffmpeg::list_encoders().into_iter().map(EncoderInfo::from).collect();
        Ok(WORKING.get_or_init(probe).clone())
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

impl From<clipshot_ffmpeg::EncoderInfo> for EncoderInfo {
    fn from(info: clipshot_ffmpeg::EncoderInfo) -> Self {
        let rate_control = |kind: &RateControlKind| match kind {
            RateControlKind::Crf => "crf",
            RateControlKind::Cbr => "cbr",
            RateControlKind::Vbr => "vbr",
        };
        Self {
            encoder_id: info.name,
            codec: info.codec,
            hardware: info.hardware,
            vendor: info.vendor,
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
