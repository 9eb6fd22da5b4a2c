// The targets under libFuzzer: FAIRLEAD_FUZZ_TARGET names one, FAIRLEAD_FUZZ_CORPUS its folder.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "targets.hh"

using fairlead::fuzz::Target;

namespace {
const Target* chosen = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  chosen = fairlead::fuzz::find_target(getenv("FAIRLEAD_FUZZ_TARGET"));
  const char* corpus = getenv("FAIRLEAD_FUZZ_CORPUS");
  if (chosen == nullptr || corpus == nullptr) {
    std::fputs("fuzz: FAIRLEAD_FUZZ_TARGET and FAIRLEAD_FUZZ_CORPUS are needed\n", stderr);
    exit(2);
  }
  if (chosen->confined && !fairlead::fuzz::enter_empty_root(corpus)) exit(2);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chosen->run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
