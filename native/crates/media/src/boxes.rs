//! Box headers of ISO/IEC 14496-12, read so that no input can make the reader panic or loop.

/// Header of one box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BoxHeader {
    /// Four-character code.
    pub kind: [u8; 4],
    /// Bytes of the header itself: 8 or 16.
    pub header: u64,
    /// Bytes of the whole box, header included; never less than `header`.
    pub size: u64,
}

/// Longest box header: 32-bit size, code, 64-bit size.
pub(crate) const MAX_HEADER: usize = 16;

impl BoxHeader {
    /// Reads the header at the start of `bytes`.
    ///
    /// None when there are too few bytes, when the size is smaller than the header, or when the box runs to the
    /// end of the file (size 0), which this program never writes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let size = u64::from(be32(bytes, 0)?);
        let kind = array::<4>(bytes, 4)?;
        let (header, size) = if size == 1 { (16, be64(bytes, 8)?) } else { (8, size) };
        (size >= header).then_some(Self { kind, header, size })
    }
}

/// The boxes that lie whole in a slice, in order, with their bodies. Ends at the first one that does not.
pub(crate) fn children(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let head = BoxHeader::read(rest)?;
        let size = usize::try_from(head.size).ok()?;
        let body = rest.get(head.header as usize..size)?;
        rest = &rest[size..];
        Some((head.kind, body))
    })
}

/// Body of the first child with this code.
pub(crate) fn child<'a>(body: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    children(body).find(|(k, _)| k == kind).map(|(_, b)| b)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Big-endian 16-bit number at `at`.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Big-endian 32-bit number at `at`.
pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Big-endian 64-bit number at `at`.
pub(crate) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_refuses_sizes_that_would_stand_still_or_run_backwards() {
        for size in [0u32, 2, 7] {
            let mut b = size.to_be_bytes().to_vec();
            b.extend_from_slice(b"mdat\0\0\0\0\0\0\0\0");
            assert_eq!(BoxHeader::read(&b), None, "size {size}");
        }
        let mut b = 1u32.to_be_bytes().to_vec();
        b.extend_from_slice(b"mdat");
        b.extend_from_slice(&15u64.to_be_bytes());
        assert_eq!(BoxHeader::read(&b), None);
    }

    fn put_box(out: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
        out.extend_from_slice(&(body.len() as u32 + 8).to_be_bytes());
        out.extend_from_slice(kind);
        out.extend_from_slice(body);
    }

    #[test]
    fn children_end_at_a_box_that_is_longer_than_its_parent() {
        let mut b = Vec::new();
        put_box(&mut b, b"free", b"abc");
        b.extend_from_slice(&u32::MAX.to_be_bytes());
        b.extend_from_slice(b"mdat");
        let got: Vec<_> = children(&b).collect();
        assert_eq!(got, vec![(*b"free", b"abc".as_slice())]);
    }
}
