//! A session as Python sees it.

use std::path::PathBuf;
use std::sync::Arc;

use clipshot_capture::registry::OpenOptions;
use clipshot_ffmpeg::jpeg;
use clipshot_session::{Failure, PinRequest, PreviewRequest, Reason, Shared, StartRequest, limits, start};
use pyo3::prelude::*;

use super::audio::{AudioConfig, AudioTrackStatus};
use super::awaitable::{CALL, awaitable};
use super::errors::Raised;
use super::image::{self, Image, STILL};
use super::live::{Notice, Subscription};
use super::preview::Preview;
use super::save::Pin;
use super::stats::{RingStatus, SessionStats};
use super::video_config::{self, VideoConfig};

/// One source, one encoder, one stream of chunks with its taps.
///
/// A session that is dropped without `stop` ends by itself; its threads are then not waited for.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct Session(Arc<Shared>);

impl Drop for Session {
    fn drop(&mut self) {
        self.0.control.stop();
    }
}

#[pymethods]
impl Session {
    #[staticmethod]
    #[pyo3(signature = (*, source_id, video, display=None, draw_cursor=true, audio=None))]
    fn start<'py>(
        py: Python<'py>,
        source_id: String,
        video: &VideoConfig,
        display: Option<String>,
        draw_cursor: bool,
        audio: Option<&AudioConfig>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let video = video.to_native();
        let sound = audio.map(AudioConfig::to_native).transpose();
        // The encoder's own threads are started here and get this name.
        awaitable(py, "cs-encode", move || {
            let options = OpenOptions { display, draw_cursor };
            start(StartRequest { source_id, options, video: video?, sound: sound? }).map(Session)
        })
    }

    #[getter]
    fn width(&self) -> u32 {
        self.0.width
    }

    #[getter]
    fn height(&self) -> u32 {
        self.0.height
    }

    #[getter]
    fn start_monotonic_ns(&self) -> u64 {
        self.0.clock.origin_ns()
    }

    #[getter]
    fn start_unix_ns(&self) -> u64 {
        self.0.clock.origin_unix_ns()
    }

    fn audio_tracks(&self) -> Vec<AudioTrackStatus> {
        let tracks = self.0.sound.as_ref().map(|sound| sound.tracks()).unwrap_or_default();
        tracks.into_iter().map(AudioTrackStatus::from).collect()
    }

    #[pyo3(signature = (index, *, gain_db=None, muted=None))]
    fn set_audio(&self, index: usize, gain_db: Option<f64>, muted: Option<bool>) -> Result<(), Raised> {
        let Some(sound) = &self.0.sound else {
            return Err(Failure::invalid("index", "the session has no sound").into());
        };
        Ok(sound.set(index, gain_db, muted)?)
    }

    #[getter]
    fn alive(&self) -> bool {
        self.0.is_alive()
    }

    fn stats(&self) -> SessionStats {
        self.0.stats().into()
    }

    #[pyo3(signature = (rate_control="crf", crf=23.0, bitrate_kbps=0, max_bitrate_kbps=20_000))]
    fn set_rate_control(
        &self,
        rate_control: &str,
        crf: f64,
        bitrate_kbps: u32,
        max_bitrate_kbps: u32,
    ) -> Result<(), Raised> {
        let rate = video_config::rate_control(rate_control, crf, bitrate_kbps, max_bitrate_kbps)?;
        Ok(self.0.set_rate_control(rate)?)
    }

    fn start_ring(&self, py: Python<'_>, folder: PathBuf, seconds: f64, max_bytes: u64) -> Result<(), Raised> {
        let limits = limits(seconds, max_bytes)?;
        Ok(py.detach(|| self.0.start_ring(&folder, limits))?)
    }

    fn resize_ring(&self, py: Python<'_>, seconds: f64, max_bytes: u64) -> Result<(), Raised> {
        let limits = limits(seconds, max_bytes)?;
        Ok(py.detach(|| self.0.resize_ring(limits))?)
    }

    fn ring_status(&self) -> Result<RingStatus, Raised> {
        Ok(self.0.ring_facts()?.into())
    }

    #[pyo3(signature = (before_ticks=None))]
    fn flush_ring(&self, py: Python<'_>, before_ticks: Option<i64>) -> Result<(), Raised> {
        Ok(py.detach(|| self.0.flush_ring(before_ticks))?)
    }

    #[pyo3(signature = (keep=false))]
    fn stop_ring<'py>(&self, py: Python<'py>, keep: bool) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || session.stop_ring(keep))
    }

    fn start_recording<'py>(&self, py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || session.start_recording(&path))
    }

    fn stop_recording<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || session.stop_recording())
    }

    fn pause_recording<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || session.pause_recording())
    }

    fn resume_recording<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || session.resume_recording())
    }

    #[getter]
    fn recording_paused(&self) -> bool {
        self.0.is_recording_paused()
    }

    fn split_recording<'py>(&self, py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || session.split_recording(&path))
    }

    fn set_draw_cursor(&self, on: bool) {
        self.0.control.set_draw_cursor(on);
    }

    #[pyo3(signature = (folder, seconds, request, since_ticks=None))]
    fn pin<'py>(
        &self,
        py: Python<'py>,
        folder: PathBuf,
        seconds: f64,
        request: Vec<u8>,
        since_ticks: Option<i64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        let request = PinRequest { folder, seconds, since: since_ticks, request };
        awaitable(py, CALL, move || session.pin(&request).map(Pin::new))
    }

    #[pyo3(signature = (max_width, quality=80))]
    fn preview_jpeg<'py>(&self, py: Python<'py>, max_width: u32, quality: u8) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || {
            if !session.is_alive() {
                return Err(Failure::closed());
            }
            let newest = session.encoded.newest.picture();
            let newest = newest.ok_or_else(|| Failure::new(Reason::RingEmpty, "there is no picture yet"))?;
            Ok(std::borrow::Cow::<[u8]>::Owned(jpeg(&newest, max_width, quality)?))
        })
    }

    #[pyo3(signature = (format, *, quality=90, max_width=0))]
    fn screenshot<'py>(
        &self,
        py: Python<'py>,
        format: String,
        quality: u8,
        max_width: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, STILL, move || session.screenshot(image::options(&format, quality, max_width)?).map(Image::from))
    }

    fn subscribe(&self) -> Result<Subscription, Raised> {
        let subscriber = self.0.live.subscribe().map_err(Failure::from)?;
        Ok(Subscription::new(self.0.init.clone(), subscriber))
    }

    #[pyo3(signature = (max_width=0, bitrate_kbps=3000))]
    fn open_preview(&self, py: Python<'_>, max_width: u32, bitrate_kbps: u32) -> Result<Preview, Raised> {
        let request = PreviewRequest { max_width, bitrate_kbps };
        Ok(Preview::new(py.detach(|| self.0.open_preview(request))?))
    }

    fn notices_fileno(&self) -> i32 {
        self.0.notices.descriptor()
    }

    fn drain_notices(&self) -> Vec<Notice> {
        self.0.notices.drain().into_iter().map(Notice::from).collect()
    }

    fn stop<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let session = self.0.clone();
        awaitable(py, CALL, move || {
            session.stop();
            Ok(())
        })
    }
}
