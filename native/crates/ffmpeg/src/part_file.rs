//! A file that is written beside its target and renamed in when it is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use clipshot_media::rename_new;

use crate::{Error, Result};

/// Removes the part file unless it was renamed.
pub(crate) struct PartFile {
    part: PathBuf,
    target: PathBuf,
    placed: bool,
}

impl PartFile {
    /// Creates `TARGET.part`; one that an interrupted save left behind is replaced. The target must not exist.
    pub fn create(target: &Path) -> Result<(Self, File)> {
        if target.symlink_metadata().is_ok() {
            return Err(Error::TargetExists { path: target.into() });
        }
        let mut name = OsString::from(target);
        name.push(".part");
        let part = PathBuf::from(name);
        match fs::remove_file(&part) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::io(&part)(e)),
            _ => {}
        }
        let open = OpenOptions::new().read(true).write(true).create_new(true).open(&part);
        let file = open.map_err(Error::io(&part))?;
        Ok((Self { part, target: target.into(), placed: false }, file))
    }

    /// Gives the file its name, unless another has taken it meanwhile.
    pub fn place(mut self) -> Result<()> {
        rename_new(&self.part, &self.target).map_err(|e| {
            if e.kind() == io::ErrorKind::AlreadyExists {
                Error::TargetExists { path: self.target.clone() }
            } else {
                Error::io(&self.target)(e)
            }
        })?;
        self.placed = true;
        Ok(())
    }

    /// Fills in the name where the error came out of the muxer, which does not know it.
    pub fn name_error(&self, error: Error) -> Error {
        let path = self.target.clone();
        match error {
            Error::NoSpace { .. } => Error::NoSpace { path },
            Error::Io { source, path: p } if p.as_os_str().is_empty() => Error::Io { path, source },
            other => other,
        }
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.part);
        }
    }
}
