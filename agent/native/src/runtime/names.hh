// Names of the OCI configuration and the kernel's numbers for them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/spec.hh"

namespace fairlead {

// "CAP_CHOWN" -> 0; absent for an unknown name.
std::optional<int> capability_number(std::string_view name);
// Every name the kernel headers know, by number; nullptr past the end.
const char* capability_name(int number);
std::optional<int> rlimit_number(std::string_view name);
const char* rlimit_text(int number);
std::optional<int> namespace_flag(std::string_view name);
const char* namespace_name(int flag); // the file below /proc/PID/ns
// "TERM", "SIGTERM" or "15".
std::optional<int> signal_number(std::string_view name);

// Applies one option of a mount ("ro", "rbind", "size=64m"); what is none of mount(2)'s goes to
// `mount.data`. Returns false for one that is known and cannot be honoured.
bool apply_mount_option(Mount& mount, const std::string& option);
const char* mount_option_name(int index); // every known option; nullptr past the end
// "private", "rslave"…; 0 for another word.
unsigned long propagation_flag(std::string_view name);

} // namespace fairlead
