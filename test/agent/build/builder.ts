// An engine with a base image, and the real docker command to build with it in the classic way.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Engine } from "../../conformance/engines.ts";

export interface Ran {
  status: number;
  /** Both streams. */
  text: string;
  out: string;
}

export class Builder {
  readonly engine: Engine;
  readonly folder: string;
  #serial = 0;

  private constructor(engine: Engine, folder: string) {
    this.engine = engine;
    this.folder = folder;
  }

  /** Starts an engine and gives it the image `base:1`: busybox, and the users root and app. */
  static async open(start: () => Promise<Engine>): Promise<Builder> {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-build-"));
    const builder = new Builder(await start(), folder);
    const root = join(folder, "root");
    for (const name of ["bin", "etc", "proc", "sys", "dev"]) {
      mkdirSync(join(root, name), { recursive: true });
    }
    mkdirSync(join(root, "tmp"));
    execFileSync("chmod", ["1777", join(root, "tmp")]);
    execFileSync("cp", ["/bin/busybox", join(root, "bin/busybox")]);
    execFileSync("chroot", [root, "/bin/busybox", "--install", "-s", "/bin"]);
    writeFileSync(
      join(root, "etc/passwd"),
      "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n",
    );
    writeFileSync(join(root, "etc/group"), "root:x:0:\napp:x:1000:\n");
    writeFileSync(join(root, "etc/os-release"), "ID=test\n");
    const tar = execFileSync("tar", ["-C", root, "-c", "."], { maxBuffer: 1 << 28 });
    const change = ["--change", 'CMD ["/bin/sh"]', "--change", "ENV PATH=/bin"];
    const ran = spawnSync("docker", [...builder.#host, "import", ...change, "-", "base:1"], {
      input: tar,
    });
    if (ran.status !== 0) throw new Error(String(ran.stderr));
    return builder;
  }

  get #host(): string[] {
    return ["-H", `unix://${this.engine.socket}`];
  }

  docker(args: string[], input = ""): Ran {
    const ran = spawnSync("docker", [...this.#host, ...args], {
      encoding: "utf8",
      input,
      env: { ...process.env, DOCKER_BUILDKIT: "0" },
    });
    return { status: ran.status ?? -1, text: ran.stdout + ran.stderr, out: ran.stdout.trim() };
  }

  /** Builds a context of these files; CONTEXT in the options is its folder. */
  build(files: Record<string, string>, options: string[] = []): Ran {
    const context = join(this.folder, `context-${this.#serial++}`);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(context, name)), { recursive: true });
      writeFileSync(join(context, name), text);
    }
    const given = options.map((option) => option.replace("CONTEXT", context));
    return this.docker(["build", "--network", "none", ...given, context]);
  }

  /** The root of an image as a tar archive. */
  exported(image: string): Buffer {
    const id = this.docker(["create", image, "/bin/none"]).out;
    const ran = spawnSync("docker", [...this.#host, "export", id], { maxBuffer: 1 << 28 });
    this.docker(["rm", id]);
    return ran.stdout;
  }

  async close(): Promise<void> {
    await this.engine.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
