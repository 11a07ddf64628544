//! The Python module `clipshot_native._core`: sessions, saves and what there is to capture with.

mod face;

use pyo3::pymodule;

/// Names of the module; `_core.pyi` says what they mean.
#[pymodule]
mod _core {
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;

    #[pymodule_export]
    use crate::face::audio::{AudioConfig, AudioDevice, AudioInput, AudioTrackStatus, list_audio_devices};
    #[pymodule_export]
    use crate::face::catalog::{
        BackendInfo, EncoderInfo, SourceInfo, ffmpeg_version, list_backends, list_encoders, list_sources,
    };
    #[pymodule_export]
    use crate::face::errors::NativeError;
    #[pymodule_export]
    use crate::face::image::{Image, take_screenshot};
    #[pymodule_export]
    use crate::face::live::{Chunk, Notice, Subscription};
    #[pymodule_export]
    use crate::face::preview::{AccessUnit, Preview};
    #[pymodule_export]
    use crate::face::push_source::PushSource;
    #[pymodule_export]
    use crate::face::save::{Pin, SaveJob, SaveResult, recover_recording, recover_ring};
    #[pymodule_export]
    use crate::face::session::Session;
    #[pymodule_export]
    use crate::face::stats::{RingStatus, SessionStats};
    #[pymodule_export]
    use crate::face::video_config::VideoConfig;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("TIMESCALE", clipshot_media::VIDEO_TIMESCALE)?;
        module.add("SaveRule", one_of(module.py(), &["clean", "keyframe"])?)?;
        module.add("AudioKind", one_of(module.py(), &["output", "input", "application"])?)?;
        module.add("SourceKind", one_of(module.py(), &["monitor", "window", "region", "push", "test"])?)?;
        module.add("ImageFormat", one_of(module.py(), &["png", "jpeg", "webp"])?)?;
        module.add("RateControl", one_of(module.py(), &["crf", "cbr", "vbr"])?)
    }

    /// The type of these strings, for annotations: a union of literals, as the stub declares it.
    fn one_of<'py>(py: Python<'py>, values: &[&str]) -> PyResult<Bound<'py, PyAny>> {
        let typing = py.import("typing")?;
        let literal = typing.getattr("Literal")?;
        let literals = values.iter().map(|value| literal.get_item(value)).collect::<PyResult<Vec<_>>>()?;
        typing.getattr("Union")?.get_item(PyTuple::new(py, literals)?)
    }
}
