// Writing of `process` objects.
#include "runtime/process-text.hh"

#include "base/json-text.hh"
#include "runtime/names.hh"

namespace fairlead {

namespace {

template <typename T, typename F> std::string list(const std::vector<T>& items, F text) {
  std::string out = "[";
  for (const T& item : items) out += (out.size() > 1 ? "," : "") + text(item);
  return out + "]";
}

std::string capability_set(uint64_t bits) {
  std::vector<std::string> names;
  for (int number = 0; const char* name = capability_name(number); ++number)
    if ((bits >> static_cast<unsigned>(number) & 1U) != 0) names.emplace_back(name);
  return list(names, quoted);
}

std::string capabilities_text(const Capabilities& caps) {
  return "{\"bounding\":" + capability_set(caps.bounding) +
         ",\"effective\":" + capability_set(caps.effective) +
         ",\"inheritable\":" + capability_set(caps.inheritable) +
         ",\"permitted\":" + capability_set(caps.permitted) +
         ",\"ambient\":" + capability_set(caps.ambient) + "}";
}

std::string user_text(const ProcessSpec& process) {
  const auto number = [](gid_t gid) { return std::to_string(gid); };
  std::string out = "{\"uid\":" + std::to_string(process.uid) +
                    ",\"gid\":" + std::to_string(process.gid) +
                    ",\"additionalGids\":" + list(process.groups, number);
  if (process.umask) out += ",\"umask\":" + std::to_string(*process.umask);
  return out + "}";
}

std::string limit_text(const Rlimit& limit) {
  return "{\"type\":" + quoted(rlimit_text(limit.type)) +
         ",\"soft\":" + std::to_string(limit.soft) + ",\"hard\":" + std::to_string(limit.hard) +
         "}";
}

} // namespace

std::string process_text(const ProcessSpec& process) {
  std::string out = std::string("{\"terminal\":") + (process.terminal ? "true" : "false");
  if (process.rows != 0 || process.cols != 0)
    out += ",\"consoleSize\":{\"height\":" + std::to_string(process.rows) +
           ",\"width\":" + std::to_string(process.cols) + "}";
  out += ",\"user\":" + user_text(process);
  out += ",\"args\":" + list(process.args, quoted) + ",\"env\":" + list(process.env, quoted);
  out += ",\"cwd\":" + quoted(process.cwd);
  if (process.capabilities) out += ",\"capabilities\":" + capabilities_text(*process.capabilities);
  if (!process.rlimits.empty()) out += ",\"rlimits\":" + list(process.rlimits, limit_text);
  if (process.no_new_privileges) out += ",\"noNewPrivileges\":true";
  if (!process.apparmor_profile.empty())
    out += ",\"apparmorProfile\":" + quoted(process.apparmor_profile);
  if (!process.selinux_label.empty()) out += ",\"selinuxLabel\":" + quoted(process.selinux_label);
  if (process.oom_score_adj) out += ",\"oomScoreAdj\":" + std::to_string(*process.oom_score_adj);
  return out + "}";
}

} // namespace fairlead
