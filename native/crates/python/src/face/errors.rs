//! `NativeError`: the only place where a failure becomes a Python exception.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::failure::Failure;

create_exception!(clipshot_native, NativeError, PyException, "A failure inside the native core.");

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| {
            let error = NativeError::new_err(failure.message);
            let value = error.value(py);
            // A plain exception takes any attribute; if it did not, the caller would get that error instead.
            let set =
                value.setattr("reason", failure.reason.name()).and_then(|()| value.setattr("field", failure.field));
            set.err().unwrap_or(error)
        })
    }
}
