//! A private X server for a test.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::Read;
use std::process::{Child, Command, Stdio};

/// An Xvfb on a free display number; it ends with this value.
pub struct Xvfb {
    server: Child,
    pub display: String,
}

impl Xvfb {
    /// Starts a server with one screen of this size; none, with the reason printed, where Xvfb is not installed.
    pub fn start(width: u32, height: u32) -> Option<Self> {
        let screen = format!("{width}x{height}x24");
        let started = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut server = match started {
            Ok(server) => server,
            Err(error) => {
                eprintln!("skipped: Xvfb cannot be started ({error}); install the package xvfb");
                return None;
            }
        };
        let mut number = String::new();
        let mut output = server.stdout.take().unwrap();
        while !number.ends_with('\n') {
            let mut byte = [0];
            output.read_exact(&mut byte).expect("Xvfb tells its display number");
            number.push(char::from(byte[0]));
        }
        Some(Self { server, display: format!(":{}", number.trim()) })
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        self.kill();
    }
}
