//! Awaitables over blocking work: the work runs on a thread of its own, the answer comes through the event loop.
//!
//! No native thread ever takes Python's lock, so none can wait for it and none can be caught by the interpreter's
//! end: the thread leaves its outcome behind and raises an eventfd, and the loop picks it up from there.

use std::sync::{Arc, Mutex};

use clipshot_session::threads::{self, caught};
use clipshot_session::{Failure, Reason, Result, Signal, lock};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use super::errors::Raised;

/// Name of the threads of short calls.
pub const CALL: &str = "cs-call";

/// An asyncio future of the running loop, resolved with what `work` returns.
///
/// The work's thread is called `name`, and so are those that it starts.
///
/// If the caller cancels the future, or its loop closes, the work still runs to its end and the outcome is dropped.
pub fn awaitable<'py, T>(
    py: Python<'py>,
    name: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>>
where
    T: for<'any> IntoPyObject<'any> + Send + 'static,
{
    let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
    let future = event_loop.call_method0("create_future")?;
    let signal = Arc::new(Signal::new().map_err(Failure::from).map_err(Raised::from)?);
    let outcome = Arc::new(Mutex::new(None));

    let (done, left) = (signal.clone(), outcome.clone());
    let run = move || {
        let result = caught(work);
        *lock(&left) = Some(result);
        done.raise();
        Ok(())
    };
    let descriptor = signal.descriptor();
    let answer = move |py: Python<'_>| match lock(&outcome).take() {
        Some(result) => result.map_err(Raised::from)?.into_py_any(py),
        None => Err(Raised::from(Failure::new(Reason::Internal, "an answer without an outcome")).into()),
    };
    let resolver = Resolver {
        event_loop: event_loop.clone().unbind(),
        future: future.clone().unbind(),
        signal,
        answer: Mutex::new(Some(Box::new(answer))),
    };
    event_loop.call_method1("add_reader", (descriptor, resolver))?;
    if let Err(error) = threads::spawn(name, run, |_| ()) {
        event_loop.call_method1("remove_reader", (descriptor,))?;
        return Err(Raised::from(Failure::from(error)).into());
    }
    Ok(future)
}

/// What the loop calls when the work is done. It owns the descriptor that the loop watches, so that the descriptor
/// stays open exactly as long as it is watched.
#[pyclass(frozen)]
struct Resolver {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    signal: Arc<Signal>,
    answer: Mutex<Option<Answer>>,
}

/// Turns the outcome into a Python value or exception.
type Answer = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

#[pymethods]
impl Resolver {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        self.event_loop.call_method1(py, "remove_reader", (self.signal.descriptor(),))?;
        let Some(answer) = lock(&self.answer).take() else { return Ok(()) };
        let future = self.future.bind(py);
        if future.call_method0("done")?.extract()? {
            return Ok(());
        }
        match answer(py) {
            Ok(value) => future.call_method1("set_result", (value,))?,
            Err(error) => future.call_method1("set_exception", (error.into_value(py),))?,
        };
        Ok(())
    }
}
