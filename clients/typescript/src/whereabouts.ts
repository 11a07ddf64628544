import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PreconditionError, UnavailableError } from "./errors.js";

/** A server's addresses and its key. */
export interface Server {
  /** Path of its unix socket; empty where `grpc` is used. */
  readonly socket: string;
  /** `host:port` of its gRPC face. */
  readonly grpc: string;
  /** URL of its REST face without a slash at the end; empty when unknown. */
  readonly rest: string;
  readonly key: string;
}

/** How to find a server. */
export interface ConnectOptions {
  /** `host:port` of its gRPC face, or the path of its unix socket; else `run.json` of the data directory says it. */
  address?: string;
  /** Its API key; else that of `CLIPSHOT_API_KEY` or of the data directory. */
  key?: string;
  /** URL of its REST face; needed for downloads where an address is given. */
  rest?: string;
  /** Its data directory; else `CLIPSHOT_DATA_DIR` or `~/.clipshot`. */
  dataDir?: string;
}

/**
 * Finds the server: the one that was named, or the one that runs on the data directory.
 *
 * A server that is started again may take other ports, and says so in `run.json`; so ask before each use.
 */
export class Whereabouts {
  private readonly dataDir: string;
  private seen = "";
  private known: Server | undefined;

  constructor(private readonly options: ConnectOptions) {
    this.dataDir = options.dataDir ?? process.env["CLIPSHOT_DATA_DIR"] ?? join(homedir(), ".clipshot");
  }

  /**
   * The server as it is known now; while none runs, the one that ran last.
   *
   * @throws UnavailableError No server was named, and none has run on the data directory.
   */
  server(): Server {
    const { address } = this.options;
    if (address !== undefined) {
      this.known ??= this.named(address);
      return this.known;
    }
    try {
      const facts = statSync(join(this.dataDir, "run.json"));
      const seen = `${facts.ino} ${facts.mtimeMs}`;
      if (seen !== this.seen) {
        this.known = this.running();
        this.seen = seen;
      }
    } catch {
      // It is being started or stopped.
    }
    if (this.known === undefined) {
      throw new UnavailableError({
        message: `no server is running on ${this.dataDir}`,
        reason: "SERVER_NOT_FOUND",
        remedy: "start it with `clipshot serve`, or name another data directory or an address",
      });
    }
    return this.known;
  }

  /**
   * The URL of a signed link, which the server gives relative to its REST face.
   *
   * @throws PreconditionError The clip's file is not ready, or the REST face is not known.
   */
  mediaUrl(link: string): string {
    if (link === "") {
      throw new PreconditionError({ message: "the clip's file is not ready", reason: "CLIP_NOT_READY" });
    }
    const { rest } = this.server();
    if (rest === "") {
      throw new PreconditionError({
        message: "the address of the REST face is not known",
        reason: "REST_UNKNOWN",
        remedy: "give it to connect() as `rest`, or start the gateway",
      });
    }
    return new URL(link, rest).href;
  }

  private named(address: string): Server {
    const socket = /^(unix:|\/)/.test(address) ? address.replace(/^unix:/, "") : "";
    return { socket, grpc: socket === "" ? address : "", rest: withoutSlash(this.options.rest ?? ""), key: this.key() };
  }

  private running(): Server {
    const run = JSON.parse(readFileSync(join(this.dataDir, "run.json"), "utf8")) as Record<string, string>;
    const rest = withoutSlash(this.options.rest ?? run["rest"] ?? "");
    return { socket: run["socket"] ?? "", grpc: run["grpc"] ?? "", rest, key: this.key() };
  }

  private key(): string {
    const given = this.options.key ?? process.env["CLIPSHOT_API_KEY"];
    if (given !== undefined && given !== "") {
      return given;
    }
    try {
      return readFileSync(join(this.dataDir, "api-key"), "utf8").trim();
    } catch {
      return "";
    }
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
