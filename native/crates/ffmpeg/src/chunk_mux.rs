//! Packets in, chunks out.

use clipshot_media::{Chunk, InitSegment, Packet, Piece, Splitter, monotonic_ns};

use crate::muxer::Muxer;
use crate::packet::AvPacket;
use crate::{Error, Result, TrackParameters};

/// `empty_moov`: the initialisation segment is there before the first packet, so a late or silent track holds
/// nothing up. `frag_custom`: a fragment ends when we say so. `skip_trailer`: no index of fragments at the end.
const FLAGS: &str = "empty_moov+default_base_moof+frag_custom+skip_trailer";

/// Larger than most packets, so that one write hands over a chunk.
const BUFFER: usize = 256 << 10;

/// Turns each packet of a session at once into one chunk of one stream.
pub struct ChunkMux {
    muxer: Muxer<Vec<u8>>,
    splitter: Splitter,
    init: InitSegment,
}

impl ChunkMux {
    /// Opens a stream with these tracks; [`clipshot_media::Meta::track`] is the index into them, and the first one
    /// carries the pictures.
    ///
    /// # Errors
    /// FFmpeg's error when it cannot mux one of the tracks.
    pub fn open(tracks: &[TrackParameters]) -> Result<Self> {
        let mut muxer = Muxer::open(Vec::new(), BUFFER, tracks, &[("movflags", FLAGS)])?;
        muxer.flush()?;
        let mut splitter = Splitter::default();
        splitter.feed(muxer.sink_mut());
        muxer.sink_mut().clear();
        let Some(Piece::Init(bytes)) = splitter.next_piece()? else {
            return Err(Error::UnexpectedStream("no initialisation segment before the first packet".into()));
        };
        Ok(Self { muxer, splitter, init: InitSegment::parse(bytes)? })
    }

    /// The initialisation segment, which every file and subscriber needs first.
    pub fn init_segment(&self) -> &InitSegment {
        &self.init
    }

    /// Muxes a packet.
    ///
    /// # Errors
    /// FFmpeg's error (times of a track must rise); [`Error::UnexpectedStream`] when it did not make exactly one
    /// chunk of the packet.
    pub fn write(&mut self, packet: &Packet) -> Result<Chunk> {
        let meta = packet.meta;
        // Without this FFmpeg moves a packet that follows a gap up to the end of the one before: on a screen that stood
        // still, the next picture would come too early. It also keeps the offset between sound and picture.
        self.muxer.begin_at_own_time()?;
        self.muxer.write(&AvPacket::copied(packet)?)?;
        self.muxer.flush_fragment()?;
        self.splitter.feed(self.muxer.sink_mut());
        self.muxer.sink_mut().clear();
        match (self.splitter.next_piece()?, self.splitter.pending()) {
            (Some(Piece::Chunk { bytes, payload }), 0) => Ok(Chunk { bytes, meta, payload, ready_at: monotonic_ns() }),
            _ => Err(Error::UnexpectedStream("a packet did not become one chunk".into())),
        }
    }
}
