// A stack for CDK for Terraform: a host, containers on it, and a Compose file. Run it with `cdktf
// deploy --skip-provider-lock`, after `npx fairlead terraform install`. With cdktn, say cdktn in
// both imports.
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ComposeStack, Container, FairleadProvider, Fleet, Host, Image } from "fairlead/cdktf";

class Shop extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new FairleadProvider(this, "fairlead");
    const { ADDRESS, ENGINE, SOCKET } = process.env;
    const connection = {
      host: ADDRESS ?? "local",
      ...(ENGINE && SOCKET ? { engine: ENGINE, socket: SOCKET } : {}),
    };
    const host = new Host(this, "web", { name: "web", connection });
    const rootfs = process.env.ROOTFS ?? "examples/hello/rootfs";
    const image = new Image(this, "image", { host: host.id, name: "example/app:1", rootfs });
    new Container(this, "app", {
      ...{ host: host.id, name: "app", image: image.ref, init: true },
      command: ["sleep", "1000000"],
      ports: [{ published: 8080, target: 8080, hostIp: "127.0.0.1" }],
    });
    new ComposeStack(this, "side", {
      host,
      compose: {
        services: {
          job: { image: image.ref, init: true, command: ["sleep", "1000000"] },
        },
      },
    });
    new Fleet(this, "worker", {
      ...{ hosts: { web: host }, image: image.ref, init: true },
      command: ["sleep", "1000000"],
    });
  }
}

const app = new App(process.env.OUTDIR ? { outdir: process.env.OUTDIR } : {});
new Shop(app, "shop");
app.synth();
