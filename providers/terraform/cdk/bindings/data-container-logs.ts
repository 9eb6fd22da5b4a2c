// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_CONTAINER_LOGS, type DataContainerLogsConfig } from "./data-container-logs-config.ts";

/** The last lines that a container has logged. */
export class DataContainerLogs extends FairleadData {
  static readonly tfResourceType: string = "fairlead_container_logs";

  constructor(scope: Construct, id: string, config: DataContainerLogsConfig) {
    super(scope, id, "fairlead_container_logs", DATA_CONTAINER_LOGS, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataContainerLogsConfig["host"] | undefined {
    return this.given("host") as DataContainerLogsConfig["host"] | undefined;
  }
  putHost(value: DataContainerLogsConfig["host"]): void {
    this.put("host", value);
  }

  /** Name of the container. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): DataContainerLogsConfig["name"] | undefined {
    return this.given("name") as DataContainerLogsConfig["name"] | undefined;
  }
  putName(value: DataContainerLogsConfig["name"]): void {
    this.put("name", value);
  }

  /** How many lines, at most 10000. */
  get tail(): number {
    return this.getNumberAttribute("tail");
  }
  get tailInput(): DataContainerLogsConfig["tail"] | undefined {
    return this.given("tail") as DataContainerLogsConfig["tail"] | undefined;
  }
  putTail(value: DataContainerLogsConfig["tail"]): void {
    this.put("tail", value);
  }
  resetTail(): void {
    this.put("tail", undefined);
  }

  /** The lines, oldest first, of both streams. */
  get lines(): string[] {
    return this.getListAttribute("lines");
  }
}
