// Chooses the face of the static binary from its first argument.
#include <cstring>

#include "commands.hh"

int main(int argc, char** argv) {
  using namespace fairlead;
  const char* face = argc > 1 ? argv[1] : "";
  if (std::strcmp(face, "shim") == 0) return shim_main(argc - 1, argv + 1);
  if (std::strcmp(face, "unpack") == 0) return unpack_main(argc - 1, argv + 1);
  if (std::strcmp(face, "pack") == 0) return pack_main(argc - 1, argv + 1);
  if (std::strcmp(face, "init") == 0) return init_main(argc - 1, argv + 1);
  if (std::strcmp(face, "entry") == 0) return entry_main(argc - 1, argv + 1);
  if (std::strcmp(face, "dial-stdio") == 0) return relay_main(argc - 1, argv + 1);
  if (std::strcmp(face, "rootless") == 0) return rootless_main(argc - 1, argv + 1);
  return oci_main(argc, argv);
}
