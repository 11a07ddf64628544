//! The files that a ring or a pin consists of, and writing them so that a crash leaves the old or the new.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The initialisation segment of a ring or a pin.
pub(crate) const INIT_FILE: &str = "init.mp4";
/// What the caller of a pin wants done with it.
pub(crate) const REQUEST_FILE: &str = "request";
const SEGMENT_SUFFIX: &str = "m4s";

/// Name of the segment with this number; numbers sort as names do.
pub(crate) fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:012}.{SEGMENT_SUFFIX}"))
}

/// The segments in a folder, oldest first.
pub(crate) fn segment_paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.extension().is_some_and(|e| e == SEGMENT_SUFFIX) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Makes a folder that only its owner can enter; fails if it exists. Parents are made as needed.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    DirBuilder::new().mode(0o700).create(folder)
}

/// As [`make_private`], but an empty folder that exists is taken as it is.
pub(crate) fn make_private_or_empty(folder: &Path) -> io::Result<()> {
    match make_private(folder) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => match fs::read_dir(folder)?.next() {
            None => Ok(()),
            Some(_) => Err(io::ErrorKind::DirectoryNotEmpty.into()),
        },
        other => other,
    }
}

/// Creates a file that must not exist, for reading and writing by its owner.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Writes a file so that a reader sees either nothing or all of it, also after a crash of the process.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    // A crash may have left one behind.
    match fs::remove_file(&part) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let written = create_new(&part).and_then(|mut f| f.write_all(bytes)).and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Makes a finished file survive a power cut: syncs the file, then the folder that holds its name.
///
/// # Errors
/// The system's error.
pub fn sync_file_and_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Renames without ever replacing a file.
///
/// # Errors
/// `AlreadyExists` when there is a file of the new name; otherwise the system's error.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system knows the flag; a hard link refuses to replace everywhere.
        Err(Errno::INVAL | Errno::NOSYS) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        other => other.map_err(io::Error::from),
    }
}
