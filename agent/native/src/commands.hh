// The subcommands of the static binary. Each is one main-like function in its own folder and
// returns the exit status.
#pragma once

namespace fairlead {

int shim_main(int argc, char** argv);     // shim/    supervise one container
int oci_main(int argc, char** argv);      // oci/     the OCI runtime command line
int unpack_main(int argc, char** argv);   // unpack/  apply a tar stream to a directory, confined
int pack_main(int argc, char** argv);     // pack/    write a layer from a directory, confined
int init_main(int argc, char** argv);     // shim/    first process of a container, reaps orphans
int entry_main(int argc, char** argv);    // shim/    process of a container that liblxc has made
int relay_main(int argc, char** argv);    // shim/    dial-stdio: join stdio and a unix socket
int rootless_main(int argc, char** argv); // rootless/ namespaces for an ordinary user's agent

} // namespace fairlead
