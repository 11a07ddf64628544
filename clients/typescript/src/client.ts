import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Clip } from "./gen/clipshot/clips/v1/clip_pb.js";
import type { ListClipsRequestSchema } from "./gen/clipshot/clips/v1/clip_service_pb.js";
import type { SubscribeRequestSchema } from "./gen/clipshot/events/v1/event_service_pb.js";
import type { Event } from "./gen/clipshot/events/v1/event_pb.js";
import type { Operation } from "./gen/clipshot/operations/v1/operation_pb.js";
import { downloaded, type DownloadProgress } from "./download.js";
import { type Gap, resumed } from "./events.js";
import { items } from "./paging.js";
import { Services } from "./services.js";
import { Steps } from "./steps.js";
import { tracked } from "./tracking.js";
import { type ConnectOptions, type Server, Whereabouts } from "./whereabouts.js";

/** One server: every call of it, and what makes events, operations, lists and downloads easy. Close it after use. */
export class Client {
  private readonly whereabouts: Whereabouts;
  private server: Server | undefined;
  private readonly services: Services[] = [];

  constructor(options: ConnectOptions = {}) {
    this.whereabouts = new Whereabouts(options);
  }

  /**
   * Every call of the server, as in the contract: `await client.rpc.clips.getClip({ clipId })`.
   *
   * Ask for it before each call rather than keep it: it follows a server that is started again elsewhere.
   * Calls throw `ClipShotError`.
   */
  get rpc(): Services {
    const server = this.whereabouts.server();
    let services = this.services.at(-1);
    if (services === undefined || server !== this.server) {
      services = new Services(server); // calls that are under way keep theirs
      this.services.push(services);
      this.server = server;
    }
    return services;
  }

  /**
   * What happens from now on, or after `request.afterEventId`; without an end.
   *
   * When the connection breaks, it is made again, and events go on after the last one. What the server no longer keeps
   * is told as a `Gap`.
   *
   * @throws ClipShotError The server refuses the request.
   */
  events(request: MessageInitShape<typeof SubscribeRequestSchema> = {}): AsyncGenerator<Event | Gap, never, void> {
    return resumed(
      (afterEventId, signal) => this.rpc.events.subscribe({ ...request, afterEventId }, { signal }),
      request.afterEventId ?? "",
    );
  }

  /**
   * An operation, by itself or its id: iterate for each change, await for the end.
   *
   * @throws ClipShotError It failed; `CancelledError` when it was cancelled.
   */
  track(operation: Operation | string): Steps<Operation> {
    const operationId = typeof operation === "string" ? operation : operation.operationId;
    return new Steps(() => tracked((signal) => this.watch(operationId, signal)));
  }

  /** All clips that a request asks for, fetched page by page. */
  clips(request: MessageInitShape<typeof ListClipsRequestSchema> = {}): AsyncGenerator<Clip, void, void> {
    return items(async (pageToken) => {
      const page = await this.rpc.clips.listClips({ ...request, pageToken });
      return { items: page.clips, nextPageToken: page.nextPageToken };
    }, request.pageToken);
  }

  /**
   * The file of a clip, by itself or its id: iterate for progress, await for the end.
   *
   * A broken download goes on where it was, also in another program.
   *
   * @throws ClipShotError There is no such clip, or its file cannot be had.
   */
  download(clip: Clip | string, path: string): Steps<DownloadProgress> {
    const clipId = typeof clip === "string" ? clip : clip.clipId;
    const link = async () => this.whereabouts.mediaUrl((await this.rpc.clips.getClip({ clipId })).mediaUrl);
    return new Steps(() => downloaded(link, path));
  }

  /** Ends all calls. */
  close(): void {
    for (const services of this.services.splice(0)) {
      services.close();
    }
  }

  private async *watch(operationId: string, signal: AbortSignal): AsyncGenerator<Operation, void, void> {
    for await (const answer of this.rpc.operations.watchOperation({ operationId }, { signal })) {
      if (answer.operation !== undefined) {
        yield answer.operation;
      }
    }
  }
}

/** A client of the server that runs here, or of the one at an address. */
export function connect(options: ConnectOptions = {}): Client {
  return new Client(options);
}
