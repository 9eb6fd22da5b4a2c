// One host, one image made from a directory, one container on a network with a volume.
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
const network = new fairlead.Network("backend", { host });
const data = new fairlead.Volume("data", { host });
const image = new fairlead.Image("hello", {
  host,
  name: "hello:1",
  rootfs: config.get("rootfs") ?? "../hello/rootfs",
  config: { command: ["/bin/httpd", "-f", "-p", "8080", "-h", "/srv"] },
});
const web = new fairlead.Container("web", {
  host,
  image,
  ports: ["8080:8080"],
  mounts: [{ volume: data, target: "/data" }],
  networks: [{ network, aliases: ["web"] }],
  memory: "64m",
  restart: "unless-stopped",
});

export const url = web.url;
