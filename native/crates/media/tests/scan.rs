//! The scanner on whole, torn and hostile files.
// These are tests, helpers of tests included.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod support;

use clipshot_media::{Chunk, Meta, Piece, Splitter, recover_recording, scan};
use support::{Random, chunk, init_bytes, put_box, stream};

/// A recording, its chunks and where each ends.
fn recording() -> (Vec<u8>, Vec<Chunk>, Vec<usize>) {
    let mut bytes = init_bytes(true);
    let mut ends = vec![bytes.len()];
    let chunks: Vec<_> = stream(0, 2).into_iter().enumerate().map(|(i, m)| chunk(m, 40 + i % 7)).collect();
    for c in &chunks {
        bytes.extend_from_slice(&c.bytes);
        ends.push(bytes.len());
    }
    (bytes, chunks, ends)
}

fn metas(bytes: &[u8]) -> (Vec<Meta>, u64) {
    let found = scan(bytes).unwrap();
    (found.entries.iter().map(|e| e.meta).collect(), found.whole)
}

#[test]
fn index_is_what_was_written() {
    let (bytes, chunks, _) = recording();
    let found = scan(&bytes[..]).unwrap();
    assert_eq!(found.whole, bytes.len() as u64);
    assert_eq!(&found.init.unwrap().bytes()[..], init_bytes(true));
    assert_eq!(found.entries.len(), chunks.len());
    for (entry, chunk) in found.entries.iter().zip(&chunks) {
        assert_eq!(entry.meta, chunk.meta);
        let sample = &bytes[entry.offset as usize..][..entry.len as usize];
        assert_eq!(sample, chunk.sample());
    }
}

#[test]
fn negative_times_of_priming_are_kept() {
    let early = Meta { track: 1, key: true, pts: -1024, dts: -1024, dur: 1024 };
    assert_eq!(metas(&chunk(early, 9).bytes).0, [early]);
}

#[test]
fn cut_at_every_byte_recovers_to_the_last_whole_chunk() {
    let (bytes, chunks, ends) = recording();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.mp4");
    for len in 0..=bytes.len() {
        let whole = ends.iter().rposition(|&end| end <= len);
        let (found, at) = metas(&bytes[..len]);
        assert_eq!(found.len(), whole.unwrap_or(0), "cut at {len}");
        assert_eq!(at, whole.map_or(0, |i| ends[i] as u64), "cut at {len}");
    }
    // The same through a file, for each byte of the last chunk.
    for len in ends[chunks.len() - 1]..bytes.len() {
        std::fs::write(&path, &bytes[..len]).unwrap();
        let footage = recover_recording(&path).unwrap();
        assert_eq!(footage.segments[0].entries.len(), chunks.len() - 1, "cut at {len}");
        assert_eq!(footage.segments[0].len, ends[chunks.len() - 1] as u64);
    }
}

#[test]
fn every_flipped_bit_is_survived_and_everything_before_it_is_kept() {
    let (bytes, _, ends) = recording();
    let (all, _) = metas(&bytes);
    let first_chunks = ends[6];
    for at in 0..first_chunks {
        for bit in 0..8 {
            let mut damaged = bytes[..ends[12]].to_vec();
            damaged[at] ^= 1 << bit;
            let (found, _) = metas(&damaged);
            let before = ends.iter().rposition(|&end| end <= at).unwrap_or(0);
            assert!(found.len() >= before, "byte {at} bit {bit}");
            assert_eq!(found[..before], all[..before], "byte {at} bit {bit}");
            // Whatever is found afterwards still has rising times in each track.
            for track in 0..2 {
                let dts: Vec<_> = found.iter().filter(|m| m.track == track).map(|m| m.dts).collect();
                assert!(dts.windows(2).all(|w| w[0] < w[1]), "byte {at} bit {bit}");
            }
        }
    }
}

#[test]
fn reordered_chunks_end_the_index() {
    let (_, chunks, _) = recording();
    let of_pictures: Vec<_> = chunks.iter().filter(|c| c.meta.track == 0).collect();
    let bytes: Vec<u8> = [0, 1, 3, 2, 4].iter().flat_map(|&i| of_pictures[i].bytes.to_vec()).collect();
    assert_eq!(metas(&bytes).0.len(), 3);
    let twice: Vec<u8> = [0, 0].iter().flat_map(|&i| of_pictures[i].bytes.to_vec()).collect();
    assert_eq!(metas(&twice).0.len(), 1);
}

