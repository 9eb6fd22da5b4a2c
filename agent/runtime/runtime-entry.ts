// One execution driver of this host: what makes and runs containers.

export interface RuntimeEntry {
  name: string;
  kind: "native" | "oci" | "lxc";
  /** Of the runtime's binary; of lxc, the folder with its tools. */
  path: string;
  /** Global options before the runtime's command. */
  options: string[];
  /** The shim makes and limits the control group, and runs the runtime inside it. */
  ownCgroup: boolean;
}
