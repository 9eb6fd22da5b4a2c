// What can give addresses out in a network, by name: our own allocator alone.

export const ADDRESS_DRIVERS: readonly { name: string; options: readonly string[] }[] = [
  { name: "default", options: [] },
];
