//! Pins, and the files made of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use clipshot_ffmpeg::{AudioTrack, SaveRequest, finish_recording, save};
use clipshot_media::{Chapter, Labels, StartRule, recover_recording as read_recording, sync_file_and_folder};
use clipshot_session::threads::{self, Priority, caught, lower_priority};
use clipshot_session::{Failure, Held, Reason, Result, lock, slots_a_second};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::awaitable::{CALL, awaitable};
use super::errors::Raised;

/// Facts of a finished file.
#[pyclass(frozen, get_all, module = "clipshot_native._core")]
#[derive(Clone)]
pub struct SaveResult {
    path: String,
    first_pts_ticks: i64,
    end_pts_ticks: i64,
    frames: u64,
    head_frames: u64,
    head_ms: f64,
    total_ms: f64,
    rule_used: &'static str,
    fallback_reason: String,
    size_bytes: u64,
    width: u32,
    height: u32,
    /// Title, channels, samples a second and kbit/s of each sound track.
    audio: Vec<(String, u32, u32, u32)>,
}

/// A save that runs on its own native thread, behind the recorder.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct SaveJob(Arc<Job>);

/// Segments of a ring held for a save in a folder of their own.
#[pyclass(frozen, module = "clipshot_native._core")]
pub struct Pin {
    held: Mutex<Option<Arc<Held>>>,
    folder: String,
    request: Vec<u8>,
    start: i64,
    end: i64,
    waited_ms: f64,
}

/// State of a save, shared with its thread.
#[derive(Default)]
struct Job {
    /// Part that is done, as the bits of an f32.
    progress: AtomicU32,
    cancel: AtomicBool,
    outcome: Mutex<Option<Result<SaveResult>>>,
    done: Condvar,
}

/// What a save writes and where.
struct Target {
    path: PathBuf,
    name: String,
}

impl Job {
    /// Starts `write` on a thread of its own, which chooses its priority. It gets the functions for progress and cancelling; the file that
    /// it makes is synced before the job is done.
    fn start(
        target: Target,
        write: impl FnOnce(&Path, &mut dyn FnMut(f32), &AtomicBool) -> Result<clipshot_ffmpeg::SaveResult> + Send + 'static,
    ) -> Result<SaveJob, Raised> {
        let job = Arc::new(Self::default());
        let own = job.clone();
        let run = move || {
            let outcome = caught(|| {
                let mut report = |part: f32| own.progress.store(part.to_bits(), Ordering::Relaxed);
                let result = write(&target.path, &mut report, &own.cancel)?;
                sync_file_and_folder(&target.path)?;
                report(1.0);
                Ok(SaveResult::new(target.name, result))
            });
            *lock(&own.outcome) = Some(outcome);
            own.done.notify_all();
            Ok(())
        };
        threads::spawn("cs-save", run, |_| ()).map_err(Failure::from)?;
        Ok(SaveJob(job))
    }

    fn wait(&self) -> Result<SaveResult> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = outcome.clone() {
                return outcome;
            }
            outcome = self.done.wait(outcome).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }
}

impl SaveResult {
    fn new(path: String, result: clipshot_ffmpeg::SaveResult) -> Self {
        Self {
            path,
            first_pts_ticks: result.first_pts,
            end_pts_ticks: result.end_pts,
            frames: result.frames,
            head_frames: result.head_frames,
            head_ms: result.head_time.as_secs_f64() * 1000.0,
            total_ms: result.total_time.as_secs_f64() * 1000.0,
            rule_used: match result.rule_used {
                StartRule::Clean => "clean",
                StartRule::Keyframe => "keyframe",
            },
            fallback_reason: result.fallback_reason.unwrap_or_default(),
            size_bytes: result.size_bytes,
            width: result.width,
            height: result.height,
            audio: result.audio.into_iter().map(audio).collect(),
        }
    }
}

#[pymethods]
impl SaveJob {
    #[getter]
    fn progress(&self) -> f32 {
        f32::from_bits(self.0.progress.load(Ordering::Relaxed))
    }

