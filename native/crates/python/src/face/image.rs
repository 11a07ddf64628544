//! Screenshots as Python sees them.

use clipshot_capture::registry::OpenOptions;
use clipshot_ffmpeg::{Still, StillFormat, StillOptions};
use clipshot_session::{Failure, Result};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::awaitable::awaitable;

/// Name of the threads that encode stills.
pub const STILL: &str = "cs-still";

/// An encoded still picture.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct Image(Still);

#[pymethods]
impl Image {
    #[getter]
    fn format(&self) -> &'static str {
        match self.0.format {
            StillFormat::Png => "png",
            StillFormat::Jpeg => "jpeg",
            StillFormat::WebP => "webp",
        }
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
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.data)
    }
}

impl From<Still> for Image {
    fn from(still: Still) -> Self {
        Self(still)
    }
}

/// Takes a picture of a source without a session.
#[pyfunction]
#[pyo3(signature = (source_id, format, *, quality=90, max_width=0, draw_cursor=false, display=None))]
pub fn take_screenshot(
    py: Python<'_>,
    source_id: String,
    format: String,
    quality: u8,
    max_width: u32,
    draw_cursor: bool,
    display: Option<String>,
) -> PyResult<Bound<'_, PyAny>> {
    awaitable(py, STILL, move || {
        let source = OpenOptions { display, draw_cursor };
        clipshot_session::take_screenshot(&source_id, &source, options(&format, quality, max_width)?).map(Image)
    })
}

/// INVALID_CONFIG for an unknown format.
pub fn options(format: &str, quality: u8, max_width: u32) -> Result<StillOptions> {
    let format = match format {
        "png" => StillFormat::Png,
        "jpeg" => StillFormat::Jpeg,
        "webp" => StillFormat::WebP,
        other => return Err(Failure::invalid("format", format!("{other:?} is not one of png, jpeg, webp"))),
    };
    Ok(StillOptions { format, quality, max_width })
}