#[test]
fn tracks_that_the_init_does_not_know_end_the_index() {
    let mut bytes = init_bytes(false);
    bytes.extend_from_slice(&chunk(support::picture(0, 1, true), 8).bytes);
    bytes.extend_from_slice(&chunk(support::sound(0), 8).bytes);
    assert_eq!(metas(&bytes).0.len(), 1);
}

#[test]
fn hostile_sizes_neither_panic_nor_loop() {
    let (bytes, chunks, ends) = recording();
    let large = |kind: &[u8; 4], size: u64| {
        let mut b = 1u32.to_be_bytes().to_vec();
        b.extend_from_slice(kind);
        b.extend_from_slice(&size.to_be_bytes());
        b
    };
    for kind in [b"ftyp", b"moov", b"moof", b"mdat", b"free"] {
        for size in [0, 1, 7, 8, 15, 16, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
            let alone = large(kind, size);
            scan(&alone[..]).unwrap();
            let mut after = bytes[..ends[4]].to_vec();
            after.extend_from_slice(&alone);
            after.extend_from_slice(&bytes[ends[4]..]);
            assert!(metas(&after).0.len() >= 4);
        }
        for size in [0u32, 1, 2, 7, 8, u32::MAX] {
            let mut alone = size.to_be_bytes().to_vec();
            alone.extend_from_slice(kind);
            alone.extend_from_slice(&chunks[0].bytes);
            scan(&alone[..]).unwrap();
        }
    }
    // A moof full of empty boxes, and one that is nested deeply.
    let empties = put_box(b"moof", &put_box(b"free", &[]).repeat(1000));
    scan(&empties[..]).unwrap();
    let nested = (0..1000).fold(Vec::new(), |inner, _| put_box(b"moof", &inner));
    scan(&nested[..]).unwrap();
}

#[test]
fn random_damage_is_survived() {
    let (bytes, _, ends) = recording();
    let mut random = Random(0x5eed);
    for _ in 0..20_000 {
        let mut damaged = bytes[..ends[8]].to_vec();
        for _ in 0..=random.below(4) {
            let (at, n) = (random.below(damaged.len()), random.below(40));
            match random.below(5) {
                0 => damaged.truncate(at),
                1 => damaged[at] = random.below(256) as u8,
                2 => damaged.drain(at..(at + n).min(bytes.len()).min(damaged.len())).for_each(drop),
                3 => drop(damaged.splice(at..at, bytes[n..2 * n].to_vec())),
                _ => {
                    let word = [0, 1, 8, 16, 0x7fff_ffff, u32::MAX][random.below(6)];
                    let end = (at + 4).min(damaged.len());
                    damaged[at..end].copy_from_slice(&word.to_be_bytes()[..end - at]);
                }
            }
            if damaged.is_empty() {
                break;
            }
        }
        let found = scan(&damaged[..]).unwrap();
        assert!(found.whole <= damaged.len() as u64);
        assert!(found.entries.iter().all(|e| e.offset + u64::from(e.len) <= found.whole));
        // The splitter may refuse, but not panic or loop.
        let mut splitter = Splitter::default();
        splitter.feed(&damaged);
        while let Ok(Some(_)) = splitter.next_piece() {}
    }
}

#[test]
fn splitter_gives_the_same_pieces_however_the_bytes_arrive() {
    let (bytes, chunks, _) = recording();
    let trailer = put_box(b"mfra", &[0; 30]);
    let all = [&bytes[..], &trailer].concat();
    for portion in [1, 7, 64, 1000, all.len()] {
        let mut splitter = Splitter::default();
        let mut pieces = Vec::new();
        for part in all.chunks(portion) {
            splitter.feed(part);
            while let Some(piece) = splitter.next_piece().unwrap() {
                pieces.push(piece);
            }
        }
        assert_eq!(splitter.pending(), 0);
        assert_eq!(pieces.len(), chunks.len() + 1);
        assert_eq!(pieces[0], Piece::Init(init_bytes(true).into()));
        for (piece, chunk) in pieces[1..].iter().zip(&chunks) {
            assert_eq!(*piece, Piece::Chunk { bytes: chunk.bytes.clone(), payload: chunk.payload.clone() });
        }
    }
}
