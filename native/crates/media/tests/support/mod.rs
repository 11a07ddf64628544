//! Initialisation segments and chunks as FFmpeg writes them, made by hand.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic)]

pub mod small_fs;

use clipshot_media::{Chunk, InitSegment, Meta};

pub const SECOND: i64 = 90_000;
pub const BLOCK: i64 = 1024;
pub const RATE: i64 = 48_000;

pub fn put_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = (body.len() as u32 + 8).to_be_bytes().to_vec();
    out.extend_from_slice(kind);
    out.extend_from_slice(body);
    out
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

fn trak(id: u32, handler: &[u8; 4], timescale: u32) -> Vec<u8> {
    let tkhd = put_box(b"tkhd", &words(&[3, 0, 0, id, 0, 0]));
    let mdhd = put_box(b"mdhd", &words(&[0, 0, 0, timescale, 0, 0]));
    let hdlr = put_box(b"hdlr", &[&[0; 8], &handler[..], &[0; 13]].concat());
    let mdia = put_box(b"mdia", &[mdhd, hdlr].concat());
    put_box(b"trak", &[tkhd, mdia].concat())
}

pub fn init_bytes(with_sound: bool) -> Vec<u8> {
    let mut moov = put_box(b"mvhd", &[0; 100]);
    moov.extend(trak(1, b"vide", SECOND as u32));
    if with_sound {
        moov.extend(trak(2, b"soun", RATE as u32));
    }
    [put_box(b"ftyp", b"isom\0\0\x02\0iso5"), put_box(b"moov", &moov)].concat()
}

pub fn init(with_sound: bool) -> InitSegment {
    InitSegment::parse(init_bytes(with_sound)).unwrap()
}

/// A chunk whose sample is `len` bytes of a value that follows from its time.
pub fn chunk(meta: Meta, len: usize) -> Chunk {
    let payload = vec![meta.pts as u8; len];
    let mfhd = put_box(b"mfhd", &words(&[0, 1]));
    let flags = if meta.key { 0x0200_0000 } else { 0x0101_0000 };
    let tfhd = put_box(b"tfhd", &words(&[0x02_0038, u32::from(meta.track) + 1, meta.dur as u32, len as u32, flags]));
    let tfdt = put_box(b"tfdt", &[&words(&[0x0100_0000])[..], &meta.dts.to_be_bytes()].concat());
    let moof_size = 8 + mfhd.len() + 8 + tfhd.len() + tfdt.len() + 24;
    let trun = put_box(b"trun", &words(&[0x801, 1, moof_size as u32 + 8, (meta.pts - meta.dts) as u32]));
    let moof = put_box(b"moof", &[mfhd, put_box(b"traf", &[tfhd, tfdt, trun].concat())].concat());
    assert_eq!(moof.len(), moof_size);
    let start = moof.len() as u32 + 8;
    let bytes: Vec<u8> = [moof, put_box(b"mdat", &payload)].concat();
    let end = bytes.len() as u32;
    Chunk { bytes: bytes.into(), meta, payload: start..end, ready_at: 0 }
}

pub fn picture(pts: i64, dur: i64, key: bool) -> Meta {
    Meta { track: 0, key, pts, dts: pts, dur }
}

pub fn sound(pts: i64) -> Meta {
    Meta { track: 1, key: true, pts, dts: pts, dur: BLOCK }
}

/// Pictures at ten a second with a keyframe each second, and sound between, from `from` to `to` seconds.
pub fn stream(from: i64, to: i64) -> Vec<Meta> {
    let mut metas: Vec<_> = (from * 10..to * 10).map(|n| picture(n * SECOND / 10, SECOND / 10, n % 10 == 0)).collect();
    let blocks = from * RATE / BLOCK..to * RATE / BLOCK;
    metas.extend(blocks.map(|n| sound(n * BLOCK)));
    // Pictures first where times are equal.
    metas.sort_by_key(|m| (m.dts * if m.track == 0 { 8 } else { 15 }, m.track));
    metas
}

/// xorshift64*: the same numbers each time.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }
}
