// A server or a client for the network tests, run inside a namespace.
// usage: speaker.mjs serve tcp|udp IP PORT NAME   (prints "ready"; answers "NAME saw ADDRESS")
//        speaker.mjs ask tcp|udp IP PORT          (prints the answer; exits 1 after 2.5 s)
//        speaker.mjs nag udp IP PORT              (asks from one socket until there is an answer)
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const [, , role, protocol, ip, port, name] = process.argv;
const PATIENCE_MS = 2500;
const NAGGING_MS = 10_000;

if (role === "serve" && protocol === "tcp") {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`${name} saw ${socket.remoteAddress?.replace("::ffff:", "")}`);
  });
  server.listen(Number(port), ip, () => console.log("ready"));
} else if (role === "serve") {
  const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
  socket.on("message", (_, from) =>
    socket.send(`${name} saw ${from.address}`, from.port, from.address),
  );
  socket.bind(Number(port), ip, () => console.log("ready"));
} else {
  setTimeout(() => process.exit(1), role === "nag" ? NAGGING_MS : PATIENCE_MS);
  const finish = (answer) => {
    process.stdout.write(answer, () => process.exit(0));
  };
  if (protocol === "tcp") {
    const socket = connect({ host: ip, port: Number(port) });
    socket.on("error", (error) => {
      console.log(error.code);
      process.exit(1);
    });
    socket.on("data", (data) => finish(String(data)));
  } else {
    const socket = createSocket(ip.includes(":") ? "udp6" : "udp4");
    socket.on("message", (data) => finish(String(data)));
    // The host refuses the first ones with ICMP, which a nagging client does not mind.
    socket.on("error", () => undefined);
    const send = () => socket.send("hello", Number(port), ip);
    send();
    if (role === "nag") setInterval(send, 50);
  }
}
