// The same service on several hosts: one loop, no other difference to a single one.
import * as pulumi from "@pulumi/pulumi";
import * as fairlead from "fairlead/pulumi";

const config = new pulumi.Config();
const addresses = config.requireObject<string[]>("addresses");

export const urls = addresses.map((address, at) => {
  const host = new fairlead.Host(`web-${at + 1}`, {
    connection: {
      host: address,
      user: config.get("user") ?? "root",
      privateKey: config.getSecret("privateKey"),
      knownHosts: config.get("knownHosts"),
    },
  });
  const image = new fairlead.Image(`hello-${at + 1}`, {
    host,
    name: "hello:1",
    rootfs: config.get("rootfs") ?? "../hello/rootfs",
    config: { command: ["/bin/httpd", "-f", "-p", "8080", "-h", "/srv"] },
  });
  const web = new fairlead.Container(`web-${at + 1}`, { host, image, ports: ["8080:8080"] });
  return web.url;
});
