// The main job on this machine itself: `npm run demo`, and `npm run demo -- down [--volumes]`.
import { execFileSync } from "node:child_process";
import { get } from "node:http";

const file = "examples/hello/compose.yaml";
const page = "http://127.0.0.1:8080/";

function fairlead(...args) {
  console.log(`\n$ fairlead ${args.join(" ")}`);
  execFileSync(process.execPath, ["dist/fairlead.js", ...args], { stdio: "inherit" });
}

function fetchPage() {
  return new Promise((resolve, reject) => {
    get(page, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

const [command = "up", ...flags] = process.argv.slice(2);
if (command === "down") {
  fairlead("-f", file, "down", "--yes", ...flags);
  fairlead("-f", file, "host", "uninstall", "--yes", ...flags, "local");
} else if (command === "up") {
  execFileSync("sh", ["examples/hello/make-rootfs.sh"], { stdio: "inherit" });
  fairlead("-f", file, "up", "--yes");
  console.log(`\n$ curl ${page}\n${await fetchPage()}`);
  fairlead("-f", file, "logs", "--tail", "3", "client");
  fairlead("-f", file, "up", "--yes");
} else {
  console.error("usage: npm run demo [-- up | down [--volumes]]");
  process.exitCode = 2;
}
