//! A connection to a sound server and the loop that drives it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use libpulse_binding as pulse;
use pulse::context::subscribe::InterestMaskSet;
use pulse::context::{Context, FlagSet, State};
use pulse::mainloop::standard::Mainloop;
use pulse::proplist::{Proplist, properties};
use pulse::time::MicroSeconds;

use crate::{Error, Result};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the loop sleeps at most.
const STEP: MicroSeconds = MicroSeconds(20_000);

/// A context that is ready, with its loop. All of it belongs to one thread.
pub struct Connection {
    // Fields are dropped in this order: the context refers to the loop.
    pub context: Context,
    mainloop: Mainloop,
    changed: Rc<Cell<bool>>,
}

impl Connection {
    /// Connects; never starts a server.
    pub fn open(server: Option<&str>) -> Result<Self> {
        let unavailable = |reason: &str| Error::SoundUnavailable { reason: reason.into() };
        let mainloop = Mainloop::new().ok_or_else(|| unavailable("no loop can be made"))?;
        let mut about = Proplist::new().ok_or_else(|| unavailable("no memory"))?;
        // Only for people who look at the server's list of clients.
        let _ = about.set_str(properties::APPLICATION_NAME, "ClipShot");
        let context = Context::new_with_proplist(&mainloop, "ClipShot", &about);
        let mut context = context.ok_or_else(|| unavailable("no memory"))?;
        let refused = |error: pulse::error::PAErr| unavailable(&error.to_string().unwrap_or_default());
        context.connect(server, FlagSet::NOAUTOSPAWN, None).map_err(refused)?;
        let mut own = Self { context, mainloop, changed: Rc::default() };
        let deadline = Instant::now() + PATIENCE;
        while own.context.get_state() != State::Ready {
            if !own.context.get_state().is_good() {
                return Err(refused(own.context.errno()));
            }
            if Instant::now() > deadline {
                return Err(unavailable("it does not answer"));
            }
            own.step()?;
        }
        own.watch();
        Ok(own)
    }

    /// Runs what is due, or sleeps a moment.
    pub fn step(&mut self) -> Result<()> {
        let lost = |_| Error::SoundUnavailable { reason: "the connection broke".into() };
        self.mainloop.prepare(Some(STEP)).map_err(lost)?;
        self.mainloop.poll().map_err(lost)?;
        self.mainloop.dispatch().map_err(lost)?;
        Ok(())
    }

    /// Runs until `done`.
    pub fn wait(&mut self, done: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !done() {
            if !self.is_alive() || Instant::now() > deadline {
                return Err(Error::SoundUnavailable { reason: "it does not answer".into() });
            }
            self.step()?;
        }
        Ok(())
    }

    /// Whether the server is still there.
    pub fn is_alive(&self) -> bool {
        self.context.get_state() == State::Ready
    }

    /// Whether devices, streams or defaults have changed since the last call.
    pub fn take_changed(&self) -> bool {
        self.changed.take()
    }

    fn watch(&mut self) {
        let changed = self.changed.clone();
        self.context.set_subscribe_callback(Some(Box::new(move |_, _, _| changed.set(true))));
        let what =
            InterestMaskSet::SERVER | InterestMaskSet::SINK | InterestMaskSet::SOURCE | InterestMaskSet::SINK_INPUT;
        self.context.subscribe(what, |_| ());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Callbacks may refer to what is dropped next.
        self.context.set_subscribe_callback(None);
        self.context.disconnect();
    }
}
