// Storage behind a plan.
#include "runtime/prepared.hh"

#include <sys/mount.h>

#include <algorithm>

namespace fairlead {

const char* Prepared::text(const std::string& value) { return texts.emplace_back(value).c_str(); }

char** Prepared::list(const std::vector<std::string>& values, size_t spare) {
  std::vector<char*>& pointers = vectors.emplace_back();
  pointers.reserve(values.size() + 1 + spare);
  for (const std::string& value : values) pointers.push_back(texts.emplace_back(value).data());
  pointers.resize(values.size() + 1 + spare);
  return pointers.data();
}

int Prepared::hold(Fd fd) {
  const int number = fd.get();
  keep.push_back(number);
  fds.push_back(std::move(fd));
  return number;
}

void Prepared::mount_and_remount(inside::MountStep step, unsigned long flags) {
  step.remount = static_cast<int>(remounts.size());
  step.flags &= ~static_cast<unsigned long>(MS_RDONLY);
  mounts.push_back(step);
  remounts.push_back({step.target, MS_REMOUNT | MS_BIND | flags, -1});
}

void Prepared::seal() {
  for (const int fd : {plan.channel, plan.listener, plan.in, plan.out, plan.err})
    if (fd >= 0) keep.push_back(fd);
  std::sort(keep.begin(), keep.end());
  plan.keep = list_of(keep);
  plan.joins = list_of(joins);
  plan.sysctls = list_of(sysctls);
  plan.mounts = list_of(mounts);
  plan.remounts = remounts;
  plan.devices = list_of(devices);
  plan.masked = list_of(masked);
  plan.readonly = list_of(readonly);
  plan.identity.limits = list_of(limits);
  plan.identity.filter = {static_cast<unsigned short>(filter.size()), filter.data()};
}

} // namespace fairlead
