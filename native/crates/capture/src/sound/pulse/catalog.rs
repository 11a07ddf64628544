//! What a server has, as of one moment.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use libpulse_binding as pulse;
use pulse::callbacks::ListResult;
use pulse::context::introspect::{SinkInfo, SinkInputInfo, SourceInfo};
use pulse::proplist::{Proplist, properties};

use super::connection::Connection;
use crate::Result;
use crate::sound::{AudioDevice, AudioKind, DeviceId};

/// Outputs, inputs and streams of applications.
#[derive(Debug, Default)]
pub struct Catalog {
    default_output: Option<String>,
    default_input: Option<String>,
    outputs: Vec<Output>,
    inputs: Vec<Input>,
    streams: Vec<Stream>,
}

/// Where to record from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name of the source.
    pub source: String,
    /// Only this stream of the output whose monitor the source is.
    pub stream: Option<u32>,
}

#[derive(Debug)]
struct Output {
    index: u32,
    name: String,
    title: String,
    monitor: String,
    channels: u32,
    rate: u32,
}

#[derive(Debug)]
struct Input {
    name: String,
    title: String,
    channels: u32,
    rate: u32,
}

#[derive(Debug)]
struct Stream {
    index: u32,
    output: u32,
    application: String,
    program: String,
    pid: u32,
    paused: bool,
    channels: u32,
    rate: u32,
}

impl Catalog {
    /// Asks the server.
    pub fn of(connection: &mut Connection) -> Result<Self> {
        let found = Rc::new(RefCell::new(Self::default()));
        let answers = Rc::new(Cell::new(0));
        let done = |answers: &Rc<Cell<u32>>| answers.set(answers.get() + 1);
        let introspect = connection.context.introspect();
        let (to, count) = (found.clone(), answers.clone());
        introspect.get_server_info(move |server| {
            let mut to = to.borrow_mut();
            to.default_output = server.default_sink_name.as_ref().map(|name| name.to_string());
            to.default_input = server.default_source_name.as_ref().map(|name| name.to_string());
            done(&count);
        });
        let (to, count) = (found.clone(), answers.clone());
        introspect.get_sink_info_list(move |sink| match sink {
            ListResult::Item(sink) => to.borrow_mut().outputs.extend(Output::of(sink)),
            _ => done(&count),
        });
        let (to, count) = (found.clone(), answers.clone());
        introspect.get_source_info_list(move |source| match source {
            ListResult::Item(source) => to.borrow_mut().inputs.extend(Input::of(source)),
            _ => done(&count),
        });
        let (to, count) = (found.clone(), answers.clone());
        introspect.get_sink_input_info_list(move |stream| match stream {
            ListResult::Item(stream) => to.borrow_mut().streams.push(Stream::of(stream)),
            _ => done(&count),
        });
        connection.wait(|| answers.get() == 4)?;
        Ok(found.take())
    }

    /// Where to record a device from; none while it is not there.
    pub fn target(&self, id: &DeviceId) -> Option<Target> {
        let whole = |source: &str| Some(Target { source: source.into(), stream: None });
        match id {
            DeviceId::DefaultOutput => whole(&self.output(self.default_output.as_deref()?)?.monitor),
            DeviceId::Output(name) => whole(&self.output(name)?.monitor),
            DeviceId::DefaultInput => whole(&self.input(self.default_input.as_deref()?)?.name),
            DeviceId::Input(name) => whole(&self.input(name)?.name),
            DeviceId::Application(name) => {
                let own = self.streams.iter().filter(|stream| stream.is_of(name));
                // Of several streams the one that plays, of several of those the newest.
                let stream = own.max_by_key(|stream| (!stream.paused, stream.index))?;
                let output = self.outputs.iter().find(|output| output.index == stream.output)?;
                Some(Target { source: output.monitor.clone(), stream: Some(stream.index) })
            }
        }
    }

