// Registers what the addon offers; each topic file adds its functions to the exports.
#include <napi.h>

#include "addon/topics.hh"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  fairlead::addon::register_mounts(env, exports);
  fairlead::addon::register_files(env, exports);
  fairlead::addon::register_net(env, exports);
  fairlead::addon::register_restart(env, exports);
  fairlead::addon::register_memory(env, exports);
  return exports;
}

NODE_API_MODULE(fairlead, init)
