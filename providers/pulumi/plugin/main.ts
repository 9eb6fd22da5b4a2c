// The plugin process: serves the provider on a port of the loopback, which is the first line of its
// output, until the engine ends it. Everything else is loaded when the engine asks for it.
import type { AddressInfo } from "node:net";
import { grpcServer, type Methods } from "../../rpc/grpc.ts";

const PARENT_CHECK_MS = 1000;

// Anything else on standard output would be taken for the port.
for (const name of ["log", "info", "debug"] as const) console[name] = console.error;

const address = process.argv.slice(2).find((word) => !word.startsWith("-") && word.includes(":"));
if (address === undefined && process.stdout.isTTY) {
  process.stderr.write(
    "This is a Pulumi provider: Pulumi starts it by itself.\n" +
      "To install it: npx fairlead pulumi install\n",
  );
  process.exit(1);
}
const methods: Methods = {};
const server = grpcServer(methods);
server.listen(0, "127.0.0.1", async () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  // In one go with the line above: a call that arrives meanwhile is answered after this.
  const { ProviderService } = await import("./service.ts");
  Object.assign(methods, new ProviderService(address ?? "").methods());
});

// A killed engine sends nothing: the plugin sees that its parent changed.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, PARENT_CHECK_MS).unref();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
