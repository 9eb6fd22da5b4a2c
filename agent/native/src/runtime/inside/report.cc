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
  size_t length = from == nullptr ? 0 : strnlen(from, size - 1);
  memcpy(to, from == nullptr ? "" : from, length);
  to[length] = '\0';
}

} // namespace

bool broke(const char* step, const char* path) {
  if (failure.word == Word::kFailed) return false;
  failure.word = Word::kFailed;
  failure.code = errno;
  copy_text(failure.step, sizeof failure.step, step);
  copy_text(failure.path, sizeof failure.path, path);
  return false;
}

void begin_report() { failure.word = Word::kGo; }

void die(int channel) {
  if (failure.word != Word::kFailed) broke("unknown");
  while (send(channel, &failure, sizeof failure, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
  _exit(127);
}

bool send_word(int channel, Word word, int code, int attached) {
  Message message;
  message.word = word;
  message.code = code;
  const std::string_view bytes(reinterpret_cast<const char*>(&message), sizeof message);
  const ssize_t sent = send_with_fds(channel, bytes, {&attached, attached >= 0 ? 1U : 0U});
  return sent == static_cast<ssize_t>(sizeof message);
}

namespace {

// A message and what came attached to it, or -1; false when the other side is gone.
bool await(int channel, Message* message, int* attached) {
  iovec part{message, sizeof *message};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t got;
  do got = recvmsg(channel, &header, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  const cmsghdr* rights = got > 0 ? CMSG_FIRSTHDR(&header) : nullptr;
  *attached = -1;
  if (rights != nullptr && rights->cmsg_type == SCM_RIGHTS)
    memcpy(attached, CMSG_DATA(rights), sizeof *attached);
  errno = EPIPE;
  return got == static_cast<ssize_t>(sizeof *message);
}

} // namespace

bool await_go(int channel) {
  Message message;
  int attached = -1;
  return await(channel, &message, &attached) && message.word == Word::kGo;
}

int await_tree(int channel, int* bits) {
  Message message;
  int tree = -1;
  const bool got = await(channel, &message, &tree);
  *bits = message.code;
  return got && message.word == Word::kTree ? tree : -1;
}

int await_group(int channel) {
  Message message;
  int group = -1;
  if (!await(channel, &message, &group)) return -2;
  if (message.word == Word::kGo) return -1;
  return message.word == Word::kGroups && group >= 0 ? group : -2;
}

} // namespace fairlead::inside
