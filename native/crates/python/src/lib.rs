//! The Python module `clipshot_native._core`: sessions, saves and what there is to capture with.

mod face;
mod failure;
mod locked;
mod session;
mod signal;
mod threads;

use pyo3::prelude::*;

/// Names of the module; `_core.pyi` says what they mean.
#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::face::catalog::{
        BackendInfo, EncoderInfo, SourceInfo, ffmpeg_version, list_backends, list_encoders, list_sources,
    };
    #[pymodule_export]
    use crate::face::errors::NativeError;
    #[pymodule_export]
    use crate::face::live::{Chunk, Notice, Subscription};
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
        module.add("TIMESCALE", clipshot_media::VIDEO_TIMESCALE)
    }
}
