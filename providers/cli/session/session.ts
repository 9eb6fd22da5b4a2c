// One run of the command: its options, where it prints, and the project of its files. Loads no
// code for hosts, so that commands which need none start at once.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type LoadOptions, loadProject, type Project } from "../../compose/model/load.ts";
import { Screen } from "../screen/screen.ts";

/** Options that every command takes. */
export interface CommonOptions {
  file?: string[];
  projectName?: string;
  projectDirectory?: string;
  envFile?: string[];
  profile?: string[];
  host?: string[];
  json?: boolean;
  color?: boolean;
  connectTimeout?: string;
  acceptNewHostKey?: boolean;
}

export class Session {
  readonly options: CommonOptions;
  readonly screen: Screen;
  readonly signal: AbortSignal;

  constructor(options: CommonOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
    this.screen = new Screen({ color: options.color !== false, json: options.json === true });
  }

  /**
   * The project of the Compose files. `enabled` are services whose profiles are turned on; a
   * command that makes nothing of the files need not say what they warn of.
   */
  project(more: Pick<LoadOptions, "services" | "enabled"> = {}, warns = true): Project {
    const { file, projectName, projectDirectory, envFile, profile } = this.options;
    const project = loadProject({
      ...(file && { files: file }),
      ...(projectName !== undefined && { projectName }),
      ...(projectDirectory !== undefined && { projectDirectory }),
      ...(envFile && { envFiles: envFile }),
      ...(profile && { profiles: profile }),
      ...more,
    });
    if (warns) for (const warning of project.warnings) this.screen.warn(warning);
    return project;
  }

  /** Ends what was opened. Never fails. */
  async close(): Promise<void> {}
}

/** Whole seconds of an option; undefined when it was not given. */
export function secondsOf(value: unknown, option: string): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new FairleadError("invalid", `${text} is not a number of seconds`, { path: option });
}
