// Tells whoever started the agent that it serves: a file descriptor, systemd, or both.
import { spawn } from "node:child_process";
import { closeSync, writeSync } from "node:fs";

/** Announces once that the socket answers. */
export function announceReady(readyFd: number | undefined, report: (line: string) => void): void {
  if (readyFd !== undefined) {
    writeSync(readyFd, "ready\n");
    closeSync(readyFd);
  }
  notifySystemd("--ready", report);
}

/** Announces that the agent is leaving; its containers are not. */
export function announceStopping(report: (line: string) => void): void {
  notifySystemd("--stopping", report);
}

/**
 * sd_notify(3) needs a datagram socket, which Node has not; systemd-notify(1) is there wherever
 * systemd is, and speaks for its parent.
 */
function notifySystemd(message: string, report: (line: string) => void): void {
  if (process.env.NOTIFY_SOCKET === undefined) return;
  const child = spawn("systemd-notify", [message], { stdio: "ignore" });
  child.on("error", (error) => report(`systemd-notify: ${error.message}`));
}
