//! FFmpeg's packet.

use std::slice;

use clipshot_media::{Meta, Packet};
use ffmpeg_sys_next as ffi;

use crate::error::{check, out_of_memory};
use crate::{Error, Result};

/// An owned AVPacket.
pub(crate) struct AvPacket(*mut ffi::AVPacket);

// SAFETY: a packet is plain data without ties to a thread.
unsafe impl Send for AvPacket {}

impl AvPacket {
    pub fn empty() -> Result<Self> {
        // SAFETY: no preconditions.
        let raw = unsafe { ffi::av_packet_alloc() };
        if raw.is_null() { Err(out_of_memory("av_packet_alloc")) } else { Ok(Self(raw)) }
    }

    /// A packet of `len` bytes that `fill` writes.
    pub fn filled<E: Into<Error>>(
        meta: &Meta,
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> std::result::Result<(), E>,
    ) -> Result<Self> {
        let packet = Self::empty()?;
        let size = i32::try_from(len).map_err(|_| Error::UnexpectedStream("packet above 2 GiB".into()))?;
        // SAFETY: the packet is valid and empty.
        check("av_new_packet", unsafe { ffi::av_new_packet(packet.0, size) })?;
        // SAFETY: av_new_packet allocated `size` bytes that nothing else refers to.
        fill(unsafe { slice::from_raw_parts_mut((*packet.0).data, len) }).map_err(Into::into)?;
        packet.set_meta(meta);
        Ok(packet)
    }

    pub fn copied(packet: &Packet) -> Result<Self> {
        Self::filled(&packet.meta, packet.data.len(), |to| {
            to.copy_from_slice(&packet.data);
            Ok::<_, Error>(())
        })
    }

    fn set_meta(&self, meta: &Meta) {
        // SAFETY: the packet is valid and only referred to from here.
        let raw = unsafe { &mut *self.0 };
        (raw.pts, raw.dts, raw.duration) = (meta.pts, meta.dts, meta.dur);
        raw.stream_index = i32::from(meta.track);
        raw.flags = if meta.key { ffi::AV_PKT_FLAG_KEY } else { 0 };
    }

    pub fn pts(&self) -> i64 {
        // SAFETY: the packet is valid.
        unsafe { (*self.0).pts }
    }

    pub fn is_key(&self) -> bool {
        // SAFETY: the packet is valid.
        unsafe { (*self.0).flags & ffi::AV_PKT_FLAG_KEY != 0 }
    }

    pub fn data(&self) -> &[u8] {
        // SAFETY: the packet is valid.
        let raw = unsafe { &*self.0 };
        if raw.data.is_null() || raw.size <= 0 {
            return &[];
        }
        // SAFETY: data points to size bytes that live as long as the packet.
        unsafe { slice::from_raw_parts(raw.data, raw.size as usize) }
    }

    pub fn as_ptr(&self) -> *mut ffi::AVPacket {
        self.0
    }
}

impl Drop for AvPacket {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::av_packet_free(&mut self.0) }
    }
}