    fn cancel(&self) {
        self.0.cancel.store(true, Ordering::Relaxed);
    }

    fn result<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let job = self.0.clone();
        awaitable(py, CALL, move || job.wait())
    }
}

impl Pin {
    pub fn new(held: Held) -> Self {
        Self {
            folder: held.folder().to_string_lossy().into_owned(),
            request: held.request().to_vec(),
            start: held.start(),
            end: held.end(),
            waited_ms: held.waited().as_secs_f64() * 1000.0,
            held: Mutex::new(Some(Arc::new(held))),
        }
    }
}

#[pymethods]
impl Pin {
    #[staticmethod]
    fn open(py: Python<'_>, folder: PathBuf) -> Result<Self, Raised> {
        Ok(Self::new(py.detach(|| Held::open(&folder))?))
    }

    #[getter]
    fn folder(&self) -> &str {
        &self.folder
    }

    #[getter]
    fn request<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.request)
    }

    #[getter]
    fn start_ticks(&self) -> i64 {
        self.start
    }

    #[getter]
    fn end_ticks(&self) -> i64 {
        self.end
    }

    #[getter]
    fn waited_ms(&self) -> f64 {
        self.waited_ms
    }

    #[pyo3(
        signature = (path, rule="clean", chapters=Vec::new(), title=""),
        text_signature = "($self, path, rule='clean', chapters=[], title='')"
    )]
    fn save(&self, path: PathBuf, rule: &str, chapters: Chapters, title: &str) -> Result<SaveJob, Raised> {
        let rule = match rule {
            "clean" => StartRule::Clean,
            "keyframe" => StartRule::Keyframe,
            other => return Err(Failure::invalid("rule", format!("{other:?} is not one of clean, keyframe")).into()),
        };
        let released = || Failure::new(Reason::Closed, "the pin has been released");
        let held = lock(&self.held).clone().ok_or_else(released)?;
        let (start, end, labels) = (self.start, self.end, labels(title, chapters));
        Job::start(target(path), move |target, progress, cancel| {
            // Encoding a head takes whatever it gets of the processor; copying alone is short.
            lower_priority(if rule == StartRule::Clean { Priority::Last } else { Priority::Second });
            let (fps, labels) = (held.fps(), &labels);
            let request = SaveRequest { start, end, rule, target, fps, labels, head_preset: None, progress, cancel };
            Ok(save(held.footage(), request)?)
        })
    }

    fn release(&self, py: Python<'_>) {
        let held = lock(&self.held).take();
        py.detach(|| held.map(Held::release));
    }
}

/// Cuts a dead session's ring at its last whole box and holds all of it.
#[pyfunction]
pub fn recover_ring(py: Python<'_>, folder: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    awaitable(py, CALL, move || Held::whole_ring(&folder).map(Pin::new))
}

/// Finishes a fragmented recording into a plain MP4.
#[pyfunction]
#[pyo3(
    signature = (path, target, chapters=Vec::new(), title=""),
    text_signature = "(path, target, chapters=[], title='')"
)]
pub fn recover_recording(path: PathBuf, target: PathBuf, chapters: Chapters, title: &str) -> Result<SaveJob, Raised> {
    let labels = labels(title, chapters);
    Job::start(self::target(target), move |target, progress, cancel| {
        lower_priority(Priority::Last);
        let fps = slots_a_second(&read_recording(&path)?);
        Ok(finish_recording(&path, target, fps, &labels, progress, cancel)?)
    })
}

fn audio(track: AudioTrack) -> (String, u32, u32, u32) {
    (track.title, track.channels, track.sample_rate_hz, (track.bitrate as f64 / 1000.0).round() as u32)
}

/// Start and end in session ticks, and the title.
type Chapters = Vec<(i64, i64, String)>;

fn labels(title: &str, chapters: Chapters) -> Labels {
    let chapters = chapters.into_iter().map(|(start, end, title)| Chapter { start, end, title }).collect();
    Labels { title: title.into(), chapters }
}

fn target(path: PathBuf) -> Target {
    Target { name: path.to_string_lossy().into_owned(), path }
}
