//! Options by name, as codecs and muxers take them.

use std::ffi::{CStr, CString};
use std::mem::ManuallyDrop;
use std::ptr;

use ffmpeg_sys_next as ffi;

use crate::error::check;
use crate::{Error, Result};

/// An AVDictionary.
pub(crate) struct Dictionary(*mut ffi::AVDictionary);

impl Dictionary {
    pub fn new<'a>(options: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut dictionary = Self(ptr::null_mut());
        for (key, value) in options {
            let text = |s| CString::new(s).map_err(|_| Error::UnexpectedStream("zero byte in an option".into()));
            let (key, value) = (text(key)?, text(value)?);
            // SAFETY: all pointers are valid for the call; the dictionary copies both strings.
            check("av_dict_set", unsafe { ffi::av_dict_set(&mut dictionary.0, key.as_ptr(), value.as_ptr(), 0) })?;
        }
        Ok(dictionary)
    }

    /// For functions that take out the options they know.
    pub fn as_mut_ptr(&mut self) -> *mut *mut ffi::AVDictionary {
        &mut self.0
    }

    /// Hands the dictionary over to an object of FFmpeg that frees it.
    pub fn into_raw(self) -> *mut ffi::AVDictionary {
        ManuallyDrop::new(self).0
    }

    /// A value in a dictionary of FFmpeg's; empty where there is none.
    ///
    /// # Safety
    /// `dictionary` must be null or valid.
    pub unsafe fn value_of(dictionary: *const ffi::AVDictionary, key: &CStr) -> String {
        // SAFETY: the caller promises the dictionary; a value is a C string.
        unsafe {
            let entry = ffi::av_dict_get(dictionary, key.as_ptr(), ptr::null(), 0);
            if entry.is_null() { String::new() } else { CStr::from_ptr((*entry).value).to_string_lossy().into_owned() }
        }
    }

    /// Fails when an option is left that nobody knew.
    pub fn all_taken(&self) -> Result<()> {
        // SAFETY: the dictionary is valid, the key is a C string.
        let left = unsafe { ffi::av_dict_get(self.0, c"".as_ptr(), ptr::null(), ffi::AV_DICT_IGNORE_SUFFIX) };
        if left.is_null() {
            return Ok(());
        }
        // SAFETY: a non-null entry has a key that is a C string.
        let key = unsafe { CStr::from_ptr((*left).key) };
        Err(Error::UnexpectedStream(format!("option {} is not known", key.to_string_lossy())))
    }
}

impl Drop for Dictionary {
    fn drop(&mut self) {
        // SAFETY: the dictionary is owned; freeing null is allowed.
        unsafe { ffi::av_dict_free(&mut self.0) }
    }
}
