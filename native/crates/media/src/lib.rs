//! Packets, the segment ring, the box scanner and recovery.
//!
//! This crate knows no encoder, no Python and no `unsafe`: bytes and times in, files and indexes out.
#![forbid(unsafe_code)]

mod avcc;
mod boxes;
mod chunk;
mod clock;
mod cut;
mod error;
mod finish;
mod folder;
mod footage;
mod fragment;
mod grid;
mod init;
mod labels;
mod live;
mod movie;
pub mod nal;
mod packet;
mod pin;
mod recording;
mod recover;
mod ring;
mod ring_index;
mod scan;
mod segment;
mod splice;
mod splitter;
mod timeline;
mod writer;

pub use avcc::Avcc;
pub use chunk::Chunk;
pub use clock::{Clock, monotonic_ns, unix_ns};
pub use cut::{CopiedSample, Cut, HeadSample, StartRule};
pub use error::{Error, Result, is_no_space};
pub use finish::{Finished, finish_in_place};
pub use folder::{rename_new, sync_file_and_folder};
pub use footage::{Footage, FootageReader, SampleRef};
pub use grid::{Cause, Grid, Plan};
pub use init::{InitSegment, Track, TrackKind};
pub use labels::{Chapter, Labels};
pub use live::LiveQueue;
pub use packet::{Meta, Packet, VIDEO_TIMESCALE, VIDEO_TRACK};
pub use pin::Pin;
pub use recording::RecordingWriter;
pub use recover::{recover, recover_recording};
pub use ring::{Ring, RingLimits, RingStatus, ShortBy};
pub use scan::{Entry, ReadAt, Scan, scan};
pub use segment::{Place, Segment};
pub use splice::{Splice, Spliced};
pub use splitter::{Piece, Splitter};
pub use timeline::{TimeMark, Timeline};
pub use writer::{PlaceChange, SegmentWriter};
