// The parts of reading a configuration, one function per topic; errors gather in the cursor.
#pragma once
#include "base/json.hh"
#include "runtime/spec.hh"

namespace fairlead {

void read_process(const JsonObject& process, ProcessSpec& out, std::vector<std::string>& warnings);
void read_mounts(const JsonObject& config, Spec& out);
void read_resources(const JsonObject& resources, Resources& out);
void read_seccomp(const JsonObject& seccomp, Seccomp& out, std::vector<std::string>& warnings);
void read_memory_policy(const JsonObject& policy, Spec& out);
// A list such as "0-3,7" (cpuset(7), "List format") of numbers below `most`.
void read_number_list(const JsonObject& holder, const char* key, unsigned long most,
                      std::vector<bool>& out);
void read_linux(const JsonObject& linux_part, Spec& out);
void read_id_maps(const JsonObject& holder, const char* key, std::vector<IdMap>& out);

} // namespace fairlead
