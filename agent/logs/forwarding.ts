// All containers whose lines are sent somewhere: begins, ends and remembers how far each is.
import { hostname } from "node:os";
import * as z from "zod";
import { recordForm, writeRecord } from "../state/record.ts";
import type { RecordStore } from "../state/record-store.ts";
import type { LogHost, LogSource } from "./driver/driver.ts";
import { bufferBytes } from "./driver/options.ts";
import { LOG_DRIVERS, logDriver } from "./drivers/registry.ts";
import type { LogPosition } from "./file/follower.ts";
import { Forwarder } from "./forwarder.ts";
import { type LogConfig, logSettings } from "./settings.ts";

const positionForm = recordForm<LogPosition>(
  {
    what: "how far the lines of a container were sent",
    remedy: "nothing: they are sent again from the oldest that is left",
    version: 1,
  },
  z.looseObject({ file: z.string(), offset: z.int().nonnegative() }),
);

/** Not at once: what made one end may last. */
const AGAIN_MS = 1000;

export interface Forwarded {
  id: string;
  config: LogConfig;
  source: LogSource;
  /** The file that the shim writes. */
  path: string;
  /** True as long as more may be written. */
  alive: () => boolean;
  /** Calls back when that may have changed, until the returned function is called. */
  onChange: (listener: () => void) => () => void;
}

export class LogForwarding {
  readonly #records: RecordStore;
  readonly #host: LogHost;
  readonly #report: (line: string) => void;
  readonly #forwarders = new Map<string, Promise<Forwarder | undefined>>();
  #closed = false;

  constructor(
    records: RecordStore,
    sendDatagrams: LogHost["sendDatagrams"],
    report: (line: string) => void,
  ) {
    this.#records = records;
    this.#host = { hostname: hostname(), sendDatagrams };
    this.#report = report;
  }

  /** Sends what comes, and what was not sent yet; does nothing for drivers that only keep lines. */
  begin(forwarded: Forwarded): void {
    const { id, config } = forwarded;
    if (this.#closed || !sends(config.driver) || this.#forwarders.has(id)) return;
    const opening = this.#open(forwarded).catch((error: Error) => {
      this.#report(`container ${id}: its lines are not sent: ${error.message}`);
      return undefined;
    });
    this.#forwarders.set(id, opening);
    const stop = forwarded.onChange(() => opening.then((one) => one?.wake()));
    opening.then(async (one) => {
      await one?.ended;
      stop();
      this.#forwarders.delete(id);
      if (!one) return;
      // It may have been started again while the last lines were sent.
      const again = () => (forwarded.alive() ? this.begin(forwarded) : undefined);
      setTimeout(again, AGAIN_MS).unref();
    });
  }

  /** Sends what is there, as long as the receiver takes it, before the container is removed. */
  async end(id: string, timeoutMs: number): Promise<void> {
    const one = await this.#forwarders.get(id);
    await one?.finish(timeoutMs);
  }

  /** Remembers how far each is, before the agent leaves. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#forwarders.values()].map(async (one) => (await one)?.stop()));
  }

  async #open({ id, config, source, path, alive }: Forwarded): Promise<Forwarder | undefined> {
    const { options } = config;
    const receiver = logDriver(config.driver).receiver?.(options, source, this.#host);
    if (!receiver) return undefined;
    const record = positionPath(path);
    const reading = await this.#records.read(positionForm, record);
    const waiting = bufferBytes(options);
    if (waiting > 0) receiver.backlogBytes ??= waiting;
    const { maxFiles } = logSettings(config, path, source);
    return new Forwarder({
      files: { path, maxFiles },
      receiver,
      from: reading && "record" in reading ? reading.record : undefined,
      save: (position) => writeRecord(positionForm, record, position),
      alive,
      report: (line) => this.#report(`container ${id}: ${line}`),
    });
  }
}

/** A record of an older form may name a driver that is gone; its container runs on. */
function sends(driver: string | undefined): boolean {
  return LOG_DRIVERS.some(({ name, receiver }) => name === driver && receiver !== undefined);
}

function positionPath(log: string): string {
  return `${log.replace(/-json\.log$/, "")}.sent.json`;
}
