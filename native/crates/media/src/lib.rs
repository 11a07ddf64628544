//! Packets, the segment ring, the box scanner and recovery.
//!
//! This crate knows no encoder, no Python and no `unsafe`: bytes and times in, files and indexes out.
#![forbid(unsafe_code)]

mod boxes;
mod chunk;
mod clock;
mod grid;
mod error;
mod fragment;
mod init;
mod packet;
mod scan;
mod splitter;

pub use chunk::Chunk;
pub use clock::{Clock, monotonic_ns, unix_ns};
pub use grid::{Cause, Grid, Plan};
pub use error::{Error, Result, is_no_space};
pub use init::{InitSegment, Track, TrackKind};
pub use packet::{Meta, Packet, VIDEO_TIMESCALE, VIDEO_TRACK};
pub use scan::{Entry, ReadAt, Scan, scan};
pub use splitter::{Piece, Splitter};
