//! Cutting the muxer's output into the initialisation segment and whole chunks.

use std::ops::Range;
use std::sync::Arc;

use crate::boxes::BoxHeader;
use crate::{Error, Result};

/// A piece of this size cannot come from one encoded picture. Also keeps every offset within 32 bits.
const MAX_PIECE_BYTES: u64 = 256 << 20;

/// What came out of the muxer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// `ftyp` and `moov`.
    Init(Arc<[u8]>),
    /// One `moof` and `mdat`.
    Chunk {
        /// The whole chunk.
        bytes: Arc<[u8]>,
        /// Where in `bytes` the body of the `mdat` lies.
        payload: Range<u32>,
    },
}

/// Takes bytes in any portions and gives out whole pieces.
///
/// Boxes that belong to neither piece (the `mfra` of a trailer) are dropped.
#[derive(Debug, Default)]
pub struct Splitter {
    buffer: Vec<u8>,
    /// Start of the next box to look at; before it lie boxes of a piece that is not whole.
    at: usize,
}

impl Splitter {
    /// Adds bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole piece, if there is one.
    ///
    /// # Errors
    /// [`Error::BadBox`] when the bytes are no boxes; the splitter cannot be used any more.
    pub fn next_piece(&mut self) -> Result<Option<Piece>> {
        loop {
            let rest = &self.buffer[self.at..];
            if rest.len() < 8 {
                return Ok(None);
            }
            let Some(head) = BoxHeader::read(rest) else {
                // Only a 64-bit size can be incomplete here.
                let incomplete = rest.starts_with(&[0, 0, 0, 1]) && rest.len() < 16;
                return if incomplete { Ok(None) } else { Err(Error::BadBox("impossible size")) };
            };
            let end = head.size.saturating_add(self.at as u64);
            if end > MAX_PIECE_BYTES {
                return Err(Error::BadBox("too large"));
            }
            let end = end as usize;
            if end > self.buffer.len() {
                return Ok(None);
            }
            match &head.kind {
                b"ftyp" | b"styp" | b"moof" => self.at = end,
                b"moov" => return Ok(Some(Piece::Init(self.take(end)))),
                b"mdat" => {
                    let payload = (self.at + head.header as usize) as u32..end as u32;
                    return Ok(Some(Piece::Chunk { bytes: self.take(end), payload }));
                }
                _ => {
                    self.buffer.drain(self.at..end);
                }
            }
        }
    }

    /// Bytes that belong to no whole piece yet.
    pub fn pending(&self) -> usize {
        self.buffer.len()
    }

    fn take(&mut self, end: usize) -> Arc<[u8]> {
        let bytes = self.buffer[..end].into();
        self.buffer.drain(..end);
        self.at = 0;
        bytes
    }
}
