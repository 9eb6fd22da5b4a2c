// Builds the constructs twice from one source: dist/cdktf for cdktf, dist/cdktn for its
// successor. The two have the same names, and a construct made for one does not work in an app of
// the other.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const SOURCE = "providers/terraform/cdk";
const OWN = { cdktf: "null-resource.ts", cdktn: "null-resource-cdktn.ts" };

/** Writes dist/cdktf and dist/cdktn. */
export function buildCdk() {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const flavor of Object.keys(OWN)) {
    const place = `dist/cdk-source/${flavor}`;
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    for (const name of readdirSync(SOURCE)) {
      if (!name.endsWith(".ts") || name === "generate.ts" || name.startsWith("null-")) continue;
      write(`${place}/${name}`, readFileSync(`${SOURCE}/${name}`, "utf8"), flavor, version);
    }
    for (const folder of ["bindings", "construct"]) {
      mkdirSync(`${place}/${folder}`, { recursive: true });
      for (const name of readdirSync(`${SOURCE}/${folder}`)) {
        const text = readFileSync(`${SOURCE}/${folder}/${name}`, "utf8");
        write(`${place}/${folder}/${name}`, text, flavor, version);
      }
    }
    const null_ = readFileSync(`${SOURCE}/${OWN[flavor]}`, "utf8");
    write(`${place}/null-resource.ts`, null_, flavor, version);
    writeFileSync(`${place}/package.json`, '{"type":"commonjs"}\n');
    writeFileSync(`${place}/tsconfig.json`, JSON.stringify(configuration(flavor)));
    execFileSync("node_modules/.bin/tsc", ["-p", place], { stdio: "inherit" });
    writeFileSync(`dist/${flavor}/package.json`, '{"type":"commonjs"}\n');
  }
  rmSync("dist/cdk-source", { recursive: true, force: true });
}

function write(path, text, flavor, version) {
  const named = text
    .replaceAll('from "cdktf"', `from "${flavor}"`)
    .replace('PROVIDER_VERSION = "0.1.0"', `PROVIDER_VERSION = "${version}"`);
  writeFileSync(path, named);
}

function configuration(flavor) {
  return {
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022"],
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      skipLibCheck: true,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      types: ["node"],
      rootDir: ".",
      outDir: `../../${flavor}`,
    },
    include: ["**/*.ts"],
  };
}
