//! The memory that a picture is taken into.

use crate::shared_memory::SharedMemory;

/// Memory for one picture. A source makes a few; they circulate between it and the encoder.
#[derive(Debug)]
pub struct Slot {
    index: usize,
    /// Which of the source's sets of slots it belongs to; counted by the queue.
    pub(crate) generation: u64,
    memory: Memory,
}

#[derive(Debug)]
enum Memory {
    Own(Box<[u8]>),
    Shared(SharedMemory),
}

impl Slot {
    /// A slot of `len` bytes in this process's own memory.
    pub fn own(index: usize, len: usize) -> Self {
        Self { index, generation: 0, memory: Memory::Own(vec![0; len].into()) }
    }

    /// A slot that another process (the X server) can write too.
    pub fn shared(index: usize, memory: SharedMemory) -> Self {
        Self { index, generation: 0, memory: Memory::Shared(memory) }
    }

    /// Which of the source's slots this is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The pixels.
    pub fn bytes(&self) -> &[u8] {
        match &self.memory {
            Memory::Own(bytes) => bytes,
            Memory::Shared(memory) => memory.bytes(),
        }
    }

    /// The pixels, for the one who fills the slot.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        match &mut self.memory {
            Memory::Own(bytes) => bytes,
            Memory::Shared(memory) => memory.bytes_mut(),
        }
    }
}
