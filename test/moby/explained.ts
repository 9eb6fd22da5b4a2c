// The tests that our agent loses, each with its reason.

const OWN_DAEMON = "starts a dockerd of its own";
const NO_BUILD = "builds an image by the classic builder, which this engine has not";
const OTHER_NETWORK = "asks for the published port outside the engine's network namespace";

export const explained: Readonly<Record<string, string>> = {
  ...all(
    OWN_DAEMON,
    `TestAttachDisconnectLeak TestCreateWithCDIDevices TestCDISpecDirsAreInSystemInfo
    TestCDIInfoDiscoveredDevices TestContainerStartOnDaemonRestart TestDaemonRestartIpcMode
    TestDaemonHostGatewayIP TestRestartDaemonWithRestartingContainer
    TestHardRestartWhenContainerIsRunning TestContainerKillOnDaemonStart
    TestNetworkStateCleanupOnDaemonStart TestExportContainerAfterDaemonRestart
    TestDaemonIpcModeShareable TestDaemonIpcModePrivate TestDaemonIpcModePrivateFromConfig
    TestDaemonIpcModeShareableFromConfig TestDaemonRestartKillContainers TestCgroupNamespacesRun
    TestCgroupNamespacesRunPrivileged TestCgroupNamespacesRunDaemonHostMode
    TestCgroupNamespacesRunHostMode TestCgroupNamespacesRunPrivateMode
    TestCgroupNamespacesRunPrivilegedAndPrivate TestCgroupNamespacesRunInvalidMode
    TestCgroupNamespacesRunOlderClient TestRunWithAlternativeContainerdShim
    TestMacAddressIsAppliedToMainNetworkWithShortID TestStaticIPOutsideSubpool`,
  ),
  ...all(NO_BUILD, "TestCopyToContainerCopyUIDGID TestCopyFromContainer TestExecUser"),
  ...all(OTHER_NETWORK, "TestNetworkNat TestNetworkLocalhostTCPNat TestNetworkLoopbackNat"),
  TestCgroupRW: "the security option writable-cgroups is refused",
  TestContainerCopyLeaksMounts: "binds /var as a slave, which wants a shared mount of the host",
  TestContainerInvalidJSON: "wants the words of Go's JSON decoder",
  TestContainerList_Annotations: "summaries of containers have no annotations",
  TestContainerVolumeAnonymous: "the refusal of a volume driver has other words",
  TestCreatePlatformSpecificImageNoPlatform: "pulls from a public registry beforehand",
  TestHealthStartInterval: "wants health to be told after each probe",
  TestPIDModeContainer: "the refusal to join a stopped container's processes has other words",
  TestPIDModeHost: "reads the namespaces of process 1, which not every host allows",
  TestMountDaemonRoot: "binds of the engine's own folder have no propagation of their own",
};

function all(reason: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, reason]));
}
