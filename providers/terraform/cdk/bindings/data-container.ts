// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { FairleadData } from "../construct/base.ts";
import { DATA_CONTAINER, type DataContainerConfig } from "./data-container-config.ts";

/** What a container on a host is. */
export class DataContainer extends FairleadData {
  static readonly tfResourceType: string = "fairlead_container";

  constructor(scope: Construct, id: string, config: DataContainerConfig) {
    super(scope, id, "fairlead_container", DATA_CONTAINER, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): DataContainerConfig["host"] | undefined {
    return this.given("host") as DataContainerConfig["host"] | undefined;
  }
  putHost(value: DataContainerConfig["host"]): void {
    this.put("host", value);
  }

  /** Name on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): DataContainerConfig["name"] | undefined {
    return this.given("name") as DataContainerConfig["name"] | undefined;
  }
  putName(value: DataContainerConfig["name"]): void {
    this.put("name", value);
  }

  /** Image to run: a reference, or an image of the stack. */
  get image(): string {
    return this.getStringAttribute("image");
  }

  /** Arguments, in place of the image's command. */
  get command(): string[] {
    return this.getListAttribute("command");
  }

  /** Program and first arguments, in place of the image's. */
  get entrypoint(): string[] {
    return this.getListAttribute("entrypoint");
  }

  /** Environment variables. */
  get env(): { [key: string]: string } {
    return this.getStringMapAttribute("env");
  }

  /** User and group, by name or number, as in app:app. */
  get user(): string {
    return this.getStringAttribute("user");
  }

  /** Further groups, by name or number. */
  get groupAdd(): string[] {
    return this.getListAttribute("group_add");
  }

  /** Working directory. */
  get workingDir(): string {
    return this.getStringAttribute("working_dir");
  }

  /** Gives the process a terminal. */
  get tty(): IResolvable {
    return this.interpolationForAttribute("tty");
  }

  /** Keeps standard input open. */
  get stdinOpen(): IResolvable {
    return this.interpolationForAttribute("stdin_open");
  }

  /** Runs a small init as process 1. */
  get init(): IResolvable {
    return this.interpolationForAttribute("init");
  }

  /** When it is started again after its process ends. */
  get restart(): string {
    return this.getStringAttribute("restart");
  }

  /** Signal that asks it to stop. */
  get stopSignal(): string {
    return this.getStringAttribute("stop_signal");
  }

  /** Time to stop before it is killed; whole seconds. A duration such as `1m30s`. */
  get stopGracePeriod(): string {
    return this.getStringAttribute("stop_grace_period");
  }

  /** How it is asked whether it is well. */
  get healthcheck(): IResolvable {
    return this.interpolationForAttribute("healthcheck");
  }

  /** Host directories, volumes and tmpfs, by target. */
  get mounts(): IResolvable {
    return this.interpolationForAttribute("mounts");
  }

  /** Containers whose mounts it gets too, as CONTAINER or CONTAINER:ro. */
  get volumesFrom(): string[] {
    return this.getListAttribute("volumes_from");
  }

  /** Makes its root file system read-only. */
  get readOnly(): IResolvable {
    return this.interpolationForAttribute("read_only");
  }

  /** Devices of the host. */
  get devices(): IResolvable {
    return this.interpolationForAttribute("devices");
  }

  /** Device access rules such as c 1:3 mr. */
  get deviceCgroupRules(): string[] {
    return this.getListAttribute("device_cgroup_rules");
  }

  /** Size of /dev/shm. A size such as `512m`. */
  get shmSize(): string {
    return this.getStringAttribute("shm_size");
  }

  /** Options of the storage driver, such as size. */
  get storageOpt(): { [key: string]: string } {
    return this.getStringMapAttribute("storage_opt");
  }

  /** Ports published on the host. */
  get ports(): IResolvable {
    return this.interpolationForAttribute("ports");
  }

  /** Publishes each port that the image exposes, on ports that the host chooses. */
  get publishAllPorts(): IResolvable {
    return this.interpolationForAttribute("publish_all_ports");
  }

  /** Networks by name, each with aliases and fixed addresses. */
  get networks(): IResolvable {
    return this.interpolationForAttribute("networks");
  }

  /** Shares a network namespace instead of joining networks. */
  get networkMode(): string {
    return this.getStringAttribute("network_mode");
  }

  /**
   * Containers of the default network, as NAME or NAME:ALIAS, of which it gets a line in
   * /etc/hosts and variables.
   */
  get links(): string[] {
    return this.getListAttribute("links");
  }

  /** Host name inside it. */
  get hostname(): string {
    return this.getStringAttribute("hostname");
  }

  /** Domain name inside it. */
  get domainname(): string {
    return this.getStringAttribute("domainname");
  }

  /** Further host names and their addresses, also host-gateway. */
  get extraHosts(): IResolvable {
    return this.interpolationForAttribute("extra_hosts");
  }

  /** Name servers. */
  get dns(): string[] {
    return this.getListAttribute("dns");
  }

  /** Search domains. */
  get dnsSearch(): string[] {
    return this.getListAttribute("dns_search");
  }

  /** Options of resolv.conf. */
  get dnsOptions(): string[] {
    return this.getListAttribute("dns_options");
  }

  /** Processors it may use, such as 1.5. */
  get cpus(): number {
    return this.getNumberAttribute("cpus");
  }

  /** Weight against other containers. */
  get cpuShares(): number {
    return this.getNumberAttribute("cpu_shares");
  }

  /** Period of real-time scheduling, in microseconds. */
  get cpuRealtimePeriod(): number {
    return this.getNumberAttribute("cpu_realtime_period");
  }

  /** Time of each such period that real-time tasks may run, in microseconds. */
  get cpuRealtimeRuntime(): number {
    return this.getNumberAttribute("cpu_realtime_runtime");
  }

  /** Processors it may run on, as in 0-2,4. */
  get cpuset(): string {
    return this.getStringAttribute("cpuset");
  }

  /** Memory limit. A size such as `512m`. */
  get memory(): string {
    return this.getStringAttribute("memory");
  }

  /** Memory kept for it under pressure. A size such as `512m`. */
  get memoryReservation(): string {
    return this.getStringAttribute("memory_reservation");
  }

  /** Memory and swap together; -1 for unlimited swap. A size such as `512m`. */
  get memorySwap(): string {
    return this.getStringAttribute("memory_swap");
  }

  /** How readily its memory is swapped, from 0 to 100; cgroup version 1 only. */
  get memorySwappiness(): number {
    return this.getNumberAttribute("memory_swappiness");
  }

  /** Processes wait when memory is out, in place of being killed; cgroup version 1 only. */
  get oomKillDisable(): IResolvable {
    return this.interpolationForAttribute("oom_kill_disable");
  }

  /** Weight and rates of block devices. */
  get blockIo(): IResolvable {
    return this.interpolationForAttribute("block_io");
  }

  /** Most processes and threads; -1 for no limit. */
  get pidsLimit(): number {
    return this.getNumberAttribute("pids_limit");
  }

  /** Resource limits of its processes. */
  get ulimits(): IResolvable {
    return this.interpolationForAttribute("ulimits");
  }

  /** Likelihood to be killed when memory is out. */
  get oomScoreAdj(): number {
    return this.getNumberAttribute("oom_score_adj");
  }

  /** Capabilities beyond the default ones. */
  get capAdd(): string[] {
    return this.getListAttribute("cap_add");
  }

  /** Capabilities taken away. */
  get capDrop(): string[] {
    return this.getListAttribute("cap_drop");
  }

  /** All capabilities and devices, nothing masked. */
  get privileged(): IResolvable {
    return this.interpolationForAttribute("privileged");
  }

  /** Security options such as no-new-privileges:true. */
  get securityOpt(): string[] {
    return this.getListAttribute("security_opt");
  }

  /** Kernel parameters of its namespaces. */
  get sysctls(): { [key: string]: string } {
    return this.getStringMapAttribute("sysctls");
  }

  /** IPC namespace: private, shareable, host or container:NAME. */
  get ipc(): string {
    return this.getStringAttribute("ipc");
  }

  /** Process namespace: host or container:NAME. */
  get pid(): string {
    return this.getStringAttribute("pid");
  }

  /** Host name namespace: host shares the host's. One of `host`. */
  get uts(): string {
    return this.getStringAttribute("uts");
  }

  /** User namespace mode. */
  get userns(): string {
    return this.getStringAttribute("userns");
  }

  /** Control group namespace. One of `private`, `host`. */
  get cgroupns(): string {
    return this.getStringAttribute("cgroupns");
  }

  /** Control group that holds the container's own. */
  get cgroupParent(): string {
    return this.getStringAttribute("cgroup_parent");
  }

  /** Runtime: native, lxc, or an OCI runtime of the host by name. */
  get runtime(): string {
    return this.getStringAttribute("runtime");
  }

  /** Labels; an engine without label editing replaces it. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }

  /** Annotations for the runtime. */
  get annotations(): { [key: string]: string } {
    return this.getStringMapAttribute("annotations");
  }

  /** Log driver and its options. */
  get logging(): IResolvable {
    return this.interpolationForAttribute("logging");
  }

  /** Id of the container on the host. */
  get containerId(): string {
    return this.getStringAttribute("container_id");
  }

  /** Id of the image it was made from. */
  get imageId(): string {
    return this.getStringAttribute("image_id");
  }

  /** `running`, `completed` (a job that has ended well), or what the engine says of it. */
  get status(): string {
    return this.getStringAttribute("status");
  }

  /** Its IP addresses by network. */
  get addresses(): { [key: string]: string } {
    return this.getStringMapAttribute("addresses");
  }
}
