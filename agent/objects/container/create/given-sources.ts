// Bind sources that do not mean what is at that path of the host, but something that the agent has.

/** Where clients look for an engine: in a container, that is the engine which runs it. */
const ENGINE_SOCKETS: readonly string[] = ["/var/run/docker.sock", "/run/docker.sock"];

/** Where the agent keeps what a bind source stands for; undefined for a path of the host. */
export function givenSource(source: string, parts: { socket: string }): string | undefined {
  return ENGINE_SOCKETS.includes(source) ? parts.socket : undefined;
}
