//! The stream and the notices as Python reads them.

use std::sync::{Arc, Mutex};

use clipshot_media::{InitSegment, VIDEO_TIMESCALE};
use clipshot_session::{Failure, Reason, Result, Subscriber, lock};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::errors::Raised;

/// One CMAF chunk.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct Chunk {
    chunk: clipshot_media::Chunk,
    /// Of its track.
    timescale: u32,
}

/// Something a session reports on its own.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
pub struct Notice {
    kind: &'static str,
    detail: String,
    at_ticks: i64,
}

/// Live chunks from the last keyframe on.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct Subscription {
    init: InitSegment,
    subscriber: Mutex<Option<Arc<Subscriber>>>,
}

#[pymethods]
impl Chunk {
    #[getter]
    fn track(&self) -> u8 {
        self.chunk.meta.track
    }

    #[getter]
    fn key(&self) -> bool {
        self.chunk.meta.is_keyframe()
    }

    #[getter]
    fn pts_ticks(&self) -> i64 {
        self.ticks(self.chunk.meta.pts)
    }

    #[getter]
    fn duration_ticks(&self) -> i64 {
        self.ticks(self.chunk.meta.dur)
    }

    #[getter]
    fn ready_ns(&self) -> u64 {
        self.chunk.ready_at
    }

    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.chunk.bytes)
    }
}

impl Chunk {
    /// A time of the track in session ticks, rounded down.
    fn ticks(&self, time: i64) -> i64 {
        let ticks = i128::from(time) * i128::from(VIDEO_TIMESCALE);
        i64::try_from(ticks.div_euclid(i128::from(self.timescale))).unwrap_or(i64::MAX)
    }
}

impl From<clipshot_session::Notice> for Notice {
    fn from(notice: clipshot_session::Notice) -> Self {
        Self { kind: notice.kind.name(), detail: notice.detail, at_ticks: notice.at_ticks }
    }
}

impl Subscription {
    pub fn new(init: InitSegment, subscriber: Arc<Subscriber>) -> Self {
        Self { init, subscriber: Mutex::new(Some(subscriber)) }
    }

    fn subscriber(&self) -> Result<Arc<Subscriber>> {
        let closed = || Failure::new(Reason::Closed, "the subscription is closed");
        lock(&self.subscriber).clone().ok_or_else(closed)
    }
}

#[pymethods]
impl Subscription {
    fn fileno(&self) -> Result<i32, Raised> {
        Ok(self.subscriber()?.descriptor())
    }

    fn init_segment<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.init.bytes())
    }

    fn drain(&self) -> Result<Vec<Chunk>, Raised> {
        let chunk = |chunk: clipshot_media::Chunk| {
            let timescale = self.init.tracks().get(usize::from(chunk.meta.track)).map(|track| track.timescale);
            Chunk { chunk, timescale: timescale.unwrap_or(VIDEO_TIMESCALE) }
        };
        Ok(self.subscriber()?.drain().into_iter().map(chunk).collect())
    }

    #[getter]
    fn skipped(&self) -> Result<u64, Raised> {
        Ok(self.subscriber()?.skipped())
    }

    fn close(&self) {
        lock(&self.subscriber).take();
    }
}
