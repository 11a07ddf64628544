//! What can be heard, and how it is named.

use std::fmt;
use std::str::FromStr;

/// Where a sound comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioKind {
    /// What an output plays: everything together.
    Output,
    /// A microphone or line input.
    Input,
    /// What a single application plays.
    Application,
}

/// Something that can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioDevice {
    /// How it is asked for.
    pub id: DeviceId,
    /// Where its sound comes from.
    pub kind: AudioKind,
    /// For people.
    pub title: String,
    /// Whether it is the server's default of its kind.
    pub default: bool,
    /// Number of channels; tracks always have two.
    pub channels: u32,
    /// Samples a second of the device; tracks always have 48 000.
    pub sample_rate_hz: u32,
    /// Name of the application, else empty.
    pub application: String,
    /// Process of the application, 0 where that is unknown.
    pub pid: u32,
}

/// Name of something to hear. It stays the same when the device goes and comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceId {
    /// The server's default output, whichever that is at the time.
    DefaultOutput,
    /// The server's default input, whichever that is at the time.
    DefaultInput,
    /// The output of this name.
    Output(String),
    /// The input of this name.
    Input(String),
    /// The application of this name, or whose program has this name.
    Application(String),
}

impl DeviceId {
    /// Where its sound comes from.
    pub fn kind(&self) -> AudioKind {
        match self {
            Self::DefaultOutput | Self::Output(_) => AudioKind::Output,
            Self::DefaultInput | Self::Input(_) => AudioKind::Input,
            Self::Application(_) => AudioKind::Application,
        }
    }

    /// What a track is called when nobody names it.
    pub fn label(&self) -> &str {
        match self {
            Self::DefaultOutput | Self::Output(_) => "Desktop",
            Self::DefaultInput | Self::Input(_) => "Microphone",
            Self::Application(name) => name,
        }
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultOutput => formatter.write_str("default-output"),
            Self::DefaultInput => formatter.write_str("default-input"),
            Self::Output(name) => write!(formatter, "output:{name}"),
            Self::Input(name) => write!(formatter, "input:{name}"),
            Self::Application(name) => write!(formatter, "application:{name}"),
        }
    }
}

impl FromStr for DeviceId {
    /// What is wrong with the text.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.split_once(':')) {
            ("default-output", _) => Ok(Self::DefaultOutput),
            ("default-input", _) => Ok(Self::DefaultInput),
            (_, Some(("output", name))) if !name.is_empty() => Ok(Self::Output(name.into())),
            (_, Some(("input", name))) if !name.is_empty() => Ok(Self::Input(name.into())),
            (_, Some(("application", name))) if !name.is_empty() => Ok(Self::Application(name.into())),
            _ => Err(format!(
                "{text:?} is not one of default-output, default-input, output:<name>, input:<name>, application:<name>"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        for text in ["default-output", "default-input", "output:a:b", "input:mic", "application:Some Game"] {
            assert_eq!(text.parse::<DeviceId>().unwrap().to_string(), text);
        }
        for text in ["", "default", "output:", "speaker:x"] {
            assert!(text.parse::<DeviceId>().unwrap_err().contains("default-output"), "{text}");
        }
    }
}
