//! Memory shared with another process by a descriptor (memfd), as MIT-SHM 1.2 takes it.

use std::ffi::c_void;
use std::io;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;

use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// An anonymous shared mapping. It is released when dropped; the other side keeps its own reference.
#[derive(Debug)]
pub struct SharedMemory {
    address: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping belongs to this value alone within the process, and nothing about it is tied to a thread.
unsafe impl Send for SharedMemory {}
// SAFETY: a shared reference only reads.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    /// New zeroed memory of `len` bytes and the descriptor to hand over.
    pub fn new(len: usize) -> io::Result<(Self, OwnedFd)> {
        let descriptor = memfd_create("clipshot-slot", MemfdFlags::CLOEXEC)?;
        ftruncate(&descriptor, len as u64)?;
        // SAFETY: a fresh mapping at an address of the kernel's choice aliases nothing in this process.
        let address = unsafe {
            mmap(std::ptr::null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, &descriptor, 0)?
        };
        let address = NonNull::new(address.cast()).ok_or_else(|| io::Error::other("mmap returned null"))?;
        Ok((Self { address, len }, descriptor))
    }

    /// What lies in it. The other process must not be writing meanwhile: X answers a request only when it is done.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping is `len` bytes long and lives as long as `self`; the file cannot shrink, since the
        // descriptor went only to the display server, which already writes the whole picture for us.
        unsafe { std::slice::from_raw_parts(self.address.as_ptr(), self.len) }
    }

    /// See [`SharedMemory::bytes`].
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`; `&mut self` makes it the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.address.as_ptr(), self.len) }
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: address and length are those of the mapping made in `new`, and no reference outlives `self`.
        let _ = unsafe { munmap(self.address.as_ptr().cast::<c_void>(), self.len) };
    }
}
