//! AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1): the parameter sets of an `avc1` track.

use crate::boxes::be16;
use crate::nal::{kind, kind_of, units};
use crate::{Error, Result};

/// Profiles whose record ends with four more fields. Sets of all are High or below, 4:2:0, 8 bit.
const HIGH_PROFILES: [u8; 4] = [100, 110, 122, 144];

/// The parameter sets of a stream, or of several joined in one track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avcc {
    sequence_sets: Vec<Vec<u8>>,
    picture_sets: Vec<Vec<u8>>,
}

impl Avcc {
    /// Reads a record as a track holds it.
    ///
    /// # Errors
    /// [`Error::BadAvcc`] when it is cut short, has no sets, or samples carry lengths of other than four bytes.
    pub fn parse(record: &[u8]) -> Result<Self> {
        let header: [u8; 6] =
            record.get(..6).and_then(|h| h.try_into().ok()).ok_or(Error::BadAvcc("shorter than its header"))?;
        if header[0] != 1 {
            return Err(Error::BadAvcc("version is not 1"));
        }
        if header[4] & 3 != 3 {
            return Err(Error::BadAvcc("lengths are not four bytes"));
        }
        let mut at = 6;
        let sequence_sets = read_sets(record, &mut at, header[5] & 0x1f)?;
        let count = *record.get(at).ok_or(Error::BadAvcc("cut short"))?;
        at += 1;
        let picture_sets = read_sets(record, &mut at, count)?;
        Self::new(sequence_sets, picture_sets)
    }

    /// Collects the sets out of an Annex B stream, such as an encoder's global header.
    ///
    /// # Errors
    /// [`Error::BadAvcc`] when it has no sets.
    pub fn from_annex_b(stream: &[u8]) -> Result<Self> {
        let of = |wanted| units(stream).filter(|u| kind_of(u) == Some(wanted)).map(<[u8]>::to_vec).collect();
        Self::new(of(kind::SPS), of(kind::PPS))
    }

    fn new(sequence_sets: Vec<Vec<u8>>, picture_sets: Vec<Vec<u8>>) -> Result<Self> {
        if sequence_sets.is_empty() || picture_sets.is_empty() {
            return Err(Error::BadAvcc("no parameter sets"));
        }
        if sequence_sets.len() > 31 || picture_sets.len() > 255 {
            return Err(Error::BadAvcc("too many parameter sets"));
        }
        if sequence_sets.iter().any(|s| s.len() < 4) {
            return Err(Error::BadAvcc("sequence parameter set is too short"));
        }
        if sequence_sets.iter().chain(&picture_sets).any(|s| s.len() > usize::from(u16::MAX)) {
            return Err(Error::BadAvcc("parameter set is too long"));
        }
        Ok(Self { sequence_sets, picture_sets })
    }

    /// Both streams' sets in one record; `other`'s must have ids of their own.
    ///
    /// # Errors
    /// [`Error::BadAvcc`] when there would be too many, or when an id is used by both (the encoder then did not
    /// take the id it was asked to).
    pub fn merged_with(&self, other: &Self) -> Result<Self> {
        if other.ids().any(|id| self.ids().any(|own| own == id)) {
            return Err(Error::BadAvcc("both streams use the same parameter set id"));
        }
        let join = |a: &[Vec<u8>], b: &[Vec<u8>]| a.iter().chain(b).cloned().collect();
        Self::new(join(&self.sequence_sets, &other.sequence_sets), join(&self.picture_sets, &other.picture_sets))
    }

    /// The record. Its profile and level are the highest of all sets and its compatibility flags those that all
    /// share, so that a decoder chosen by them can decode every part.
    pub fn to_bytes(&self) -> Vec<u8> {
        let fold = |at: usize, f: fn(u8, u8) -> u8| self.sequence_sets.iter().map(|s| s[at]).reduce(f).unwrap_or(0);
        let profile = fold(1, u8::max);
        let mut out = vec![1, profile, fold(2, |a, b| a & b), fold(3, u8::max), 0xff, 0xe0];
        out[5] |= self.sequence_sets.len() as u8;
        write_sets(&mut out, &self.sequence_sets);
        out.push(self.picture_sets.len() as u8);
        write_sets(&mut out, &self.picture_sets);
        if HIGH_PROFILES.contains(&profile) {
            // chroma_format 4:2:0, 8 bit luma and chroma, no extension sets; the unused bits are 1.
            out.extend_from_slice(&[0xfc | 1, 0xf8, 0xf8, 0]);
        }
        out
    }

    /// The `codecs` value of the stream (RFC 6381, 3.3), such as "avc1.42C01F".
    pub fn codec(&self) -> String {
        let record = self.to_bytes();
        format!("avc1.{:02X}{:02X}{:02X}", record[1], record[2], record[3])
    }

