// A Compose file on a host: one resource for each of its services, networks and volumes.
import * as pulumi from "@pulumi/pulumi";
import * as fairlead from "fairlead/pulumi";

const config = new pulumi.Config();
const host = new fairlead.Host("web-1", {
  connection: {
    host: config.require("address"),
    user: config.get("user") ?? "root",
    privateKey: config.getSecret("privateKey"),
    knownHosts: config.get("knownHosts"),
  },
});
const stack = new fairlead.ComposeStack("hello", {
  host,
  files: [config.get("file") ?? "compose.yaml"],
  environment: { ROOTFS: config.get("rootfs") ?? "../hello/rootfs" },
});

export const urls = stack.urls;
