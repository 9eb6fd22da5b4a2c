import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { eventually } from "../lab/shell.ts";
import { Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

const PAGE = "<h1>Hello from fairlead</h1>\n";

// On h1 systemd keeps the user's services; on h2 it does not, so the agent is supervised.
describe.skipIf(reason !== undefined)("a user without root", () => {
  let lab: Lab;
  let project: Project;
  const asRoot = (name: string, command: string) => lab.ssh(lab.host(name), command);
  const asUser = (name: string, command: string) => lab.ssh(lab.host(name), command, "deploy");
  const page = async (name: string) => {
    const url = `http://${lab.host(name).address}:8080/`;
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
  };
  const docker = (name: string, ...args: string[]) =>
    project.succeed("docker", "--host", name, "--", ...args);

  beforeAll(async () => {
    lab = await Lab.open(2, { rootless: true });
    project = new Project(lab);
    project.compose(compose(lab));
    for (const name of ["h1", "h2"]) {
      await asRoot(name, "rm /etc/sudoers.d/deploy; grep -q deploy /etc/subuid");
    }
    await asRoot("h1", "loginctl enable-linger deploy");
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  test("brings the agent and the containers up, and is told what cannot be had", async () => {
    const plan = await project.fairlead("plan", "--detailed-exitcode");
    expect(plan.code).toBe(2);
    const { code, stderr, stdout } = await project.fairlead("up", "--yes");
    expect(`${code} ${code === 0 ? "" : stdout + stderr}`).toBe("0 ");
    expect(stderr).toMatch(/h2: systemd keeps no services of this user/);
    for (const name of ["h1", "h2"]) expect(await page(name)).toContain("Hello from fairlead");
    for (const localhost of ["127.0.0.1", "::1"])
      expect(await lab.ask(lab.host("h1"), localhost, 8080)).toContain("Hello from fairlead");
    expect(await asUser("h1", "systemctl --user is-active fairlead fairlead-space")).toBe(
      "active\nactive\n",
    );
    expect(await asUser("h2", "ls /tmp/fairlead-$(id -u)/fairlead/agent.sock")).toContain("agent");
    expect(await asRoot("h1", "ls -d /opt/fairlead /var/lib/fairlead 2>/dev/null; true")).toBe("");
    const again = await project.fairlead("plan", "--detailed-exitcode");
    expect(`${again.code} ${again.code === 0 ? "" : again.stdout}`).toBe("0 ");
  }, 240_000);

  test("has images, volumes with owners, exec, names and a way out", async () => {
    for (const name of ["h1", "h2"]) {
      const other = lab.host(name === "h1" ? "h2" : "h1").address;
      const script =
        "id -u; cat /data/owner; stat -c %u /data/owner; " +
        `wget -q -O- http://web/; wget -q -O- http://${other}:8080/`;
      expect(await docker(name, "exec", `${name}-worker`, "sh", "-c", script)).toBe(
        `0\nmine\n1000\n${PAGE}${PAGE}`,
      );
    }
  });

  test("keeps containers and ports while the agent is killed, and takes them over", async () => {
    for (const name of ["h1", "h2"]) {
      await asUser(name, "kill -9 $(pgrep -u deploy -f '[a]gent.cjs' | tail -n 1)");
      expect(await page(name)).toContain("Hello");
      await eventually(`the agent of ${name} is back`, 20_000, async () =>
        project.succeed("docker", "--host", name, "--", "ps", "-q").then(
          (said) => said !== "",
          () => false,
        ),
      );
      await docker(name, "restart", "-t", "1", `${name}-web`);
      await eventually(`${name} serves`, 10_000, () =>
        page(name).then(
          (text) => text.includes("Hello"),
          () => false,
        ),
      );
    }
  });

  test("is refused what only root has, before anything is made", async () => {
    const refusal = async (...args: string[]) => {
      const { code, stderr } = await project.fairlead("docker", "--host", "h2", "--", ...args);
      expect(code).not.toBe(0);
      return stderr;
    };
    const image = (await docker("h2", "inspect", "-f", "{{.Image}}", "h2-web")).trim();
    const low = ["run", "--rm", "-p", "80:80", image, "true"];
    expect(await refusal(...low)).toContain("ip_unprivileged_port_start");
    expect(await refusal("run", "--rm", "-m", "64m", image, "true")).toContain("not delegated");
    expect(await refusal("run", "--rm", "--pid", "host", image, "true")).toContain("PidMode");
    // A plan says it as well, for every container and before the first is touched.
    const more = "    init: true\n    cpus: 1\n    runtime: fairlead-runtime\n    pid: host\n";
    const limited = compose(lab).replaceAll("    init: true\n", more);
    project.compose(limited);
    const { code, stderr } = await project.fairlead("plan");
    project.compose(compose(lab));
    expect(code).not.toBe(0);
    for (const name of ["h1", "h2"]) {
      expect(stderr).toMatch(new RegExp(`web-${name}.*cpus.*not on this host.*not delegated`));
      for (const field of ["runtime", "pid"])
        expect(stderr).toMatch(new RegExp(`worker-${name}.*${field}: .*this host is not root`));
    }
    const info = await docker("h2", "info", "-f", "{{.SecurityOptions}} {{.Warnings}}");
    expect(info).toMatch(/name=rootless.*no cgroup is delegated/);
  }, 120_000);

  test("has everything back after a reboot", async () => {
    await lab.host("h1").reboot();
    await eventually("h1 serves again", 60_000, () =>
      page("h1").then(
        (text) => text.includes("Hello"),
        () => false,
      ),
    );
  }, 120_000);

  test("takes it all off again, and nothing is left", async () => {
    await project.succeed("down", "--volumes", "--yes");
    for (const name of ["h1", "h2"]) {
      await project.succeed("host", "uninstall", name, "--volumes", "--yes");
      const left = "pgrep -u deploy -fa 'fairlead|[p]asta|[s]lirp' ; ls -d /tmp/fairlead* ; true";
      expect(await asRoot(name, `{ ${left}; } 2>/dev/null`)).toBe("");
      const files = "find /home/deploy /run/user -iname '*fairlead*' 2>/dev/null; true";
      expect(await asRoot(name, files)).toBe("");
    }
  });
});

function compose(lab: Lab): string {
  const hosts = ["h1", "h2"].map((name) => {
    const { address } = lab.host(name);
    const login = `user: deploy, privateKey: ${lab.privateKeyPath}`;
    return `    ${name}: { host: ${address}, ${login}, rootless: true }\n`;
  });
  return `
name: shop
x-fairlead:
  hosts:
${hosts.join("")}services:
${service("h1")}${service("h2")}
networks:
  front:
volumes:
  data:
`;
}

function service(host: string): string {
  const image = "image: lab/busybox:1";
  const place = `x-fairlead: { host: ${host}, image: { rootfs: ./rootfs } }`;
  return `  web-${host}:
    ${image}
    ${place}
    container_name: ${host}-web
    command: [httpd, -f, -h, /srv]
    init: true
    networks: { front: { aliases: [web] } }
    ports: ["8080:80"]
    restart: unless-stopped
  worker-${host}:
    ${image}
    ${place}
    container_name: ${host}-worker
    command: [sh, -c, "echo mine >/data/owner; chown 1000:1000 /data/owner; sleep 100000"]
    init: true
    networks: [front]
    volumes: ["data:/data"]
    restart: unless-stopped
`;
}
