// UDP: each sender gets a socket of its own in the target's namespace, until it is silent for long.
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstring>
#include <unordered_map>

#include "shim/loop/clock.hh"
#include "shim/ports/port-relay.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_SENDERS = 1024;
constexpr int DATAGRAMS_AT_ONCE = 64;
constexpr int64_t SILENCE_MS = 120'000; // netfilter's own for a UDP stream
constexpr int64_t SWEEP_MS = 15'000;
constexpr size_t LONGEST = 65'535;

struct Sender {
  sockaddr_storage address{};
  socklen_t size = 0;
  Fd inner;
  int64_t heard_ms = 0;
};

class DatagramRelay : public PortRelay {
public:
  DatagramRelay(Loop& loop, Fd socket) : loop_(loop), socket_(std::move(socket)) {}
  ~DatagramRelay() override;
  Status begin();

private:
  void on_datagrams();
  Sender* sender_of(const sockaddr_storage& address, socklen_t size);
  void on_answers(const std::string& key);
  void sweep();

  Loop& loop_;
  Fd socket_;
  Loop::Timer sweeper_ = 0;
  std::unordered_map<std::string, Sender> senders_; // by the bytes of the address
};

DatagramRelay::~DatagramRelay() {
  loop_.cancel(sweeper_);
  for (auto& [key, sender] : senders_) loop_.remove(sender.inner.get());
  loop_.remove(socket_.get());
}

Status DatagramRelay::begin() {
  return loop_.add(socket_.get(), EPOLLIN, [this](uint32_t) { on_datagrams(); });
}

void DatagramRelay::on_datagrams() {
  static char datagram[LONGEST];
  for (int i = 0; i < DATAGRAMS_AT_ONCE; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(socket_.get(), datagram, sizeof datagram, 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return;
    Sender* sender = sender_of(from, size);
    if (sender == nullptr) continue;
    sender->heard_ms = monotonic_ms();
    ::send(sender->inner.get(), datagram, static_cast<size_t>(got), MSG_NOSIGNAL);
  }
}

Sender* DatagramRelay::sender_of(const sockaddr_storage& address, socklen_t size) {
  const std::string key(reinterpret_cast<const char*>(&address), size);
  if (const auto found = senders_.find(key); found != senders_.end()) return &found->second;
  if (!target_ || senders_.size() >= MOST_SENDERS) return nullptr;
  auto inner = target_->connect(SOCK_DGRAM);
  if (!inner) return nullptr;
  Sender& made = senders_[key];
  made = {address, size, std::move(*inner), 0};
  if (!loop_.add(made.inner.get(), EPOLLIN, [this, key](uint32_t) { on_answers(key); })) {
    senders_.erase(key);
    return nullptr;
  }
  if (sweeper_ == 0) sweeper_ = loop_.after(SWEEP_MS, [this] { sweep(); });
  return &made;
}

void DatagramRelay::on_answers(const std::string& key) {
  static char datagram[LONGEST];
  const auto found = senders_.find(key);
  if (found == senders_.end()) return;
  Sender& sender = found->second;
  for (int i = 0; i < DATAGRAMS_AT_ONCE; ++i) {
    const ssize_t got = ::recv(sender.inner.get(), datagram, sizeof datagram, 0);
    if (got < 0) return; // ECONNREFUSED too: the sender may try again
    sender.heard_ms = monotonic_ms();
    ::sendto(socket_.get(), datagram, static_cast<size_t>(got), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&sender.address), sender.size);
  }
}

void DatagramRelay::sweep() {
  sweeper_ = 0;
  const int64_t before = monotonic_ms() - SILENCE_MS;
  for (auto at = senders_.begin(); at != senders_.end();) {
    if (at->second.heard_ms > before) {
      ++at;
      continue;
    }
    loop_.remove(at->second.inner.get());
    at = senders_.erase(at);
  }
  if (!senders_.empty()) sweeper_ = loop_.after(SWEEP_MS, [this] { sweep(); });
}

} // namespace

Result<std::unique_ptr<PortRelay>> relay_datagrams(Loop& loop, Fd socket) {
  auto relay = std::make_unique<DatagramRelay>(loop, std::move(socket));
  if (Status begun = relay->begin(); !begun) return std::unexpected(begun.error());
  return relay;
}

} // namespace fairlead::shim
