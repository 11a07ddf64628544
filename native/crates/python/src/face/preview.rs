//! A preview as Python reads it.

use std::sync::{Arc, Mutex};

use clipshot_session::{Failure, Reason, Result, Viewer, lock};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::errors::Raised;

/// One picture of a preview.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct AccessUnit(clipshot_session::AccessUnit);

/// One viewer of the running session.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct Preview {
    #[pyo3(get)]
    width: u32,
    #[pyo3(get)]
    height: u32,
    #[pyo3(get)]
    codec: String,
    viewer: Mutex<Option<Arc<Viewer>>>,
}

#[pymethods]
impl AccessUnit {
    #[getter]
    fn sequence(&self) -> u64 {
        self.0.sequence
    }

    #[getter]
    fn key(&self) -> bool {
        self.0.key
    }

    #[getter]
    fn pts_ticks(&self) -> i64 {
        self.0.pts
    }

    #[getter]
    fn capture_ns(&self) -> u64 {
        self.0.captured_at
    }

    #[getter]
    fn ready_ns(&self) -> u64 {
        self.0.ready_at
    }

    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.data)
    }
}

impl Preview {
    pub fn new(viewer: Viewer) -> Self {
        let (width, height, codec) = (viewer.width(), viewer.height(), viewer.codec().to_owned());
        Self { width, height, codec, viewer: Mutex::new(Some(Arc::new(viewer))) }
    }

    fn viewer(&self) -> Result<Arc<Viewer>> {
        let closed = || Failure::new(Reason::Closed, "the preview is closed");
        lock(&self.viewer).clone().ok_or_else(closed)
    }
}

#[pymethods]
impl Preview {
    fn fileno(&self) -> Result<i32, Raised> {
        Ok(self.viewer()?.descriptor())
    }

    fn drain(&self) -> Result<Vec<AccessUnit>, Raised> {
        Ok(self.viewer()?.drain().into_iter().map(AccessUnit).collect())
    }

    fn request_keyframe(&self) -> Result<(), Raised> {
        self.viewer()?.request_keyframe();
        Ok(())
    }

    #[getter]
    fn ended(&self) -> Result<bool, Raised> {
        Ok(self.viewer()?.has_ended())
    }

    #[getter]
    fn skipped(&self) -> Result<u64, Raised> {
        Ok(self.viewer()?.skipped())
    }

    fn close(&self, py: Python<'_>) {
        let viewer = lock(&self.viewer).take();
        // Another viewer's start may hold the list of them for a moment.
        py.detach(|| drop(viewer));
    }
}