    /// The smallest id that neither a sequence nor a picture parameter set has; none where 0 to 31 are taken.
    pub fn free_id(&self) -> Option<u32> {
        (0..32).find(|&id| self.ids().all(|taken| taken != id))
    }

    /// Ids of all sets, of both kinds. An id that cannot be read is left out.
    fn ids(&self) -> impl Iterator<Item = u32> {
        // After the unit's header byte a sequence set has profile, flags and level; a picture set begins at once.
        let sequence = self.sequence_sets.iter().filter_map(|s| unsigned_exp_golomb(&s[4..]));
        let picture = self.picture_sets.iter().filter_map(|s| unsigned_exp_golomb(s.get(1..)?));
        sequence.chain(picture)
    }

    /// Number of sequence parameter sets.
    pub fn sequence_set_count(&self) -> usize {
        self.sequence_sets.len()
    }
}

/// The ue(v) code (Rec. ITU-T H.264, 9.1) at the start of `bytes`, which must lie in their first 32 bits.
fn unsigned_exp_golomb(bytes: &[u8]) -> Option<u32> {
    let mut word = [0; 4];
    let n = bytes.len().min(4);
    word[..n].copy_from_slice(&bytes[..n]);
    let bits = u32::from_be_bytes(word);
    let zeros = bits.leading_zeros();
    (2 * zeros < 32).then(|| (bits >> (31 - 2 * zeros)) - 1)
}

fn read_sets(record: &[u8], at: &mut usize, count: u8) -> Result<Vec<Vec<u8>>> {
    let mut sets = Vec::new();
    for _ in 0..count {
        let len = be16(record, *at).ok_or(Error::BadAvcc("cut short"))?;
        let start = *at + 2;
        *at = start + usize::from(len);
        sets.push(record.get(start..*at).ok_or(Error::BadAvcc("cut short"))?.to_vec());
    }
    Ok(sets)
}

fn write_sets(out: &mut Vec<u8>, sets: &[Vec<u8>]) {
    for set in sets {
        out.extend_from_slice(&(set.len() as u16).to_be_bytes());
        out.extend_from_slice(set);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(profile: u8, flags: u8, level: u8, mark: u8) -> Vec<u8> {
        [&[0, 0, 0, 1, 0x67, profile, flags, level, mark][..], &[0, 0, 0, 1, 0x68, mark]].concat()
    }

    #[test]
    fn record_survives_a_round_trip() {
        let a = Avcc::from_annex_b(&stream(100, 0, 40, 0x80)).unwrap();
        assert_eq!(Avcc::parse(&a.to_bytes()).unwrap(), a);
        assert_eq!(a.codec(), "avc1.640028");
    }

    #[test]
    fn merged_record_announces_what_both_need() {
        let baseline = Avcc::from_annex_b(&stream(66, 0xc0, 42, 0x80)).unwrap();
        let high = Avcc::from_annex_b(&stream(100, 0x40, 40, 0x40)).unwrap();
        let both = baseline.merged_with(&high).unwrap();
        let bytes = both.to_bytes();
        assert_eq!(bytes[..6], [1, 100, 0x40, 42, 0xff, 0xe2]);
        assert_eq!(bytes[bytes.len() - 4..], [0xfd, 0xf8, 0xf8, 0]);
        assert_eq!(Avcc::parse(&bytes).unwrap(), both);
    }

    #[test]
    fn sets_of_one_id_cannot_be_merged() {
        let a = Avcc::from_annex_b(&stream(100, 0, 40, 0x80)).unwrap();
        let b = Avcc::from_annex_b(&stream(66, 0, 42, 0x81)).unwrap();
        assert!(matches!(a.merged_with(&b), Err(Error::BadAvcc(_))));
    }

    #[test]
    fn free_id_is_the_first_that_no_set_has() {
        let zero = Avcc::from_annex_b(&stream(100, 0, 40, 0x80)).unwrap(); // ue(v) 1 is 0
        assert_eq!(zero.free_id(), Some(1));
        let one = Avcc::from_annex_b(&stream(100, 0, 40, 0x40)).unwrap(); // ue(v) 010 is 1
        assert_eq!(one.free_id(), Some(0));
        assert_eq!(zero.merged_with(&one).unwrap().free_id(), Some(2));
    }

    #[test]
    fn every_cut_of_a_record_is_refused_without_panic() {
        let bytes = Avcc::from_annex_b(&stream(66, 0, 40, 0x80)).unwrap().to_bytes();
        for n in 0..bytes.len() {
            assert!(Avcc::parse(&bytes[..n]).is_err(), "{n}");
        }
    }
}
