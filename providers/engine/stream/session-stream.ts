// A command on a host as a stream: its output is read, its input written, and its exit awaited.
import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { ChannelStream } from "./channel-stream.ts";

export class SessionStream extends ChannelStream {
  /** The exit status, or 128 + the signal's number; rejects when the connection breaks first. */
  readonly exitCode: Promise<number>;

  constructor(channel: ClientChannel, cause: () => Error | undefined) {
    super(channel, cause);
    this.exitCode = new Promise((resolve, reject) => {
      let code: number | undefined;
      channel.on("exit", (status: number | null, signal?: string) => {
        code = status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
      });
      // "close" comes after the last byte of output, "exit" may come before it.
      channel.on("close", () => {
        const broken = cause();
        if (broken) reject(broken);
        else if (code === undefined) reject(new Error("the command ended without an exit status"));
        else resolve(code);
      });
    });
    this.exitCode.catch(() => {});
  }
}
