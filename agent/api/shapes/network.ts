// The bodies of networks, and the endpoints that containers have in them.
import * as z from "zod";
import { flag, integer, text, textMap, texts } from "./values.ts";

export const endpoint = z.object({
  IPAMConfig: z.optional(z.object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts })),
  Links: texts,
  MacAddress: text,
  Aliases: texts,
  DriverOpts: textMap,
  GwPriority: integer,
});

const pool = z.object({
  Subnet: text,
  IPRange: text,
  Gateway: text,
  AuxiliaryAddresses: textMap,
});

export const networkBody = z.object({
  Name: z.string(),
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: z.optional(z.object({ Network: text })),
  EnableIPv4: flag,
  EnableIPv6: flag,
  Options: textMap,
  Labels: textMap,
  IPAM: z.optional(
    z.object({
      Driver: text,
      Options: textMap,
      Config: z.optional(z.array(pool).check(z.maxLength(16))),
    }),
  ),
});

export const connectBody = z.object({
  Container: z.string().check(z.minLength(1)),
  EndpointConfig: z.optional(endpoint),
});

export const disconnectBody = z.object({
  Container: z.string().check(z.minLength(1)),
  Force: flag,
});
