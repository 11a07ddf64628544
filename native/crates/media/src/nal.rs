//! NAL units of H.264 in Annex B form (start codes) and in length-prefixed form (ISO/IEC 14496-15).

/// Network abstraction layer unit types that this program tells apart (Rec. ITU-T H.264, table 7-1).
pub(crate) mod kind {
    pub const SPS: u8 = 7;
    pub const PPS: u8 = 8;
    pub const AUD: u8 = 9;
}

/// Type of a unit; none for an empty one.
pub(crate) fn kind_of(unit: &[u8]) -> Option<u8> {
    unit.first().map(|b| b & 0x1f)
}

/// The units of an Annex B byte stream, without start codes and the zeros before them.
pub fn units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(stream);
    std::iter::from_fn(move || {
        let body = rest?;
        let next = after_start_code(body);
        let end = next.map_or(body.len(), |n| body.len() - n.len() - 3);
        rest = next;
        // A unit never ends in a zero byte: those before a start code belong to the code, those at the end are
        // trailing_zero_8bits.
        let end = body[..end].iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
        Some(&body[..end])
    })
    .filter(|unit| !unit.is_empty())
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    bytes.windows(3).position(|w| w == [0, 0, 1]).map(|at| &bytes[at + 3..])
}

/// Turns an Annex B packet into a sample of an `avc1` track: each unit behind its 32-bit length, without parameter
/// sets (they are in the track's configuration) and access unit delimiters. SEI stays.
pub fn annex_b_to_sample(packet: &[u8]) -> Vec<u8> {
    let mut sample = Vec::with_capacity(packet.len() + 16);
    for unit in units(packet) {
        if matches!(kind_of(unit), Some(kind::SPS | kind::PPS | kind::AUD)) {
            continue;
        }
        // A packet is far below four gigabytes: FFmpeg's own size is a C int.
        sample.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        sample.extend_from_slice(unit);
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_found_behind_three_and_four_byte_codes() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 4, 0, 0, 3, 5, 0];
        let got: Vec<_> = units(&stream).collect();
        assert_eq!(got, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 4, 0, 0, 3, 5]]);
        assert_eq!(units(&[]).count() + units(&[0, 0]).count() + units(&[1, 2, 3]).count(), 0);
        assert_eq!(units(&[0, 0, 1]).count(), 0);
    }

    #[test]
    fn sample_has_lengths_and_no_parameter_sets() {
        let packet = [0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x06, 9, 0, 0, 1, 0x65, 7, 8];
        assert_eq!(annex_b_to_sample(&packet), [0, 0, 0, 2, 0x06, 9, 0, 0, 0, 3, 0x65, 7, 8]);
    }
}
