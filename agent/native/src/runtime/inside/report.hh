// The messages between a process on its way to exec and the one that watches it. A fixed size,
// no pointers: the reader may be another program run (`start`).
#pragma once
#include <cstdint>
#include <span>

namespace fairlead::inside {

enum class Word : int32_t {
  go = 1,        // to the process: continue
  failed,        // step, code, path say what went wrong; the process ends
  pid,           // code is the pid of the process made by the one that joined namespaces
  console,       // with the pty's master attached
  parent,        // the process waits for its parent's part (maps, devices)
  runtime_hooks, // the process waits for the hooks of the runtime namespace
  ready,         // created, waits for start
  trees,         // the process waits for the next bind mounts; code is the number of the first
  listener,      // code will be the number of a seccomp listener; the gate is attached
  tree,          // to the process: such a one attached; code has the bits below
  groups,        // to the process: its version 1 groups attached, which it will enter
};

// What the opener of a tree has found out.
enum TreeBits : int32_t {
  IS_DIRECTORY = 1,
  FROM_PROC = 2,    // lies in procfs
  UNDRESSED = 4,    // its flags are still to be set (Linux before 5.12)
  UNPROPAGATED = 8, // and so is its propagation
};

struct Message {
  Word word = Word::go;
  int32_t code = 0;
  char step[40] = {};
  char path[464] = {};
};

// Remembers the first failure: errno, the step, and the path (cut to fit). Returns false always.
bool broke(const char* step, const char* path = nullptr);
// The same for a path inside the root, which has no leading slash, and for what goes there.
bool broke_inside(const char* step, const char* path, const char* source = nullptr);
// Forgets what was remembered before the clone.
void begin_report();
// Sends what `broke` remembered and ends the process.
[[noreturn]] void die(int channel);
bool send_word(int channel, Word word, int code = 0, std::span<const int> attached = {});
// Waits for Word::go. False when the other side is gone.
bool await_go(int channel);
// Waits for Word::tree. Returns the descriptor, or -1 when the other side is gone.
int await_tree(int channel, int* bits);
// Waits for Word::groups unless it has come. False when the other side is gone.
bool await_groups(int channel, std::span<const int>* groups);

} // namespace fairlead::inside
