// Registers what the addon offers; each topic file adds its functions to the exports.
#include <napi.h>

static Napi::Object init(Napi::Env, Napi::Object exports) {
  return exports;
}

NODE_API_MODULE(fairlead, init)
