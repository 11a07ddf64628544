import { connect as connectSocket } from "node:net";
import { type CallOptions, type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import type { DescService } from "@bufbuild/protobuf";
import { errorOfCall } from "./errors.js";
import { CaptureService } from "./gen/clipshot/capture/v1/capture_service_pb.js";
import { ClipService } from "./gen/clipshot/clips/v1/clip_service_pb.js";
import { ConfigService } from "./gen/clipshot/config/v1/config_service_pb.js";
import { EventService } from "./gen/clipshot/events/v1/event_service_pb.js";
import { OperationsService } from "./gen/clipshot/operations/v1/operations_service_pb.js";
import { AccessService } from "./gen/clipshot/system/v1/access_service_pb.js";
import { SystemService } from "./gen/clipshot/system/v1/system_service_pb.js";
import type { Server } from "./whereabouts.js";

/** Milliseconds until a call with one answer fails, where it sets no time of its own. */
const UNARY_MS = 60_000;

/** Every service of the server; their methods are documented in the contract. */
export class Services {
  readonly access: Client<typeof AccessService>;
  readonly capture: Client<typeof CaptureService>;
  readonly clips: Client<typeof ClipService>;
  readonly config: Client<typeof ConfigService>;
  readonly events: Client<typeof EventService>;
  readonly operations: Client<typeof OperationsService>;
  readonly system: Client<typeof SystemService>;
  private readonly sessions: Http2SessionManager;

  constructor(server: Server) {
    const baseUrl = server.socket === "" ? `http://${server.grpc}` : "http://localhost";
    const options = server.socket === "" ? {} : { createConnection: () => connectSocket(server.socket) };
    this.sessions = new Http2SessionManager(baseUrl, {}, options);
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: this.sessions,
      interceptors: [withKey(server.key)],
    });
    this.access = service(AccessService, transport);
    this.capture = service(CaptureService, transport);
    this.clips = service(ClipService, transport);
    this.config = service(ConfigService, transport);
    this.events = service(EventService, transport);
    this.operations = service(OperationsService, transport);
    this.system = service(SystemService, transport);
  }

  /** Ends all calls. */
  close(): void {
    this.sessions.abort();
  }
}

function withKey(key: string): Interceptor {
  return (next) => (request) => {
    if (key !== "") {
      request.header.set("x-api-key", key);
    }
    return next(request);
  };
}

/** A client of one service whose calls fail with `ClipShotError`. */
function service<T extends DescService>(description: T, transport: Transport): Client<T> {
  const client = createClient(description, transport) as unknown as Record<string, UnaryCall & StreamCall>;
  const calls = description.methods.map(({ localName, methodKind }) => {
    const call = client[localName] as UnaryCall & StreamCall;
    return [localName, methodKind === "unary" ? withErrors(call) : withErrorsInStream(call)] as const;
  });
  return Object.fromEntries(calls) as unknown as Client<T>;
}

type UnaryCall = (request: unknown, options?: CallOptions) => Promise<unknown>;
type StreamCall = (request: unknown, options?: CallOptions) => AsyncIterable<unknown>;

function withErrors(call: UnaryCall): UnaryCall {
  return async (request, options) => {
    try {
      return await call(request, { timeoutMs: UNARY_MS, ...options });
    } catch (error) {
      throw errorOfCall(error, options?.signal?.aborted ?? false);
    }
  };
}

function withErrorsInStream(call: StreamCall): StreamCall {
  return async function* (request, options) {
    try {
      yield* call(request, options);
    } catch (error) {
      throw errorOfCall(error, options?.signal?.aborted ?? false);
    }
  };
}
