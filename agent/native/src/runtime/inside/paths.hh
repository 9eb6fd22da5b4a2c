// Opening and making paths: all names are resolved with `root` as their root directory
// (openat2(2)).
#pragma once
#include <cstdint>

#include "base/fd.hh"

namespace fairlead::inside {

Fd open_inside(int root, const char* path, uint64_t flags, uint64_t resolve = 0);
// Makes what is missing of a path (the last part a directory or an empty file) and opens it O_PATH.
Fd make_inside(int root, const char* path, bool directory, bool ordinary = false);
// Opens the directory that holds the last part of `path`, made when missing; `name` is that part.
Fd open_parent(int root, const char* path, const char** name);
bool is_filesystem(int fd, long magic);
// A procfs of the own pid namespace, mounted nowhere.
Fd open_private_proc();

} // namespace fairlead::inside
