// Mark this moment of the running session. Argument: the marker's label.
import { randomUUID } from "node:crypto";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { connect } from "@clipshot/client";

const [label = "A good moment"] = process.argv.slice(2);
const client = connect();
const marker = await client.rpc.capture.createMarker({ sessionId: "current", label, requestId: randomUUID() });
console.log(`${marker.markerId} at ${marker.at && durationMs(marker.at)} ms: ${marker.label}`);
client.close();