    /// Everything that can be asked for: the defaults, then outputs, inputs and applications.
    pub fn devices(&self) -> Vec<AudioDevice> {
        let mut devices = Vec::new();
        let default_output = self.default_output.as_deref().and_then(|name| self.output(name));
        let default_input = self.default_input.as_deref().and_then(|name| self.input(name));
        devices.extend(default_output.map(|output| output.device(DeviceId::DefaultOutput, true)));
        devices.extend(default_input.map(|input| input.device(DeviceId::DefaultInput, true)));
        for output in &self.outputs {
            let default = self.default_output.as_ref() == Some(&output.name);
            devices.push(output.device(DeviceId::Output(output.name.clone()), default));
        }
        for input in &self.inputs {
            let default = self.default_input.as_ref() == Some(&input.name);
            devices.push(input.device(DeviceId::Input(input.name.clone()), default));
        }
        for stream in self.streams.iter().filter(|stream| !stream.id().is_empty()) {
            let id = DeviceId::Application(stream.id().into());
            if devices.iter().all(|device| device.id != id) {
                devices.push(stream.device(id));
            }
        }
        devices
    }

    fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.name == name)
    }

    fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == name)
    }
}

impl Output {
    fn of(sink: &SinkInfo) -> Option<Self> {
        let name = sink.name.as_ref()?.to_string();
        Some(Self {
            index: sink.index,
            title: sink.description.as_ref().map_or_else(|| name.clone(), |text| text.to_string()),
            monitor: sink.monitor_source_name.as_ref()?.to_string(),
            channels: sink.sample_spec.channels.into(),
            rate: sink.sample_spec.rate,
            name,
        })
    }

    fn device(&self, id: DeviceId, default: bool) -> AudioDevice {
        AudioDevice {
            id,
            kind: AudioKind::Output,
            title: self.title.clone(),
            default,
            channels: self.channels,
            sample_rate_hz: self.rate,
            application: String::new(),
            pid: 0,
        }
    }
}

impl Input {
    /// None for the monitor of an output.
    fn of(source: &SourceInfo) -> Option<Self> {
        if source.monitor_of_sink.is_some() {
            return None;
        }
        let name = source.name.as_ref()?.to_string();
        Some(Self {
            title: source.description.as_ref().map_or_else(|| name.clone(), |text| text.to_string()),
            channels: source.sample_spec.channels.into(),
            rate: source.sample_spec.rate,
            name,
        })
    }

    fn device(&self, id: DeviceId, default: bool) -> AudioDevice {
        AudioDevice {
            id,
            kind: AudioKind::Input,
            title: self.title.clone(),
            default,
            channels: self.channels,
            sample_rate_hz: self.rate,
            application: String::new(),
            pid: 0,
        }
    }
}

impl Stream {
    fn of(stream: &SinkInputInfo) -> Self {
        let text = |key: &str| text_of(&stream.proplist, key);
        Self {
            index: stream.index,
            output: stream.sink,
            application: text(properties::APPLICATION_NAME),
            program: text(properties::APPLICATION_PROCESS_BINARY),
            pid: text(properties::APPLICATION_PROCESS_ID).parse().unwrap_or(0),
            paused: stream.corked,
            channels: stream.sample_spec.channels.into(),
            rate: stream.sample_spec.rate,
        }
    }

    /// What it can be asked for by.
    fn id(&self) -> &str {
        if self.application.is_empty() { &self.program } else { &self.application }
    }

    fn is_of(&self, name: &str) -> bool {
        self.application.eq_ignore_ascii_case(name) || self.program.eq_ignore_ascii_case(name)
    }

    fn device(&self, id: DeviceId) -> AudioDevice {
        AudioDevice {
            id,
            kind: AudioKind::Application,
            title: self.id().into(),
            default: false,
            channels: self.channels,
            sample_rate_hz: self.rate,
            application: self.id().into(),
            pid: self.pid,
        }
    }
}

fn text_of(list: &Proplist, key: &str) -> String {
    list.get_str(key).unwrap_or_default()
}
