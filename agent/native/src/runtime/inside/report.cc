// Messages of a process between clone and exec. Runs there: no allocation, no exceptions.
#include "runtime/inside/report.hh"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/unix-socket.hh"

namespace fairlead::inside {

namespace {

Message failure;

void copy_text(char* to, size_t size, const char* from) {
  const size_t length = from == nullptr ? 0 : strnlen(from, size - 1);
  memcpy(to, from == nullptr ? "" : from, length);
  to[length] = '\0';
}

} // namespace

bool broke(const char* step, const char* path) {
  if (failure.word == Word::failed) return false;
  failure.word = Word::failed;
  failure.code = errno;
  copy_text(failure.step, sizeof failure.step, step);
  copy_text(failure.path, sizeof failure.path, path);
  return false;
}

bool broke_inside(const char* step, const char* path, const char* source) {
  char text[sizeof failure.path] = {};
  constexpr const char* BETWEEN = " onto ";
  size_t at = 0;
  if (source != nullptr) {
    copy_text(text, sizeof text, source);
    at = strlen(text);
    copy_text(text + at, sizeof text - at, BETWEEN);
    at = strlen(text);
  }
  copy_text(text + at, sizeof text - at, "/");
  at = strlen(text);
  copy_text(text + at, sizeof text - at, path);
  return broke(step, text);
}

void begin_report() { failure.word = Word::go; }

void die(int channel) {
  if (failure.word != Word::failed) broke("unknown");
  while (send(channel, &failure, sizeof failure, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
  _exit(127);
}

bool send_word(int channel, Word word, int code, std::span<const int> attached) {
  Message message;
  message.word = word;
  message.code = code;
  const std::string_view bytes(reinterpret_cast<const char*>(&message), sizeof message);
  const ssize_t sent = send_with_fds(channel, bytes, attached);
  return sent == static_cast<ssize_t>(sizeof message);
}

namespace {

using Attached = int[MOST_FDS];

// A message and the descriptors attached to it: their number, or -1 when the other side is gone.
int await_any(int channel, Message* message, Attached& attached) {
  iovec part{message, sizeof *message};
  alignas(cmsghdr) char control[CMSG_SPACE(MOST_FDS * sizeof(int))];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t got;
  do got = recvmsg(channel, &header, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  errno = EPIPE;
  if (got != static_cast<ssize_t>(sizeof *message)) return -1;
  const cmsghdr* rights = CMSG_FIRSTHDR(&header);
  if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) return 0;
  const size_t bytes = rights->cmsg_len - CMSG_LEN(0);
  memcpy(attached, CMSG_DATA(rights), bytes);
  return static_cast<int>(bytes / sizeof(int));
}

// The groups come once, unasked and as soon as they are made: maybe before what is awaited.
Attached groups;
int group_count = -1;

int await(int channel, Message* message, Attached& attached) {
  const int count = await_any(channel, message, attached);
  if (count < 0 || message->word != Word::groups) return count;
  memcpy(groups, attached, sizeof groups);
  group_count = count;
  return await_any(channel, message, attached);
}

} // namespace

bool await_go(int channel) {
  Message message;
  Attached none;
  return await(channel, &message, none) == 0 && message.word == Word::go;
}

int await_tree(int channel, int* bits) {
  Message message;
  Attached tree;
  const int got = await(channel, &message, tree);
  *bits = message.code;
  return got == 1 && message.word == Word::tree ? tree[0] : -1;
}

bool await_groups(int channel, std::span<const int>* out) {
  Message message;
  message.word = Word::groups;
  if (group_count < 0) group_count = await_any(channel, &message, groups);
  if (group_count < 0 || message.word != Word::groups) return false;
  *out = {groups, static_cast<size_t>(group_count)};
  return true;
}

} // namespace fairlead::inside
