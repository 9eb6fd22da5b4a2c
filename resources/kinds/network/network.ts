// The declaration of a network on a host.
import * as z from "zod";
import * as is from "../../model/scalars.ts";
import { field } from "../../model/schema.ts";

const subnet = z.strictObject({
  subnet: is.cidr.describe("The network, such as 10.5.0.0/16."),
  gateway: is.ip.optional().describe("Address of the host in it."),
  ipRange: is.cidr.optional().describe("Part of it from which addresses are given out."),
  auxAddresses: z
    .record(is.line, is.ip)
    .optional()
    .describe("Addresses that are not given out, by name."),
});

/** A network, checked and in normal form. */
export const network = z.strictObject({
  name: field(is.objectName, "replace", "Name on the host.", { default: "PROJECT_NAME" }),
  driver: field(is.line, "replace", "Network driver.", { default: "bridge" }),
  driverOpts: field(is.stringMap, "replace", "Options of the driver."),
  internal: field(is.bool, "replace", "No way out of the network.", { default: "false" }),
  attachable: field(is.bool, "replace", "Containers may be attached by hand.", {
    default: "false",
  }),
  enableIpv6: field(is.bool, "replace", "Gives IPv6 addresses too.", { default: "false" }),
  ipamDriver: field(is.line, "replace", "Address management driver.", { default: "default" }),
  subnets: field(z.array(subnet), "replace", "Subnets with gateways and ranges.", {
    default: "one that is free",
  }),
  labels: field(is.labels, "update", "Labels."),
});

export type NetworkInput = z.input<typeof network>;
export type NetworkSpec = z.output<typeof network>;
