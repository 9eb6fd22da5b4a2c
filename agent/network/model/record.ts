// The record of a container's place in the networks.
import * as z from "zod";
import { recordForm } from "../../state/record.ts";
import type { Endpoint, PortMapping } from "./contract.ts";

export interface EndpointRecord extends Endpoint {
  /** The host's end of the pair; "" for networks that have none. */
  hostInterface: string;
}

export interface SandboxRecord {
  containerId: string;
  containerName: string;
  hostname: string;
  /** Undefined for the host's own namespace. */
  netnsPath?: string;
  endpoints: EndpointRecord[];
  /** With host ports chosen. */
  ports: PortMapping[];
  sysctls: Record<string, string>;
}

/** sandboxes/ID.json. */
export const sandboxForm = recordForm<SandboxRecord>(
  {
    what: "the record of a container's place in the networks",
    remedy: "restart the container, which makes it anew; until then its ports are not published",
    version: 1,
  },
  z.looseObject({
    containerId: z.string(),
    containerName: z.string(),
    hostname: z.string(),
    netnsPath: z.string().optional(),
    endpoints: z.array(
      z.looseObject({
        networkId: z.string(),
        networkName: z.string(),
        endpointId: z.string(),
        interfaceName: z.string(),
        hostInterface: z.string(),
        aliases: z.array(z.string()),
        ipAddress: z.string(),
        ipv6Address: z.string(),
      }),
    ),
    ports: z.array(z.looseObject({ hostPort: z.number(), containerPort: z.number() })),
    sysctls: z.record(z.string(), z.string()),
  }),
);
