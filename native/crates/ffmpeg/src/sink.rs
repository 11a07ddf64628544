//! Where a muxer's bytes go.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Takes the bytes of a muxer.
pub(crate) trait Sink {
    /// Takes all of them.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Moves to another position; none where that is not possible.
    fn seek(&mut self, to: SeekFrom) -> Option<io::Result<u64>>;
}

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }
    fn seek(&mut self, _to: SeekFrom) -> Option<io::Result<u64>> {
        None
    }
}

impl Sink for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
    fn seek(&mut self, to: SeekFrom) -> Option<io::Result<u64>> {
        Some(Seek::seek(self, to))
    }
}
