//! Pictures that Python pushes.

use clipshot_capture::{Layout, PushedPicture};
use clipshot_session::Failure;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;

use super::errors::Raised;

/// A source whose pictures are pushed.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct PushSource(clipshot_capture::PushSource);

#[pymethods]
impl PushSource {
    #[new]
    #[pyo3(signature = (*, width, height, refresh_hz=0.0, title=""))]
    fn new(width: u32, height: u32, refresh_hz: f64, title: &str) -> Result<Self, Raised> {
        for (field, value) in [("width", width), ("height", height)] {
            if !(16..=16_384).contains(&value) {
                return Err(Failure::invalid(field, format!("{value} is not within 16 and 16384")).into());
            }
        }
        Ok(Self(clipshot_capture::PushSource::new(width, height, refresh_hz, title)))
    }

    #[getter]
    fn source_id(&self) -> String {
        self.0.id()
    }

    fn push(
        &self,
        py: Python<'_>,
        bgra: PyBuffer<u8>,
        width: u32,
        height: u32,
        stride: usize,
        taken_ns: u64,
    ) -> Result<bool, Raised> {
        if !bgra.is_c_contiguous() {
            return Err(Failure::invalid("bgra", "the bytes do not lie one after the other").into());
        }
        // SAFETY: the buffer is held, so that its memory stays where it is until the end of this call; it is only read,
        // as bytes, any value of which is valid. Who writes it meanwhile from another thread gets a torn picture.
        let bytes = unsafe { std::slice::from_raw_parts(bgra.buf_ptr().cast::<u8>(), bgra.len_bytes()) };
        let picture = PushedPicture { bgra: bytes, layout: Layout { width, height, stride }, taken_at: taken_ns };
        if !picture.is_whole() || width > 16_384 || height > 16_384 {
            let text = format!("{} bytes are no picture of {width}x{height} with rows of {stride}", bytes.len());
            return Err(Failure::invalid("bgra", text).into());
        }
        Ok(py.detach(|| self.0.push(picture)))
    }

    fn close(&self) {
        self.0.close();
    }
}
