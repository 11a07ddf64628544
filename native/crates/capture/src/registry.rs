//! Which backends there are, what they can capture, and opening a source by its id.
//!
//! A source's id is `<backend>:<name>`. To add a backend, implement [`Backend`] and name it in [`BACKENDS`].

use crate::push_source::PushBackend;
use crate::x11::X11Backend;
use crate::{Error, Result, Source, TestFormat, TestSource};

/// All backends, those that capture real screens first.
static BACKENDS: [&dyn Backend; 3] = [&X11Backend, &PushBackend, &TestBackend];

/// A way to capture.
pub trait Backend: Sync {
    /// Name in ids and settings.
    fn name(&self) -> &'static str;

    /// Whether it can be used.
    ///
    /// # Errors
    /// [`Error::DisplayUnavailable`] or [`Error::BackendUnavailable`], with the remedy.
    fn probe(&self, display: Option<&str>) -> Result<()>;

    /// What it can capture now.
    ///
    /// # Errors
    /// As [`Backend::probe`].
    fn sources(&self, display: Option<&str>) -> Result<Vec<SourceInfo>>;

    /// Opens the source called `name` (the id without the backend).
    ///
    /// # Errors
    /// [`Error::SourceNotFound`], or as [`Backend::probe`].
    fn open(&self, name: &str, options: &OpenOptions) -> Result<Box<dyn Source>>;
}

/// How to open a source. Backends leave out what does not apply to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// X display; none is the DISPLAY variable.
    pub display: Option<String>,
    /// Whether the mouse pointer is part of the picture.
    pub draw_cursor: bool,
}

/// What kind of thing a source shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// A monitor of a display, or the whole of it.
    Monitor,
    /// A window of a program.
    Window,
    /// A rectangle of a display.
    Region,
    /// Pictures that a program pushes.
    Push,
    /// A made-up picture.
    Test,
}

/// A source that can be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceInfo {
    /// `<backend>:<name>`.
    pub id: String,
    /// What it shows.
    pub kind: SourceKind,
    /// For people.
    pub title: String,
    /// Program that a window belongs to; empty for anything else and where it does not say.
    pub application: String,
    /// Its process; 0 where that is not known.
    pub pid: u32,
    /// The backend's name.
    pub backend: &'static str,
    /// Where it lies on the display: pixels right of and below the upper left corner.
    pub x: i32,
    /// As `x`.
    pub y: i32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Refresh rate; 0.0 when unknown.
    pub refresh_hz: f64,
    /// Whether it is the main monitor.
    pub primary: bool,
}

impl SourceInfo {
    /// A source of which nothing more is known.
    pub(crate) fn new(id: String, kind: SourceKind, title: String, backend: &'static str) -> Self {
        Self {
            id,
            kind,
            title,
            application: String::new(),
            pid: 0,
            backend,
            x: 0,
            y: 0,
            width: 0,
            height: 0,
            refresh_hz: 0.0,
            primary: false,
        }
    }
}

/// A backend and whether it can be used.
#[derive(Debug)]
pub struct BackendInfo {
    /// Name in the registry.
    pub name: &'static str,
    /// Why not, and what to do; none when it can be used.
    pub unavailable: Option<Error>,
}

/// Every known backend.
pub fn backends(display: Option<&str>) -> Vec<BackendInfo> {
    let probe =
        |backend: &&dyn Backend| BackendInfo { name: backend.name(), unavailable: backend.probe(display).err() };
    BACKENDS.iter().map(probe).collect()
}

/// Sources of every backend that can be used here.
pub fn all_sources(display: Option<&str>) -> Vec<SourceInfo> {
    BACKENDS.iter().filter_map(|backend| backend.sources(display).ok()).flatten().collect()
}

/// Sources of one backend.
///
/// # Errors
/// [`Error::BackendUnavailable`] also when there is no such backend.
pub fn sources_of(backend: &str, display: Option<&str>) -> Result<Vec<SourceInfo>> {
    let found = find(backend).ok_or_else(|| {
        let known: Vec<&str> = BACKENDS.iter().map(|backend| backend.name()).collect();
        let reason = format!("there is no such backend; known are {}", known.join(", "));
        Error::BackendUnavailable { backend: backend.into(), reason }
    })?;
    found.sources(display)
}

/// Opens the source with this id.
///
/// # Errors
/// [`Error::SourceNotFound`], [`Error::DisplayUnavailable`] or [`Error::BackendUnavailable`].
pub fn open(id: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    let not_found = || Error::SourceNotFound { id: id.into() };
    let (backend, name) = id.split_once(':').ok_or_else(not_found)?;
    find(backend).ok_or_else(not_found)?.open(name, options)
}

fn find(name: &str) -> Option<&'static dyn Backend> {
    BACKENDS.iter().find(|backend| backend.name() == name).copied()
}

struct TestBackend;

impl Backend for TestBackend {
    fn name(&self) -> &'static str {
        "test"
    }

    fn probe(&self, _display: Option<&str>) -> Result<()> {
        Ok(())
    }

    fn sources(&self, _display: Option<&str>) -> Result<Vec<SourceInfo>> {
        let TestFormat { width, height, rate } = TestFormat::default();
        let title = "Test picture with a clock".into();
        let info = SourceInfo::new("test:clock".into(), SourceKind::Test, title, self.name());
        Ok(vec![SourceInfo { width, height, refresh_hz: rate, ..info }])
    }

    fn open(&self, name: &str, _options: &OpenOptions) -> Result<Box<dyn Source>> {
        let format = name.parse().map_err(|()| Error::SourceNotFound { id: format!("test:{name}") })?;
        Ok(Box::new(TestSource::new(format)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: OpenOptions = OpenOptions { display: None, draw_cursor: false };

    #[test]
    fn ids_lead_to_sources() {
        let source = open("test:clock:160x120", &OPTIONS).unwrap();
        assert_eq!((source.layout().width, source.layout().height), (160, 120));
        for wrong in ["", "clock", "test", "test:", "test:nothing", "none:clock"] {
            assert!(matches!(open(wrong, &OPTIONS), Err(Error::SourceNotFound { .. })), "{wrong}");
        }
    }

    #[test]
    fn what_is_listed_can_be_opened() {
        for source in sources_of("test", None).unwrap() {
            let opened = open(&source.id, &OPTIONS).unwrap();
            assert_eq!((opened.layout().width, opened.layout().height), (source.width, source.height));
        }
    }

    #[test]
    fn unusable_backends_say_why() {
        assert!(matches!(sources_of("none", None), Err(Error::BackendUnavailable { .. })));
        assert!(matches!(sources_of("x11", Some(":9099")), Err(Error::DisplayUnavailable { .. })));
        let infos = backends(Some(":9099"));
        let x11 = infos.iter().find(|info| info.name == "x11").unwrap();
        assert!(matches!(x11.unavailable, Some(Error::DisplayUnavailable { .. })));
        let kinds: Vec<_> = all_sources(Some(":9099")).into_iter().map(|info| info.kind).collect();
        assert!(kinds.ends_with(&[SourceKind::Test]), "the test source needs no display");
        assert!(!kinds.contains(&SourceKind::Monitor));
    }
}
