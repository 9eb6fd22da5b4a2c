// The topics of the addon; each adds its functions to the exports.
#pragma once
#include <napi.h>

namespace fairlead::addon {

void register_mounts(Napi::Env env, Napi::Object exports);
void register_files(Napi::Env env, Napi::Object exports);
void register_net(Napi::Env env, Napi::Object exports);
void register_restart(Napi::Env env, Napi::Object exports);
void register_memory(Napi::Env env, Napi::Object exports);

} // namespace fairlead::addon
