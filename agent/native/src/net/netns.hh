// Network namespaces: made, pinned to a path by a bind mount, entered for one piece of work.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hh"

namespace fairlead {

// Runs the work on a thread of its own, which joins the namespace and then ends: no thread of the
// process is ever left in another namespace. An empty path means the process's own namespace.
Status in_netns(const std::string& path, const std::function<Status()>& work);

// Makes a namespace with lo up and pins it to a path, which must not exist.
Status create_netns(const std::string& path);
// Unpins it and removes the file; what is already gone is fine.
Status delete_netns(const std::string& path);

// Writes keys such as net.ipv4.ip_forward (or with slashes) in order. With skip_missing a key that
// this kernel or namespace does not have is left out.
Status set_sysctls(const std::string& netns,
                   const std::vector<std::pair<std::string, std::string>>& values,
                   bool skip_missing);

// The value of a key without its closing newline; nothing when there is no such key.
Result<std::optional<std::string>> get_sysctl(const std::string& netns, const std::string& key);

} // namespace fairlead
