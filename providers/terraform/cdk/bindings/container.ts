// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import { ImportableResource, type IResolvable, type TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { FairleadResource } from "../construct/base.ts";
import { CONTAINER, type ContainerConfig } from "./container-config.ts";

/** A container on a host. */
export class Container extends FairleadResource {
  static readonly tfResourceType: string = "fairlead_container";

  /** Code for importing an existing object: `importId` is HOST/NAME. */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    const terraformResourceType = "fairlead_container";
    const given = { terraformResourceType, importId, ...(provider ? { provider } : {}) };
    return new ImportableResource(scope, importToId, given);
  }

  constructor(scope: Construct, id: string, config: ContainerConfig) {
    super(scope, id, "fairlead_container", CONTAINER, config);
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. */
  get host(): string {
    return this.getStringAttribute("host");
  }
  get hostInput(): ContainerConfig["host"] | undefined {
    return this.given("host") as ContainerConfig["host"] | undefined;
  }
  putHost(value: ContainerConfig["host"]): void {
    this.put("host", value);
  }

  /** Name on the host. */
  get name(): string {
    return this.getStringAttribute("name");
  }
  get nameInput(): ContainerConfig["name"] | undefined {
    return this.given("name") as ContainerConfig["name"] | undefined;
  }
  putName(value: ContainerConfig["name"]): void {
    this.put("name", value);
  }
  resetName(): void {
    this.put("name", undefined);
  }

  /** Image to run: a reference, or an image of the stack. */
  get image(): string {
    return this.getStringAttribute("image");
  }
  get imageInput(): ContainerConfig["image"] | undefined {
    return this.given("image") as ContainerConfig["image"] | undefined;
  }
  putImage(value: ContainerConfig["image"]): void {
    this.put("image", value);
  }

  /** Platform of the image, such as linux/arm64. */
  get platform(): string {
    return this.getStringAttribute("platform");
  }
  get platformInput(): ContainerConfig["platform"] | undefined {
    return this.given("platform") as ContainerConfig["platform"] | undefined;
  }
  putPlatform(value: ContainerConfig["platform"]): void {
    this.put("platform", value);
  }
  resetPlatform(): void {
    this.put("platform", undefined);
  }

  /** When the image is fetched from its registry. One of `missing`, `always`, `never`. */
  get pull(): string {
    return this.getStringAttribute("pull");
  }
  get pullInput(): ContainerConfig["pull"] | undefined {
    return this.given("pull") as ContainerConfig["pull"] | undefined;
  }
  putPull(value: ContainerConfig["pull"]): void {
    this.put("pull", value);
  }
  resetPull(): void {
    this.put("pull", undefined);
  }

  /** Runs to its end: exit code 0 is success, and it is not run again. */
  get job(): IResolvable {
    return this.interpolationForAttribute("job");
  }
  get jobInput(): ContainerConfig["job"] | undefined {
    return this.given("job") as ContainerConfig["job"] | undefined;
  }
  putJob(value: ContainerConfig["job"]): void {
    this.put("job", value);
  }
  resetJob(): void {
    this.put("job", undefined);
  }

  /**
   * How long a new container without healthcheck must keep running. A duration such as
   * `1m30s`.
   */
  get settle(): string {
    return this.getStringAttribute("settle");
  }
  get settleInput(): ContainerConfig["settle"] | undefined {
    return this.given("settle") as ContainerConfig["settle"] | undefined;
  }
  putSettle(value: ContainerConfig["settle"]): void {
    this.put("settle", value);
  }
  resetSettle(): void {
    this.put("settle", undefined);
  }

  /** How long a new container has to become healthy. A duration such as `1m30s`. */
  get healthTimeout(): string {
    return this.getStringAttribute("health_timeout");
  }
  get healthTimeoutInput(): ContainerConfig["healthTimeout"] | undefined {
    return this.given("healthTimeout") as ContainerConfig["healthTimeout"] | undefined;
  }
  putHealthTimeout(value: ContainerConfig["healthTimeout"]): void {
    this.put("healthTimeout", value);
  }
  resetHealthTimeout(): void {
    this.put("healthTimeout", undefined);
  }

  /**
   * Whether a replacement starts before or after the old container stops. One of `auto`,
   * `start-first`, `stop-first`.
   */
  get replaceOrder(): string {
    return this.getStringAttribute("replace_order");
  }
  get replaceOrderInput(): ContainerConfig["replaceOrder"] | undefined {
    return this.given("replaceOrder") as ContainerConfig["replaceOrder"] | undefined;
  }
  putReplaceOrder(value: ContainerConfig["replaceOrder"]): void {
    this.put("replaceOrder", value);
  }
  resetReplaceOrder(): void {
    this.put("replaceOrder", undefined);
  }

  /** Commands that are run in it after it has started. */
  get postStart(): IResolvable {
    return this.interpolationForAttribute("post_start");
  }
  get postStartInput(): ContainerConfig["postStart"] | undefined {
    return this.given("postStart") as ContainerConfig["postStart"] | undefined;
  }
  putPostStart(value: ContainerConfig["postStart"]): void {
    this.put("postStart", value);
  }
  resetPostStart(): void {
    this.put("postStart", undefined);
  }

  /** Commands that are run in it before fairlead stops it. */
  get preStop(): IResolvable {
    return this.interpolationForAttribute("pre_stop");
  }
  get preStopInput(): ContainerConfig["preStop"] | undefined {
    return this.given("preStop") as ContainerConfig["preStop"] | undefined;
  }
  putPreStop(value: ContainerConfig["preStop"]): void {
    this.put("preStop", value);
  }
  resetPreStop(): void {
    this.put("preStop", undefined);
  }

  /** Arguments, in place of the image's command. */
  get command(): string[] {
    return this.getListAttribute("command");
  }
  get commandInput(): ContainerConfig["command"] | undefined {
    return this.given("command") as ContainerConfig["command"] | undefined;
  }
  putCommand(value: ContainerConfig["command"]): void {
    this.put("command", value);
  }
  resetCommand(): void {
    this.put("command", undefined);
  }

  /** Program and first arguments, in place of the image's. */
  get entrypoint(): string[] {
    return this.getListAttribute("entrypoint");
  }
  get entrypointInput(): ContainerConfig["entrypoint"] | undefined {
    return this.given("entrypoint") as ContainerConfig["entrypoint"] | undefined;
  }
  putEntrypoint(value: ContainerConfig["entrypoint"]): void {
    this.put("entrypoint", value);
  }
  resetEntrypoint(): void {
    this.put("entrypoint", undefined);
  }

  /** Environment variables. */
  get env(): { [key: string]: string } {
    return this.getStringMapAttribute("env");
  }
  get envInput(): ContainerConfig["env"] | undefined {
    return this.given("env") as ContainerConfig["env"] | undefined;
  }
  putEnv(value: ContainerConfig["env"]): void {
    this.put("env", value);
  }
  resetEnv(): void {
    this.put("env", undefined);
  }

  /** User and group, by name or number, as in app:app. */
  get user(): string {
    return this.getStringAttribute("user");
  }
  get userInput(): ContainerConfig["user"] | undefined {
    return this.given("user") as ContainerConfig["user"] | undefined;
  }
  putUser(value: ContainerConfig["user"]): void {
    this.put("user", value);
  }
  resetUser(): void {
    this.put("user", undefined);
  }

  /** Further groups, by name or number. */
  get groupAdd(): string[] {
    return this.getListAttribute("group_add");
  }
  get groupAddInput(): ContainerConfig["groupAdd"] | undefined {
    return this.given("groupAdd") as ContainerConfig["groupAdd"] | undefined;
  }
  putGroupAdd(value: ContainerConfig["groupAdd"]): void {
    this.put("groupAdd", value);
  }
  resetGroupAdd(): void {
    this.put("groupAdd", undefined);
  }

  /** Working directory. */
  get workingDir(): string {
    return this.getStringAttribute("working_dir");
  }
  get workingDirInput(): ContainerConfig["workingDir"] | undefined {
    return this.given("workingDir") as ContainerConfig["workingDir"] | undefined;
  }
  putWorkingDir(value: ContainerConfig["workingDir"]): void {
    this.put("workingDir", value);
  }
  resetWorkingDir(): void {
    this.put("workingDir", undefined);
  }

  /** Gives the process a terminal. */
  get tty(): IResolvable {
    return this.interpolationForAttribute("tty");
  }
  get ttyInput(): ContainerConfig["tty"] | undefined {
    return this.given("tty") as ContainerConfig["tty"] | undefined;
  }
  putTty(value: ContainerConfig["tty"]): void {
    this.put("tty", value);
  }
  resetTty(): void {
    this.put("tty", undefined);
  }

  /** Keeps standard input open. */
  get stdinOpen(): IResolvable {
    return this.interpolationForAttribute("stdin_open");
  }
  get stdinOpenInput(): ContainerConfig["stdinOpen"] | undefined {
    return this.given("stdinOpen") as ContainerConfig["stdinOpen"] | undefined;
  }
  putStdinOpen(value: ContainerConfig["stdinOpen"]): void {
    this.put("stdinOpen", value);
  }
  resetStdinOpen(): void {
    this.put("stdinOpen", undefined);
  }

  /** Runs a small init as process 1. */
  get init(): IResolvable {
    return this.interpolationForAttribute("init");
  }
  get initInput(): ContainerConfig["init"] | undefined {
    return this.given("init") as ContainerConfig["init"] | undefined;
  }
  putInit(value: ContainerConfig["init"]): void {
    this.put("init", value);
  }
  resetInit(): void {
    this.put("init", undefined);
  }

  /** When it is started again after its process ends. */
  get restart(): string {
    return this.getStringAttribute("restart");
  }
  get restartInput(): ContainerConfig["restart"] | undefined {
    return this.given("restart") as ContainerConfig["restart"] | undefined;
  }
  putRestart(value: ContainerConfig["restart"]): void {
    this.put("restart", value);
  }
  resetRestart(): void {
    this.put("restart", undefined);
  }

  /** Signal that asks it to stop. */
  get stopSignal(): string {
    return this.getStringAttribute("stop_signal");
  }
  get stopSignalInput(): ContainerConfig["stopSignal"] | undefined {
    return this.given("stopSignal") as ContainerConfig["stopSignal"] | undefined;
  }
  putStopSignal(value: ContainerConfig["stopSignal"]): void {
    this.put("stopSignal", value);
  }
  resetStopSignal(): void {
    this.put("stopSignal", undefined);
  }

  /** Time to stop before it is killed; whole seconds. A duration such as `1m30s`. */
  get stopGracePeriod(): string {
    return this.getStringAttribute("stop_grace_period");
  }
  get stopGracePeriodInput(): ContainerConfig["stopGracePeriod"] | undefined {
    return this.given("stopGracePeriod") as ContainerConfig["stopGracePeriod"] | undefined;
  }
  putStopGracePeriod(value: ContainerConfig["stopGracePeriod"]): void {
    this.put("stopGracePeriod", value);
  }
  resetStopGracePeriod(): void {
    this.put("stopGracePeriod", undefined);
  }

  /** How it is asked whether it is well. */
  get healthcheck(): IResolvable {
    return this.interpolationForAttribute("healthcheck");
  }
  get healthcheckInput(): ContainerConfig["healthcheck"] | undefined {
    return this.given("healthcheck") as ContainerConfig["healthcheck"] | undefined;
  }
  putHealthcheck(value: ContainerConfig["healthcheck"]): void {
    this.put("healthcheck", value);
  }
  resetHealthcheck(): void {
    this.put("healthcheck", undefined);
  }

  /** Host directories, volumes and tmpfs, by target. */
  get mounts(): IResolvable {
    return this.interpolationForAttribute("mounts");
  }
  get mountsInput(): ContainerConfig["mounts"] | undefined {
    return this.given("mounts") as ContainerConfig["mounts"] | undefined;
  }
  putMounts(value: ContainerConfig["mounts"]): void {
    this.put("mounts", value);
  }
  resetMounts(): void {
    this.put("mounts", undefined);
  }

  /** Containers whose mounts it gets too, as CONTAINER or CONTAINER:ro. */
  get volumesFrom(): string[] {
    return this.getListAttribute("volumes_from");
  }
  get volumesFromInput(): ContainerConfig["volumesFrom"] | undefined {
    return this.given("volumesFrom") as ContainerConfig["volumesFrom"] | undefined;
  }
  putVolumesFrom(value: ContainerConfig["volumesFrom"]): void {
    this.put("volumesFrom", value);
  }
  resetVolumesFrom(): void {
    this.put("volumesFrom", undefined);
  }

  /** Small files given to it: configs and secrets. */
  get files(): IResolvable {
    return this.interpolationForAttribute("files");
  }
  get filesInput(): ContainerConfig["files"] | undefined {
    return this.given("files") as ContainerConfig["files"] | undefined;
  }
  putFiles(value: ContainerConfig["files"]): void {
    this.put("files", value);
  }
  resetFiles(): void {
    this.put("files", undefined);
  }

  /** Makes its root file system read-only. */
  get readOnly(): IResolvable {
    return this.interpolationForAttribute("read_only");
  }
  get readOnlyInput(): ContainerConfig["readOnly"] | undefined {
    return this.given("readOnly") as ContainerConfig["readOnly"] | undefined;
  }
  putReadOnly(value: ContainerConfig["readOnly"]): void {
    this.put("readOnly", value);
  }
  resetReadOnly(): void {
    this.put("readOnly", undefined);
  }

  /** Devices of the host. */
  get devices(): IResolvable {
    return this.interpolationForAttribute("devices");
  }
  get devicesInput(): ContainerConfig["devices"] | undefined {
    return this.given("devices") as ContainerConfig["devices"] | undefined;
  }
  putDevices(value: ContainerConfig["devices"]): void {
    this.put("devices", value);
  }
  resetDevices(): void {
    this.put("devices", undefined);
  }

  /** Device access rules such as c 1:3 mr. */
  get deviceCgroupRules(): string[] {
    return this.getListAttribute("device_cgroup_rules");
  }
  get deviceCgroupRulesInput(): ContainerConfig["deviceCgroupRules"] | undefined {
    return this.given("deviceCgroupRules") as ContainerConfig["deviceCgroupRules"] | undefined;
  }
  putDeviceCgroupRules(value: ContainerConfig["deviceCgroupRules"]): void {
    this.put("deviceCgroupRules", value);
  }
  resetDeviceCgroupRules(): void {
    this.put("deviceCgroupRules", undefined);
  }

  /** Size of /dev/shm. A size such as `512m`. */
  get shmSize(): string {
    return this.getStringAttribute("shm_size");
  }
  get shmSizeInput(): ContainerConfig["shmSize"] | undefined {
    return this.given("shmSize") as ContainerConfig["shmSize"] | undefined;
  }
  putShmSize(value: ContainerConfig["shmSize"]): void {
    this.put("shmSize", value);
  }
  resetShmSize(): void {
    this.put("shmSize", undefined);
  }

  /** Options of the storage driver, such as size. */
  get storageOpt(): { [key: string]: string } {
    return this.getStringMapAttribute("storage_opt");
  }
  get storageOptInput(): ContainerConfig["storageOpt"] | undefined {
    return this.given("storageOpt") as ContainerConfig["storageOpt"] | undefined;
  }
  putStorageOpt(value: ContainerConfig["storageOpt"]): void {
    this.put("storageOpt", value);
  }
  resetStorageOpt(): void {
    this.put("storageOpt", undefined);
  }

  /** Ports published on the host. */
  get ports(): IResolvable {
    return this.interpolationForAttribute("ports");
  }
  get portsInput(): ContainerConfig["ports"] | undefined {
    return this.given("ports") as ContainerConfig["ports"] | undefined;
  }
  putPorts(value: ContainerConfig["ports"]): void {
    this.put("ports", value);
  }
  resetPorts(): void {
    this.put("ports", undefined);
  }

  /** Publishes each port that the image exposes, on ports that the host chooses. */
  get publishAllPorts(): IResolvable {
    return this.interpolationForAttribute("publish_all_ports");
  }
  get publishAllPortsInput(): ContainerConfig["publishAllPorts"] | undefined {
    return this.given("publishAllPorts") as ContainerConfig["publishAllPorts"] | undefined;
  }
  putPublishAllPorts(value: ContainerConfig["publishAllPorts"]): void {
    this.put("publishAllPorts", value);
  }
  resetPublishAllPorts(): void {
    this.put("publishAllPorts", undefined);
  }

  /** Networks by name, each with aliases and fixed addresses. */
  get networks(): IResolvable {
    return this.interpolationForAttribute("networks");
  }
  get networksInput(): ContainerConfig["networks"] | undefined {
    return this.given("networks") as ContainerConfig["networks"] | undefined;
  }
  putNetworks(value: ContainerConfig["networks"]): void {
    this.put("networks", value);
  }
  resetNetworks(): void {
    this.put("networks", undefined);
  }

  /** Shares a network namespace instead of joining networks. */
  get networkMode(): string {
    return this.getStringAttribute("network_mode");
  }
  get networkModeInput(): ContainerConfig["networkMode"] | undefined {
    return this.given("networkMode") as ContainerConfig["networkMode"] | undefined;
  }
  putNetworkMode(value: ContainerConfig["networkMode"]): void {
    this.put("networkMode", value);
  }
  resetNetworkMode(): void {
    this.put("networkMode", undefined);
  }

  /**
   * Containers of the default network, as NAME or NAME:ALIAS, of which it gets a line in
   * /etc/hosts and variables.
   */
  get links(): string[] {
    return this.getListAttribute("links");
  }
  get linksInput(): ContainerConfig["links"] | undefined {
    return this.given("links") as ContainerConfig["links"] | undefined;
  }
  putLinks(value: ContainerConfig["links"]): void {
    this.put("links", value);
  }
  resetLinks(): void {
    this.put("links", undefined);
  }

  /** Host name inside it. */
  get hostname(): string {
    return this.getStringAttribute("hostname");
  }
  get hostnameInput(): ContainerConfig["hostname"] | undefined {
    return this.given("hostname") as ContainerConfig["hostname"] | undefined;
  }
  putHostname(value: ContainerConfig["hostname"]): void {
    this.put("hostname", value);
  }
  resetHostname(): void {
    this.put("hostname", undefined);
  }

  /** Domain name inside it. */
  get domainname(): string {
    return this.getStringAttribute("domainname");
  }
  get domainnameInput(): ContainerConfig["domainname"] | undefined {
    return this.given("domainname") as ContainerConfig["domainname"] | undefined;
  }
  putDomainname(value: ContainerConfig["domainname"]): void {
    this.put("domainname", value);
  }
  resetDomainname(): void {
    this.put("domainname", undefined);
  }

  /** Further host names and their addresses, also host-gateway. */
  get extraHosts(): IResolvable {
    return this.interpolationForAttribute("extra_hosts");
  }
  get extraHostsInput(): ContainerConfig["extraHosts"] | undefined {
    return this.given("extraHosts") as ContainerConfig["extraHosts"] | undefined;
  }
  putExtraHosts(value: ContainerConfig["extraHosts"]): void {
    this.put("extraHosts", value);
  }
  resetExtraHosts(): void {
    this.put("extraHosts", undefined);
  }

  /** Name servers. */
  get dns(): string[] {
    return this.getListAttribute("dns");
  }
  get dnsInput(): ContainerConfig["dns"] | undefined {
    return this.given("dns") as ContainerConfig["dns"] | undefined;
  }
  putDns(value: ContainerConfig["dns"]): void {
    this.put("dns", value);
  }
  resetDns(): void {
    this.put("dns", undefined);
  }

  /** Search domains. */
  get dnsSearch(): string[] {
    return this.getListAttribute("dns_search");
  }
  get dnsSearchInput(): ContainerConfig["dnsSearch"] | undefined {
    return this.given("dnsSearch") as ContainerConfig["dnsSearch"] | undefined;
  }
  putDnsSearch(value: ContainerConfig["dnsSearch"]): void {
    this.put("dnsSearch", value);
  }
  resetDnsSearch(): void {
    this.put("dnsSearch", undefined);
  }

  /** Options of resolv.conf. */
  get dnsOptions(): string[] {
    return this.getListAttribute("dns_options");
  }
  get dnsOptionsInput(): ContainerConfig["dnsOptions"] | undefined {
    return this.given("dnsOptions") as ContainerConfig["dnsOptions"] | undefined;
  }
  putDnsOptions(value: ContainerConfig["dnsOptions"]): void {
    this.put("dnsOptions", value);
  }
  resetDnsOptions(): void {
    this.put("dnsOptions", undefined);
  }

  /** Processors it may use, such as 1.5. */
  get cpus(): number {
    return this.getNumberAttribute("cpus");
  }
  get cpusInput(): ContainerConfig["cpus"] | undefined {
    return this.given("cpus") as ContainerConfig["cpus"] | undefined;
  }
  putCpus(value: ContainerConfig["cpus"]): void {
    this.put("cpus", value);
  }
  resetCpus(): void {
    this.put("cpus", undefined);
  }

  /** Weight against other containers. */
  get cpuShares(): number {
    return this.getNumberAttribute("cpu_shares");
  }
  get cpuSharesInput(): ContainerConfig["cpuShares"] | undefined {
    return this.given("cpuShares") as ContainerConfig["cpuShares"] | undefined;
  }
  putCpuShares(value: ContainerConfig["cpuShares"]): void {
    this.put("cpuShares", value);
  }
  resetCpuShares(): void {
    this.put("cpuShares", undefined);
  }

  /** Period of real-time scheduling, in microseconds. */
  get cpuRealtimePeriod(): number {
    return this.getNumberAttribute("cpu_realtime_period");
  }
  get cpuRealtimePeriodInput(): ContainerConfig["cpuRealtimePeriod"] | undefined {
    return this.given("cpuRealtimePeriod") as ContainerConfig["cpuRealtimePeriod"] | undefined;
  }
  putCpuRealtimePeriod(value: ContainerConfig["cpuRealtimePeriod"]): void {
    this.put("cpuRealtimePeriod", value);
  }
  resetCpuRealtimePeriod(): void {
    this.put("cpuRealtimePeriod", undefined);
  }

  /** Time of each such period that real-time tasks may run, in microseconds. */
  get cpuRealtimeRuntime(): number {
    return this.getNumberAttribute("cpu_realtime_runtime");
  }
  get cpuRealtimeRuntimeInput(): ContainerConfig["cpuRealtimeRuntime"] | undefined {
    return this.given("cpuRealtimeRuntime") as ContainerConfig["cpuRealtimeRuntime"] | undefined;
  }
  putCpuRealtimeRuntime(value: ContainerConfig["cpuRealtimeRuntime"]): void {
    this.put("cpuRealtimeRuntime", value);
  }
  resetCpuRealtimeRuntime(): void {
    this.put("cpuRealtimeRuntime", undefined);
  }

  /** Processors it may run on, as in 0-2,4. */
  get cpuset(): string {
    return this.getStringAttribute("cpuset");
  }
  get cpusetInput(): ContainerConfig["cpuset"] | undefined {
    return this.given("cpuset") as ContainerConfig["cpuset"] | undefined;
  }
  putCpuset(value: ContainerConfig["cpuset"]): void {
    this.put("cpuset", value);
  }
  resetCpuset(): void {
    this.put("cpuset", undefined);
  }

  /** Memory limit. A size such as `512m`. */
  get memory(): string {
    return this.getStringAttribute("memory");
  }
  get memoryInput(): ContainerConfig["memory"] | undefined {
    return this.given("memory") as ContainerConfig["memory"] | undefined;
  }
  putMemory(value: ContainerConfig["memory"]): void {
    this.put("memory", value);
  }
  resetMemory(): void {
    this.put("memory", undefined);
  }

  /** Memory kept for it under pressure. A size such as `512m`. */
  get memoryReservation(): string {
    return this.getStringAttribute("memory_reservation");
  }
  get memoryReservationInput(): ContainerConfig["memoryReservation"] | undefined {
    return this.given("memoryReservation") as ContainerConfig["memoryReservation"] | undefined;
  }
  putMemoryReservation(value: ContainerConfig["memoryReservation"]): void {
    this.put("memoryReservation", value);
  }
  resetMemoryReservation(): void {
    this.put("memoryReservation", undefined);
  }

  /** Memory and swap together; -1 for unlimited swap. A size such as `512m`. */
  get memorySwap(): string {
    return this.getStringAttribute("memory_swap");
  }
  get memorySwapInput(): ContainerConfig["memorySwap"] | undefined {
    return this.given("memorySwap") as ContainerConfig["memorySwap"] | undefined;
  }
  putMemorySwap(value: ContainerConfig["memorySwap"]): void {
    this.put("memorySwap", value);
  }
  resetMemorySwap(): void {
    this.put("memorySwap", undefined);
  }

  /** How readily its memory is swapped, from 0 to 100; cgroup version 1 only. */
  get memorySwappiness(): number {
    return this.getNumberAttribute("memory_swappiness");
  }
  get memorySwappinessInput(): ContainerConfig["memorySwappiness"] | undefined {
    return this.given("memorySwappiness") as ContainerConfig["memorySwappiness"] | undefined;
  }
  putMemorySwappiness(value: ContainerConfig["memorySwappiness"]): void {
    this.put("memorySwappiness", value);
  }
  resetMemorySwappiness(): void {
    this.put("memorySwappiness", undefined);
  }

  /** Processes wait when memory is out, in place of being killed; cgroup version 1 only. */
  get oomKillDisable(): IResolvable {
    return this.interpolationForAttribute("oom_kill_disable");
  }
  get oomKillDisableInput(): ContainerConfig["oomKillDisable"] | undefined {
    return this.given("oomKillDisable") as ContainerConfig["oomKillDisable"] | undefined;
  }
  putOomKillDisable(value: ContainerConfig["oomKillDisable"]): void {
    this.put("oomKillDisable", value);
  }
  resetOomKillDisable(): void {
    this.put("oomKillDisable", undefined);
  }

  /** Weight and rates of block devices. */
  get blockIo(): IResolvable {
    return this.interpolationForAttribute("block_io");
  }
  get blockIoInput(): ContainerConfig["blockIo"] | undefined {
    return this.given("blockIo") as ContainerConfig["blockIo"] | undefined;
  }
  putBlockIo(value: ContainerConfig["blockIo"]): void {
    this.put("blockIo", value);
  }
  resetBlockIo(): void {
    this.put("blockIo", undefined);
  }

  /** Most processes and threads; -1 for no limit. */
  get pidsLimit(): number {
    return this.getNumberAttribute("pids_limit");
  }
  get pidsLimitInput(): ContainerConfig["pidsLimit"] | undefined {
    return this.given("pidsLimit") as ContainerConfig["pidsLimit"] | undefined;
  }
  putPidsLimit(value: ContainerConfig["pidsLimit"]): void {
    this.put("pidsLimit", value);
  }
  resetPidsLimit(): void {
    this.put("pidsLimit", undefined);
  }

  /** Resource limits of its processes. */
  get ulimits(): IResolvable {
    return this.interpolationForAttribute("ulimits");
  }
  get ulimitsInput(): ContainerConfig["ulimits"] | undefined {
    return this.given("ulimits") as ContainerConfig["ulimits"] | undefined;
  }
  putUlimits(value: ContainerConfig["ulimits"]): void {
    this.put("ulimits", value);
  }
  resetUlimits(): void {
    this.put("ulimits", undefined);
  }

  /** Likelihood to be killed when memory is out. */
  get oomScoreAdj(): number {
    return this.getNumberAttribute("oom_score_adj");
  }
  get oomScoreAdjInput(): ContainerConfig["oomScoreAdj"] | undefined {
    return this.given("oomScoreAdj") as ContainerConfig["oomScoreAdj"] | undefined;
  }
  putOomScoreAdj(value: ContainerConfig["oomScoreAdj"]): void {
    this.put("oomScoreAdj", value);
  }
  resetOomScoreAdj(): void {
    this.put("oomScoreAdj", undefined);
  }

  /** Capabilities beyond the default ones. */
  get capAdd(): string[] {
    return this.getListAttribute("cap_add");
  }
  get capAddInput(): ContainerConfig["capAdd"] | undefined {
    return this.given("capAdd") as ContainerConfig["capAdd"] | undefined;
  }
  putCapAdd(value: ContainerConfig["capAdd"]): void {
    this.put("capAdd", value);
  }
  resetCapAdd(): void {
    this.put("capAdd", undefined);
  }

  /** Capabilities taken away. */
  get capDrop(): string[] {
    return this.getListAttribute("cap_drop");
  }
  get capDropInput(): ContainerConfig["capDrop"] | undefined {
    return this.given("capDrop") as ContainerConfig["capDrop"] | undefined;
  }
  putCapDrop(value: ContainerConfig["capDrop"]): void {
    this.put("capDrop", value);
  }
  resetCapDrop(): void {
    this.put("capDrop", undefined);
  }

  /** All capabilities and devices, nothing masked. */
  get privileged(): IResolvable {
    return this.interpolationForAttribute("privileged");
  }
  get privilegedInput(): ContainerConfig["privileged"] | undefined {
    return this.given("privileged") as ContainerConfig["privileged"] | undefined;
  }
  putPrivileged(value: ContainerConfig["privileged"]): void {
    this.put("privileged", value);
  }
  resetPrivileged(): void {
    this.put("privileged", undefined);
  }

  /** Security options such as no-new-privileges:true. */
  get securityOpt(): string[] {
    return this.getListAttribute("security_opt");
  }
  get securityOptInput(): ContainerConfig["securityOpt"] | undefined {
    return this.given("securityOpt") as ContainerConfig["securityOpt"] | undefined;
  }
  putSecurityOpt(value: ContainerConfig["securityOpt"]): void {
    this.put("securityOpt", value);
  }
  resetSecurityOpt(): void {
    this.put("securityOpt", undefined);
  }

  /** Kernel parameters of its namespaces. */
  get sysctls(): { [key: string]: string } {
    return this.getStringMapAttribute("sysctls");
  }
  get sysctlsInput(): ContainerConfig["sysctls"] | undefined {
    return this.given("sysctls") as ContainerConfig["sysctls"] | undefined;
  }
  putSysctls(value: ContainerConfig["sysctls"]): void {
    this.put("sysctls", value);
  }
  resetSysctls(): void {
    this.put("sysctls", undefined);
  }

  /** IPC namespace: private, shareable, host or container:NAME. */
  get ipc(): string {
    return this.getStringAttribute("ipc");
  }
  get ipcInput(): ContainerConfig["ipc"] | undefined {
    return this.given("ipc") as ContainerConfig["ipc"] | undefined;
  }
  putIpc(value: ContainerConfig["ipc"]): void {
    this.put("ipc", value);
  }
  resetIpc(): void {
    this.put("ipc", undefined);
  }

  /** Process namespace: host or container:NAME. */
  get pid(): string {
    return this.getStringAttribute("pid");
  }
  get pidInput(): ContainerConfig["pid"] | undefined {
    return this.given("pid") as ContainerConfig["pid"] | undefined;
  }
  putPid(value: ContainerConfig["pid"]): void {
    this.put("pid", value);
  }
  resetPid(): void {
    this.put("pid", undefined);
  }

  /** Host name namespace: host shares the host's. One of `host`. */
  get uts(): string {
    return this.getStringAttribute("uts");
  }
  get utsInput(): ContainerConfig["uts"] | undefined {
    return this.given("uts") as ContainerConfig["uts"] | undefined;
  }
  putUts(value: ContainerConfig["uts"]): void {
    this.put("uts", value);
  }
  resetUts(): void {
    this.put("uts", undefined);
  }

  /** User namespace mode. */
  get userns(): string {
    return this.getStringAttribute("userns");
  }
  get usernsInput(): ContainerConfig["userns"] | undefined {
    return this.given("userns") as ContainerConfig["userns"] | undefined;
  }
  putUserns(value: ContainerConfig["userns"]): void {
    this.put("userns", value);
  }
  resetUserns(): void {
    this.put("userns", undefined);
  }

  /** Control group namespace. One of `private`, `host`. */
  get cgroupns(): string {
    return this.getStringAttribute("cgroupns");
  }
  get cgroupnsInput(): ContainerConfig["cgroupns"] | undefined {
    return this.given("cgroupns") as ContainerConfig["cgroupns"] | undefined;
  }
  putCgroupns(value: ContainerConfig["cgroupns"]): void {
    this.put("cgroupns", value);
  }
  resetCgroupns(): void {
    this.put("cgroupns", undefined);
  }

  /** Control group that holds the container's own. */
  get cgroupParent(): string {
    return this.getStringAttribute("cgroup_parent");
  }
  get cgroupParentInput(): ContainerConfig["cgroupParent"] | undefined {
    return this.given("cgroupParent") as ContainerConfig["cgroupParent"] | undefined;
  }
  putCgroupParent(value: ContainerConfig["cgroupParent"]): void {
    this.put("cgroupParent", value);
  }
  resetCgroupParent(): void {
    this.put("cgroupParent", undefined);
  }

  /** Runtime: native, lxc, or an OCI runtime of the host by name. */
  get runtime(): string {
    return this.getStringAttribute("runtime");
  }
  get runtimeInput(): ContainerConfig["runtime"] | undefined {
    return this.given("runtime") as ContainerConfig["runtime"] | undefined;
  }
  putRuntime(value: ContainerConfig["runtime"]): void {
    this.put("runtime", value);
  }
  resetRuntime(): void {
    this.put("runtime", undefined);
  }

  /** Labels; an engine without label editing replaces it. */
  get labels(): { [key: string]: string } {
    return this.getStringMapAttribute("labels");
  }
  get labelsInput(): ContainerConfig["labels"] | undefined {
    return this.given("labels") as ContainerConfig["labels"] | undefined;
  }
  putLabels(value: ContainerConfig["labels"]): void {
    this.put("labels", value);
  }
  resetLabels(): void {
    this.put("labels", undefined);
  }

  /** Annotations for the runtime. */
  get annotations(): { [key: string]: string } {
    return this.getStringMapAttribute("annotations");
  }
  get annotationsInput(): ContainerConfig["annotations"] | undefined {
    return this.given("annotations") as ContainerConfig["annotations"] | undefined;
  }
  putAnnotations(value: ContainerConfig["annotations"]): void {
    this.put("annotations", value);
  }
  resetAnnotations(): void {
    this.put("annotations", undefined);
  }

  /** Log driver and its options. */
  get logging(): IResolvable {
    return this.interpolationForAttribute("logging");
  }
  get loggingInput(): ContainerConfig["logging"] | undefined {
    return this.given("logging") as ContainerConfig["logging"] | undefined;
  }
  putLogging(value: ContainerConfig["logging"]): void {
    this.put("logging", value);
  }
  resetLogging(): void {
    this.put("logging", undefined);
  }

  /** Further environment variables, kept in no plan and no state. Needs Terraform 1.11. */
  get envWo(): { [key: string]: string } {
    return this.getStringMapAttribute("env_wo");
  }
  get envWoInput(): ContainerConfig["envWo"] | undefined {
    return this.given("envWo") as ContainerConfig["envWo"] | undefined;
  }
  putEnvWo(value: ContainerConfig["envWo"]): void {
    this.put("envWo", value);
  }
  resetEnvWo(): void {
    this.put("envWo", undefined);
  }

  /** Change it to apply a changed `env_wo`. */
  get envWoVersion(): string {
    return this.getStringAttribute("env_wo_version");
  }
  get envWoVersionInput(): ContainerConfig["envWoVersion"] | undefined {
    return this.given("envWoVersion") as ContainerConfig["envWoVersion"] | undefined;
  }
  putEnvWoVersion(value: ContainerConfig["envWoVersion"]): void {
    this.put("envWoVersion", value);
  }
  resetEnvWoVersion(): void {
    this.put("envWoVersion", undefined);
  }

  /** Take over an object of this name that someone else made. */
  get adopt(): IResolvable {
    return this.interpolationForAttribute("adopt");
  }
  get adoptInput(): ContainerConfig["adopt"] | undefined {
    return this.given("adopt") as ContainerConfig["adopt"] | undefined;
  }
  putAdopt(value: ContainerConfig["adopt"]): void {
    this.put("adopt", value);
  }
  resetAdopt(): void {
    this.put("adopt", undefined);
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

  /** How a change makes the container anew in its place, and why; empty when it does not. */
  get replacement(): string {
    return this.getStringAttribute("replacement");
  }

  /** How long an operation may take. */
  get timeouts(): IResolvable {
    return this.interpolationForAttribute("timeouts");
  }
  get timeoutsInput(): ContainerConfig["timeouts"] | undefined {
    return this.given("timeouts") as ContainerConfig["timeouts"] | undefined;
  }
  putTimeouts(value: ContainerConfig["timeouts"]): void {
    this.put("timeouts", value);
  }
  resetTimeouts(): void {
    this.put("timeouts", undefined);
  }
}
