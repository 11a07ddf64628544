//! An encoder that may fail in the middle of a stream, and the software encoder that goes on with it.

use clipshot_media::{Avcc, Error as MediaError, Packet, nal};

use crate::{Error, FallBack, Nv12, PictureEncoder, RateControl, Result, TrackParameters, VideoConfig, VideoEncoder};

/// More pictures than these are not held back by an encoder that works: it has stopped to give packets.
const MOST_HELD: u32 = 32;

/// Goes on with libx264 when the first encoder fails, in the same stream: the track's configuration holds the parameter
/// sets of both from the start, each with an id of its own.
pub struct Guarded {
    current: Box<dyn PictureEncoder>,
    /// How the software encoder is opened; none when it is in use.
    spare: Option<VideoConfig>,
    parameters: TrackParameters,
    set_id: u32,
    held: u32,
    fall_back: Option<FallBack>,
}

impl Guarded {
    /// `first` gives Annex B packets, without B-frames. `spare` is a configuration of libx264 of the same size and grid.
    ///
    /// # Errors
    /// The spare encoder does not work, or `first` gives no parameter sets ahead of its first packet.
    pub fn new(first: Box<dyn PictureEncoder>, spare: VideoConfig) -> Result<Self> {
        let mut parameters = first.parameters()?;
        let sets = Avcc::from_annex_b(parameters.extradata())?;
        let set_id = sets.free_id().ok_or(MediaError::BadAvcc("all parameter set ids are taken"))?;
        let software = VideoEncoder::with_set_id(&spare, set_id)?;
        let all = sets.merged_with(&Avcc::from_annex_b(software.parameters()?.extradata())?)?;
        parameters.set_extradata(&all.to_bytes())?;
        Ok(Self { current: first, spare: Some(spare), parameters, set_id, held: 0, fall_back: None })
    }

    fn try_encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> Result<Vec<Packet>> {
        let packets = self.current.encode(picture, slot, force_key)?;
        self.held = (self.held + 1).saturating_sub(packets.len() as u32);
        if self.held > MOST_HELD + self.current.config().lookahead {
            return Err(Error::UnexpectedStream(format!("{} pictures went in and no packet came out", self.held)));
        }
        Ok(packets)
    }

    /// Puts the software encoder in the place of the one that failed, whose pictures in work are lost.
    fn fall_back(&mut self, spare: &VideoConfig, failure: &Error) -> Result<()> {
        let software = VideoEncoder::with_set_id(spare, self.set_id)?;
        let failed = std::mem::replace(&mut self.current, Box::new(software));
        let from = failed.config().encoder.clone();
        self.fall_back = Some(FallBack { from, to: spare.encoder.clone(), why: failure.to_string() });
        self.held = 0;
        Ok(())
    }
}

impl PictureEncoder for Guarded {
    fn config(&self) -> &VideoConfig {
        self.current.config()
    }

    fn parameters(&self) -> Result<TrackParameters> {
        self.parameters.try_clone()
    }

    fn encode(&mut self, picture: &Nv12, slot: i64, force_key: bool) -> Result<Vec<Packet>> {
        let packets = match self.try_encode(picture, slot, force_key) {
            Ok(packets) => packets,
            Err(failure) => {
                let Some(spare) = self.spare.take() else { return Err(failure) };
                self.fall_back(&spare, &failure)?;
                self.try_encode(picture, slot, true)?
            }
        };
        Ok(packets.into_iter().map(sample).collect())
    }

    fn set_rate(&mut self, rate: RateControl) -> Result<()> {
        self.current.set_rate(rate)
    }

    fn finish(&mut self) -> Result<Vec<Packet>> {
        Ok(self.current.finish()?.into_iter().map(sample).collect())
    }

    fn take_fall_back(&mut self) -> Option<FallBack> {
        self.fall_back.take()
    }
}

/// A packet in the form that goes with a configuration record: the muxer takes the parameter sets from there and the
/// packet as it is.
fn sample(packet: Packet) -> Packet {
    Packet { meta: packet.meta, data: nal::annex_b_to_sample(&packet.data) }
}
