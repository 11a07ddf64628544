//! Awaitables over blocking work: the work runs on a thread of its own, the answer comes through the event loop.
//!
//! No thread that handles frames ever waits for Python's lock: only the threads made here take it.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::failure::Result;
use crate::threads::{self, caught};

/// An asyncio future of the running loop, resolved with what `work` returns.
///
/// If the caller cancels the future, or its loop closes, the work still runs to its end and the answer is dropped.
pub fn awaitable<T>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send + 'static) -> PyResult<Bound<'_, PyAny>>
where
    T: for<'py> IntoPyObject<'py> + Send,
{
    let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
    let future = event_loop.call_method0("create_future")?;
    let (to_loop, to_resolve) = (event_loop.unbind(), future.clone().unbind());
    let run = move || {
        let outcome = caught(work);
        // None when the interpreter is shutting down: nobody waits any more.
        let _ = Python::try_attach(|py| deliver(py, &to_loop, to_resolve, outcome));
        Ok(())
    };
    threads::spawn("cs-call", run, |_| ()).map_err(crate::failure::Failure::from)?;
    Ok(future)
}

/// Schedules the answer on the loop. A loop that is closed takes none.
fn deliver<T>(py: Python<'_>, event_loop: &Py<PyAny>, future: Py<PyAny>, outcome: Result<T>)
where
    T: for<'py> IntoPyObject<'py>,
{
    let (value, is_error) = match outcome.map_err(PyErr::from).and_then(|value| value.into_py_any(py)) {
        Ok(value) => (value, false),
        Err(error) => (error.into_value(py).into_any(), true),
    };
    let scheduled = wrap_pyfunction!(resolve, py)
        .and_then(|resolve| event_loop.call_method1(py, "call_soon_threadsafe", (resolve, future, value, is_error)));
    drop(scheduled);
}

/// Runs on the loop: gives the answer to a future that still waits for it.
#[pyfunction]
fn resolve(future: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, is_error: bool) -> PyResult<()> {
    if future.call_method0("done")?.extract()? {
        return Ok(());
    }
    future.call_method1(if is_error { "set_exception" } else { "set_result" }, (value,))?;
    Ok(())
}
