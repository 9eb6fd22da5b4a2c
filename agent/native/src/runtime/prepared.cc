// Storage behind a plan.
#include "runtime/prepared.hh"

#include <algorithm>

namespace fairlead {

const char* Prepared::text(const std::string& value) {
  return texts.emplace_back(value).c_str();
}

char* const* Prepared::list(const std::vector<std::string>& values) {
  std::vector<char*>& pointers = vectors.emplace_back();
  pointers.reserve(values.size() + 1);
  for (const std::string& value : values) pointers.push_back(texts.emplace_back(value).data());
  pointers.push_back(nullptr);
  return pointers.data();
}

int Prepared::hold(Fd fd) {
  const int number = fd.get();
  keep.push_back(number);
  fds.push_back(std::move(fd));
  return number;
}

void Prepared::seal() {
  for (const int fd : {plan.channel, plan.listener, plan.in, plan.out, plan.err})
    if (fd >= 0) keep.push_back(fd);
  std::sort(keep.begin(), keep.end());
  plan.keep = list_of(keep);
  plan.joins = list_of(joins);
  plan.sysctls = list_of(sysctls);
  plan.mounts = list_of(mounts);
  plan.late_mounts = list_of(late_mounts);
  plan.devices = list_of(devices);
  plan.masked = list_of(masked);
  plan.readonly = list_of(readonly);
  plan.identity.limits = list_of(limits);
  plan.identity.filter = {static_cast<unsigned short>(filter.size()), filter.data()};
}

void plan_hooks(const std::vector<Hook>& hooks, inside::List<inside::HookStep>& list,
                Prepared& out) {
  if (hooks.empty()) return;
  std::vector<inside::HookStep>& steps = out.hooks.emplace_back();
  for (const Hook& hook : hooks)
    steps.push_back({out.text(hook.path), out.list(hook.args), out.list(hook.env), hook.timeout_s});
  list = list_of(steps);
}

std::string relative_inside(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "/") + part;
  return out;
}

} // namespace fairlead
