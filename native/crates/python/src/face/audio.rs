//! Sound as Python says and sees it.

use clipshot_capture::sound::{self, AudioKind, DeviceId};
use clipshot_session::{Failure, InputConfig, Result, SoundConfig, TrackStatus};
use pyo3::prelude::*;

use super::awaitable::{CALL, awaitable};

/// Something that can be heard.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct AudioDevice {
    device_id: String,
    kind: &'static str,
    title: String,
    default: bool,
    channels: u32,
    sample_rate_hz: u32,
    application: String,
    pid: u32,
}

/// One thing to hear. Checked when a session starts.
#[pyclass(frozen, get_all, from_py_object, module = "clipshot_native._core")]
#[derive(Clone)]
pub struct AudioInput {
    device_id: String,
    label: String,
    gain_db: f64,
    muted: bool,
}

/// What a session hears. Checked when it starts.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct AudioConfig {
    inputs: Vec<AudioInput>,
    bitrate_kbps: u32,
    server: Option<String>,
}

/// A sound track as of now.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct AudioTrackStatus {
    index: usize,
    label: String,
    device_id: String,
    mixdown: bool,
    gain_db: f64,
    muted: bool,
    connected: bool,
    peak_dbfs: f64,
    rms_dbfs: f64,
    silent_seconds: f64,
    drift_ppm: f64,
    latency_ms: f64,
}

/// Everything that can be heard now.
#[pyfunction]
#[pyo3(signature = (server=None))]
pub fn list_audio_devices(py: Python<'_>, server: Option<String>) -> PyResult<Bound<'_, PyAny>> {
    awaitable(py, CALL, move || {
        let devices = sound::list_devices(server.as_deref())?;
        Ok(devices.into_iter().map(AudioDevice::from).collect::<Vec<_>>())
    })
}

#[pymethods]
impl AudioInput {
    #[new]
    #[pyo3(signature = (device_id, *, label="", gain_db=0.0, muted=false))]
    fn new(device_id: &str, label: &str, gain_db: f64, muted: bool) -> Self {
        Self { device_id: device_id.into(), label: label.into(), gain_db, muted }
    }
}

#[pymethods]
impl AudioConfig {
    #[new]
    #[pyo3(signature = (inputs, *, bitrate_kbps=160, server=None))]
    fn new(inputs: Vec<AudioInput>, bitrate_kbps: u32, server: Option<String>) -> Self {
        Self { inputs, bitrate_kbps, server }
    }
}

impl AudioConfig {
    /// The same for the native side.
    ///
    /// # Errors
    /// INVALID_CONFIG (`device_id`).
    pub fn to_native(&self) -> Result<SoundConfig> {
        let inputs = self.inputs.iter().map(|input| {
            let device: DeviceId = input.device_id.parse().map_err(|text| Failure::invalid("device_id", text))?;
            let AudioInput { label, gain_db, muted, .. } = input.clone();
            Ok(InputConfig { device, label, gain_db, muted })
        });
        let inputs = inputs.collect::<Result<_>>()?;
        Ok(SoundConfig { inputs, bitrate_kbps: self.bitrate_kbps, server: self.server.clone() })
    }
}

impl From<sound::AudioDevice> for AudioDevice {
    fn from(device: sound::AudioDevice) -> Self {
        Self {
            device_id: device.id.to_string(),
            kind: match device.kind {
                AudioKind::Output => "output",
                AudioKind::Input => "input",
                AudioKind::Application => "application",
            },
            title: device.title,
            default: device.default,
            channels: device.channels,
            sample_rate_hz: device.sample_rate_hz,
            application: device.application,
            pid: device.pid,
        }
    }
}

impl From<TrackStatus> for AudioTrackStatus {
    fn from(track: TrackStatus) -> Self {
        Self {
            index: track.index,
            label: track.label,
            device_id: track.device_id,
            mixdown: track.mixdown,
            gain_db: track.gain_db,
            muted: track.muted,
            connected: track.connected,
            peak_dbfs: track.level.peak_dbfs,
            rms_dbfs: track.level.rms_dbfs,
            silent_seconds: track.level.silent_seconds,
            drift_ppm: track.drift_ppm,
            latency_ms: track.latency_ms,
        }
    }
}
