// The parsers of text and bytes that others write, each as a function over any input. A target
// asserts nothing about values: sanitizers and hardened libraries say what is wrong.
#pragma once
#include <string>

namespace fairlead::fuzz {

// config.json, linux.resources and process of an exec (runtime-spec).
void config(const std::string& input);
// linux.seccomp, from JSON to the kernel's program.
void seccomp(const std::string& input);
// Answers of the kernel on a netlink socket.
void netlink(const std::string& input);
// A tar stream with names, links, attributes and whiteouts, written to the current root.
void archive(const std::string& input);
// DNS queries of containers, answers of upstream servers, tables of names.
void dns(const std::string& input);
// Messages of a D-Bus peer; addresses, names of units and annotations of a configuration.
void dbus(const std::string& input);
// shim.json and requests on the control socket.
void shim(const std::string& input);

struct Target {
  const char* name;
  void (*run)(const std::string& input);
  bool confined; // writes files: the process enters an empty root of its own before it runs
};

// The target of that name; null when there is none.
const Target* find_target(const char* name);
// Enters a mount namespace with an empty tmpfs as root, in which `corpus` is bound at /corpus.
bool enter_empty_root(const char* corpus);

} // namespace fairlead::fuzz
