// Where no third-party provider is allowed: terraform_data carries the stack and runs the fairlead
// command. Its plan shows that the declaration changed, not that a host did.
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { NullHost, NullStack } from "fairlead/cdktf";

class Shop extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { ADDRESS, ENGINE, SOCKET, COMMAND, IMAGE = "example/app:1" } = process.env;
    const host = new NullHost(this, "web", {
      address: ADDRESS ?? "local",
      ...(ENGINE && SOCKET ? { engine: ENGINE, socket: SOCKET } : {}),
    });
    new NullStack(this, "shop", {
      ...{ hosts: { web: host }, runner: "terraform_data" },
      ...(COMMAND ? { command: COMMAND } : {}),
      compose: {
        services: {
          app: {
            ...{ image: IMAGE, init: true, command: ["sleep", "1000000"] },
            "x-fairlead": { host: "web" },
          },
        },
      },
    });
  }
}

const app = new App(process.env.OUTDIR ? { outdir: process.env.OUTDIR } : {});
new Shop(app, "shop");
app.synth();
