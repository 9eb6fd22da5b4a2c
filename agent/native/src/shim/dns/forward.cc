// One socket per pending query: its random source port and id are what a forger must guess.
#include "shim/dns/forward.hh"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <cstring>

#include "base/netns.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_PENDING = 256;
constexpr size_t MOST_ATTEMPTS = 4;
constexpr int64_t ATTEMPT_MS = 1500;
constexpr size_t MOST_ANSWER = 65'535;
constexpr uint16_t PORT = 53;

uint16_t random_id() {
  uint16_t id = 0;
  return ::getrandom(&id, sizeof id, GRND_NONBLOCK) == sizeof id ? id : 0;
}

// 127.0.0.53 and its like are the host's own, so loopback upstreams are fine here.
socklen_t socket_address(const std::string& text, sockaddr_storage& out) {
  out = {};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(PORT);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out);
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) != 1) return 0;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(PORT);
  return sizeof *v6;
}

} // namespace

Forward::~Forward() {
  for (auto& [key, pending] : pending_) {
    loop_.cancel(pending->timer);
    if (pending->socket) loop_.remove(pending->socket.get());
  }
}

void Forward::set_upstreams(std::vector<Upstream> upstreams) {
  upstreams_ = std::move(upstreams);
  preferred_ = 0;
}

void Forward::ask(const dns::Query& query, std::string packet, bool tcp, Reply reply) {
  if (upstreams_.empty() || pending_.size() >= MOST_PENDING) return reply({});
  auto pending = std::make_unique<Pending>();
  pending->asker_id = query.id;
  pending->id = random_id();
  pending->question = query.question;
  pending->packet = std::move(packet);
  dns::write16(pending->packet, 0, pending->id);
  pending->tcp = tcp;
  pending->first = preferred_;
  pending->reply = std::move(reply);
  const uint64_t key = ++last_key_;
  pending_.emplace(key, std::move(pending));
  next(key);
}

void Forward::next(uint64_t key) {
  const auto found = pending_.find(key);
  if (found == pending_.end()) return; // answered meanwhile
  Pending& pending = *found->second;
  const size_t most = std::min(upstreams_.size() * 2, MOST_ATTEMPTS);
  for (;;) {
    loop_.cancel(pending.timer);
    if (pending.socket) loop_.remove(pending.socket.get());
    pending.socket.reset();
    if (pending.attempt >= most) return settle(key, std::move(pending.refusal));
    const size_t turn = pending.first + pending.attempt++;
    const Upstream& upstream = upstreams_[turn % upstreams_.size()];
    if (!connect(pending, upstream)) continue;
    const uint32_t events = pending.tcp ? EPOLLIN | EPOLLOUT : EPOLLIN;
    const auto handler = [this, key](uint32_t got) { on_events(key, got); };
    if (!loop_.add(pending.socket.get(), events, handler)) continue;
    pending.timer = loop_.after(ATTEMPT_MS, [this, key] { next(key); });
    return;
  }
}

bool Forward::connect(Pending& pending, const Upstream& upstream) {
  sockaddr_storage address{};
  const socklen_t length = socket_address(upstream.address, address);
  if (length == 0) return false;
  const int type = (pending.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const auto open = [&]() -> Status {
    pending.socket.reset(::socket(address.ss_family, type, 0));
    return pending.socket ? Status{} : fail("socket");
  };
  if (!(upstream.from_host ? open() : in_netns(netns_.get(), open))) return false;
  const int fd = pending.socket.get();
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 && errno != EINPROGRESS)
    return false;
  if (!pending.tcp)
    return ::send(fd, pending.packet.data(), pending.packet.size(), MSG_NOSIGNAL) >= 0;
  pending.received.clear();
  pending.sending.assign(2, '\0');
  dns::write16(pending.sending, 0, static_cast<uint16_t>(pending.packet.size()));
  pending.sending += pending.packet;
  return true;
}

void Forward::on_events(uint64_t key, uint32_t events) {
  const auto found = pending_.find(key);
  if (found == pending_.end()) return;
  Pending& pending = *found->second;
  if (pending.tcp) on_stream(key, pending, events);
  else on_datagram(key, pending);
}

void Forward::on_datagram(uint64_t key, Pending& pending) {
  static char buffer[MOST_ANSWER];
  const ssize_t got = ::recv(pending.socket.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) return next(key); // refused: the next upstream, at once
  const std::string_view answer(buffer, static_cast<size_t>(got));
  if (!dns::answers(answer, pending.id, pending.question)) return; // a forgery or a late answer
  if (!accept(key, pending, std::string(answer))) next(key);
}

void Forward::on_stream(uint64_t key, Pending& pending, uint32_t events) {
  const int fd = pending.socket.get();
  if (!pending.sending.empty() && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    const ssize_t sent = ::send(fd, pending.sending.data(), pending.sending.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return next(key);
    if (sent > 0) pending.sending.erase(0, static_cast<size_t>(sent));
    if (pending.sending.empty()) loop_.change(fd, EPOLLIN);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  char chunk[4096];
  const ssize_t got = ::recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return next(key);
  pending.received.append(chunk, static_cast<size_t>(got));
  if (pending.received.size() < 2) return;
  const size_t length = dns::read16(pending.received, 0);
  if (pending.received.size() < length + 2) return;
  std::string answer = pending.received.substr(2, length);
  if (!dns::answers(answer, pending.id, pending.question)) return next(key);
  if (!accept(key, pending, std::move(answer))) next(key);
}

// SERVFAIL and REFUSED may be one server's trouble only; glibc's resolver asks the next one too.
bool Forward::accept(uint64_t key, Pending& pending, std::string answer) {
  const unsigned code = dns::read16(answer, 2) & 0x0f;
  if (code == 2 || code == 5) {
    pending.refusal = std::move(answer);
    return false;
  }
  preferred_ = upstreams_.empty() ? 0 : (pending.first + pending.attempt - 1) % upstreams_.size();
  settle(key, std::move(answer));
  return true;
}

void Forward::settle(uint64_t key, std::string answer) {
  auto node = pending_.extract(key);
  Pending& pending = *node.mapped();
  loop_.cancel(pending.timer);
  if (pending.socket) loop_.remove(pending.socket.get());
  if (!answer.empty()) dns::write16(answer, 0, pending.asker_id);
  pending.reply(std::move(answer));
}

} // namespace fairlead::shim
