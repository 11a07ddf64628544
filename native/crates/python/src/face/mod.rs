//! What Python sees. Each class and function here is declared in `_core.pyi`.

pub mod audio;
pub mod awaitable;
pub mod catalog;
pub mod errors;
pub mod image;
pub mod live;
pub mod preview;
pub mod push_source;
pub mod save;
pub mod session;
pub mod stats;
pub mod video_config;
