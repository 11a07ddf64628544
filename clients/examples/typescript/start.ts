// Record the screen, and keep its last 30 seconds for replays.
import { randomUUID } from "node:crypto";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { connect } from "@clipshot/client";
import { Session_Mode } from "@clipshot/client/capture";

const client = connect();
const session = await client.rpc.capture.startSession({
  mode: Session_Mode.BOTH,
  replayDuration: durationFromMs(30_000),
  title: "An example",
  requestId: randomUUID(),
});
console.log(`${session.sessionId} captures ${session.sourceId}`);
client.close();
