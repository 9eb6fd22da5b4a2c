// The tests that our agent loses, each with its reason.

const OWN_DAEMON = "starts a dockerd of its own";
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
  TestCopyToContainerCopyUIDGID: "runs addgroup, which Debian's busybox has not",
  ...all(OTHER_NETWORK, "TestNetworkNat TestNetworkLocalhostTCPNat TestNetworkLoopbackNat"),
  TestContainerCopyLeaksMounts: "binds /var as a slave, which wants a shared mount of the host",
  TestContainerInvalidJSON: "wants the words of Go's JSON decoder",
  TestCreatePlatformSpecificImageNoPlatform: "pulls from a public registry beforehand",
  TestPIDModeHost: "reads the namespaces of process 1, which not every host allows",
  TestMountDaemonRoot: "binds of the engine's own folder have no propagation of their own",
};

function all(reason: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, reason]));
}
