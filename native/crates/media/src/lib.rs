//! Packets, the segment ring, the box scanner and recovery.
//!
//! This crate knows no encoder, no Python and no `unsafe`: bytes and times in, files and indexes out.
#![forbid(unsafe_code)]

mod chunk;
mod packet;

pub use chunk::Chunk;
pub use packet::{Meta, Packet, VIDEO_TIMESCALE, VIDEO_TRACK};
