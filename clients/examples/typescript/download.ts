// Fetch the file of a clip; started again, it goes on where it was interrupted. Arguments: clip id, file.
import { connect } from "@clipshot/client";

const [clipId = "", file = "clip.mp4"] = process.argv.slice(2);
const client = connect();
for await (const { received, total } of client.download(clipId, file)) {
  console.log(`${received} of ${total} bytes`);
}
client.close();
