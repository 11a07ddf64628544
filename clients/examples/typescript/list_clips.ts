// Print all replays in the library, newest first.
import { durationMs } from "@bufbuild/protobuf/wkt";
import { connect } from "@clipshot/client";
import { Clip_Origin } from "@clipshot/client/clips";

const client = connect();
for await (const clip of client.clips({ origins: [Clip_Origin.REPLAY] })) {
  console.log(clip.clipId, clip.duration && `${durationMs(clip.duration)} ms`, clip.title);
}
client.close();
