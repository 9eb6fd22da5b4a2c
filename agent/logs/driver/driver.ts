// What a log driver is: where a container's lines are kept on this host, and who else gets them.
// A driver never sees the container's streams: the shim writes a file, and lines are sent from it.

export type LogOptions = Readonly<Record<string, string>>;

/** The container whose lines they are, as far as receivers are told of it. */
export interface LogSource {
  id: string;
  name: string;
  imageId: string;
  imageName: string;
  command: string;
  /** RFC 3339. */
  created: string;
  labels: Readonly<Record<string, string>>;
  /** NAME=VALUE. */
  env: readonly string[];
}

/** One line, or a part of one that is longer than 16 KiB or was left unfinished. */
export interface LogLine {
  stream: "stdout" | "stderr";
  /** Without its newline. */
  text: string;
  /** RFC 3339 with nanoseconds. */
  time: string;
  /** What joins the parts of one line; absent for a whole one. */
  part?: { id: string; ordinal: number; last: boolean };
}

/** How much of the lines is kept. */
export interface LogKeeping {
  /** 0 is without limit. */
  maxSizeBytes: number;
  maxFiles: number;
  /** The files that are full, by gzip. */
  compress: boolean;
}

/** What a receiver needs of this host. */
export interface LogHost {
  hostname: string;
  /** Sends to a unix datagram socket; tells how many it took. */
  sendDatagrams(path: string, datagrams: Buffer[]): Promise<number>;
}

/** Where lines are sent. It is asked with one batch after the other. */
export interface LogReceiver {
  /** Resolves when all have been handed over; after a failure the same batch comes again. */
  send(lines: readonly LogLine[]): Promise<void>;
  close(): void;
  /** Milliseconds before the first new attempt; 1000 when absent. */
  retryMs?: number;
  /** Attempts after which a batch is given up; without end when absent. */
  maxRetries?: number;
  /** Bytes of lines that may wait; more when the oldest are not given up. */
  backlogBytes?: number;
}

export interface LogDriver {
  readonly name: string;
  /** Keys of all the options that it takes; `PREFIX*` for all that begin so. */
  readonly options: readonly string[];
  /** What is kept; undefined for nothing. `invalid` for a value that cannot be used. */
  keeps(options: LogOptions): LogKeeping | undefined;
  /** Whether what is kept can be asked for. */
  readable(options: LogOptions): boolean;
  /** True when users know the file as Docker's. */
  readonly file?: boolean;
  /** Why it cannot be used on this host; undefined where it can. */
  missing?(): string | undefined;
  /** What is written beside each line. */
  attributes?(options: LogOptions, source: LogSource): Record<string, string>;
  /** Opens nothing yet; `invalid` for options that cannot be used. */
  receiver?(options: LogOptions, source: LogSource, host: LogHost): LogReceiver;
}
