//! `NativeError`: the only place where a failure becomes a Python exception.

use clipshot_session::Failure;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(clipshot_native, NativeError, PyException, "A failure inside the native core.");

/// An exception on its way to Python, so that `?` takes failures and Python's own errors alike.
pub struct Raised(PyErr);

impl From<Failure> for Raised {
    fn from(failure: Failure) -> Self {
        Self(Python::attach(|py| {
            let error = NativeError::new_err(failure.message);
            let value = error.value(py);
            // A plain exception takes any attribute; if it did not, the caller would get that error instead.
            let set =
                value.setattr("reason", failure.reason.name()).and_then(|()| value.setattr("field", failure.field));
            set.err().unwrap_or(error)
        }))
    }
}

impl From<PyErr> for Raised {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<Raised> for PyErr {
    fn from(raised: Raised) -> Self {
        raised.0
    }
}
