// Save the last ten seconds as a clip and show how far it is.
import { randomUUID } from "node:crypto";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { connect, PreconditionError } from "@clipshot/client";

const client = connect();
try {
  const operation = await client.rpc.capture.saveReplay({
    sessionId: "current",
    duration: durationFromMs(10_000),
    noWait: true,
    requestId: randomUUID(),
  });
  for await (const { progress, stage, result } of client.track(operation)) {
    console.log(`${Math.round(100 * progress)}% ${stage}`);
    if (result.case === "savedClip") {
      console.log(`${result.value.clipId} is ${result.value.path}`);
    }
  }
} catch (error) {
  if (!(error instanceof PreconditionError)) {
    throw error;
  }
  console.error(`${error.reason}: ${error.message}\ntry: ${error.remedy}`); // e.g. nothing is buffered
  process.exitCode = 1;
} finally {
  client.close();
}
