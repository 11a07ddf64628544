// Print what happens until Ctrl-C, also while the server is restarted. An event's id as argument: go on after it.
import { connect, Gap } from "@clipshot/client";

const [afterEventId = ""] = process.argv.slice(2);
for await (const event of connect().events({ afterEventId })) {
  if (event instanceof Gap) {
    console.log(`events before ${event.nextEventId} are not to be had any more`);
  } else {
    console.log(event.eventId, event.type, event.resource);
  }
}
