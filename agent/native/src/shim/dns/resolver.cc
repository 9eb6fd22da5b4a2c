// Sockets of the resolver and the choice between tables and upstreams.
#include "shim/dns/resolver.hh"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include <algorithm>

#include "base/loopback.hh"
#include "base/netns.hh"
#include "shim/dns/redirect.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_ASKERS = 32;
constexpr int64_t IDLE_MS = 10'000;
constexpr size_t MOST_TCP_ANSWER = 65'535;
constexpr size_t MOST_UNSENT = 65'535;
constexpr int BATCH = 16;

// Above the ports that outgoing connections take, and hardly ever a server's.
constexpr uint16_t FIRST_PORT = 61'000;
constexpr int MOST_PORTS_TRIED = 16;
constexpr uint16_t DOMAIN_PORT = 53;
constexpr uint32_t ADDRESS = 0x7f00000b; // 127.0.0.11

uint16_t random_port() {
  uint16_t number = 0;
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) return FIRST_PORT;
  return static_cast<uint16_t>(FIRST_PORT + number % (UINT16_MAX - FIRST_PORT + 1));
}

Status bind_listener(Fd& out, int type, uint16_t port) {
  const std::string place = "127.0.0.11:" + std::to_string(port);
  out.reset(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!out) return fail("socket", place);
  const int on = 1;
  ::setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (port == DOMAIN_PORT) ::setsockopt(out.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(ADDRESS);
  if (::bind(out.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return fail("bind resolver", place);
  if (type == SOCK_STREAM && ::listen(out.get(), 32) != 0) return fail("listen", place);
  return {};
}

Result<uint16_t> bind_anywhere(Fd& out, int type) {
  for (int tried = 1;; ++tried) {
    const uint16_t port = random_port();
    const Status bound = bind_listener(out, type, port);
    if (bound) return port;
    if (tried == MOST_PORTS_TRIED) return std::unexpected(bound.error());
  }
}

void append_address(const std::string& address, uint16_t wanted,
                    std::vector<dns::Record>& records) {
  const dns::Type type = address.size() == 4 ? dns::Type::a : dns::Type::aaaa;
  const bool any = wanted == static_cast<uint16_t>(dns::Type::any);
  if (!any && wanted != static_cast<uint16_t>(type)) return;
  const bool known = std::ranges::any_of(
      records, [&](const dns::Record& record) { return record.data == address; });
  if (!known) records.push_back({type, address});
}

} // namespace

Result<std::unique_ptr<Resolver>> Resolver::open(Loop& loop, int netns_fd,
                                                 const ResolverSettings& settings) {
  Fd netns(::fcntl(netns_fd, F_DUPFD_CLOEXEC, 0));
  if (!netns) return fail("dup network namespace");
  std::unique_ptr<Resolver> resolver(new Resolver(loop, std::move(netns)));
  resolver->configure(settings);
  if (const Status ready = resolver->listen(netns_fd); !ready)
    return std::unexpected(ready.error());
  return resolver;
}

Resolver::~Resolver() {
  *alive_ = false;
  while (!askers_.empty()) drop(askers_.begin()->first);
  if (udp_) loop_.remove(udp_.get());
  if (tcp_) loop_.remove(tcp_.get());
}

void Resolver::configure(const ResolverSettings& settings) {
  tables_.clear();
  for (const std::string& path : settings.tables) tables_.emplace_back(path);
  links_ = settings.links;
  forward_.set_upstreams(settings.upstreams);
}

Status Resolver::listen(int netns_fd) {
  Status bound = in_netns(netns_fd, [this]() -> Status {
    (void)raise_loopback(); // a caller who may not leaves it as it is
    if (listen_elsewhere()) return {};
    Status status = bind_listener(udp_, SOCK_DGRAM, DOMAIN_PORT);
    if (status) status = bind_listener(tcp_, SOCK_STREAM, DOMAIN_PORT);
    return status;
  });
  if (bound) bound = loop_.add(udp_.get(), EPOLLIN, [this](uint32_t) { on_datagram(); });
  if (bound) bound = loop_.add(tcp_.get(), EPOLLIN, [this](uint32_t) { on_connect(); });
  return bound;
}

// A kernel without nf_tables, or one that allows no rules here, leaves port 53 itself: a server of
// the container's own gets that too only if it asks for sharing, as many do (SO_REUSEPORT).
Status Resolver::listen_elsewhere() {
  const auto udp_port = bind_anywhere(udp_, SOCK_DGRAM);
  if (!udp_port) return std::unexpected(udp_port.error());
  const auto tcp_port = bind_anywhere(tcp_, SOCK_STREAM);
  if (!tcp_port) return std::unexpected(tcp_port.error());
  return redirect_queries({{htonl(ADDRESS)}, *udp_port, *tcp_port});
}

void Resolver::withdraw(int netns_fd) { (void)in_netns(netns_fd, drop_redirect); }

void Resolver::on_datagram() {
  static char buffer[4096];
  for (int i = 0; i < BATCH; ++i) {
    sockaddr_in from{};
    socklen_t length = sizeof from;
    auto* address = reinterpret_cast<sockaddr*>(&from);
    const ssize_t got =
        ::recvfrom(udp_.get(), buffer, sizeof buffer, MSG_DONTWAIT, address, &length);
    if (got < 0) return;
    resolve({buffer, static_cast<size_t>(got)}, false,
            [this, from, alive = alive_](const std::string& answer) {
              if (!*alive || answer.empty()) return;
              ::sendto(udp_.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                       reinterpret_cast<const sockaddr*>(&from), sizeof from);
            });
  }
}

void Resolver::on_connect() {
  Fd socket(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket || askers_.size() >= MOST_ASKERS) return;
  const int fd = socket.get();
  const auto handler = [this, fd](uint32_t events) { on_stream(fd, events); };
  if (!loop_.add(fd, EPOLLIN, handler)) return;
  auto asker = std::make_shared<Asker>();
  asker->socket = std::move(socket);
  rearm(*asker);
  askers_.emplace(fd, std::move(asker));
}

void Resolver::on_stream(int fd, uint32_t events) {
  const auto found = askers_.find(fd);
  if (found == askers_.end()) return;
  const std::shared_ptr<Asker> asker = found->second;
  if ((events & EPOLLOUT) != 0) {
    const ssize_t sent = ::send(fd, asker->unsent.data(), asker->unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return drop(fd);
    if (sent > 0) asker->unsent.erase(0, static_cast<size_t>(sent));
    if (asker->unsent.empty()) loop_.change(fd, EPOLLIN);
    serve(asker);
  }
  if ((events & ~uint32_t{EPOLLOUT}) == 0) return;
  char chunk[4096];
  const ssize_t got = ::recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0 || asker->received.size() > MOST_TCP_ANSWER + 2) return drop(fd);
  asker->received.append(chunk, static_cast<size_t>(got));
  rearm(*asker);
  serve(asker);
}

// One query at a time, in order; the next waits in the buffer.
void Resolver::serve(const std::shared_ptr<Asker>& asker) {
  const auto ready = [&] {
    return asker->socket && !asker->waiting && asker->unsent.size() < MOST_UNSENT;
  };
  while (ready() && asker->received.size() >= 2) {
    const size_t length = dns::read16(asker->received, 0);
    if (asker->received.size() < length + 2) return;
    const std::string packet = asker->received.substr(2, length);
    asker->received.erase(0, length + 2);
    asker->waiting = true;
    resolve(packet, true, [this, asker, alive = alive_](const std::string& answer) {
      asker->waiting = false;
      if (*alive && asker->socket) deliver(asker, answer);
    });
  }
}

void Resolver::deliver(const std::shared_ptr<Asker>& asker, const std::string& answer) {
  const int fd = asker->socket.get();
  if (answer.empty()) return drop(fd);
  std::string framed(2, '\0');
  dns::write16(framed, 0, static_cast<uint16_t>(answer.size()));
  asker->unsent += framed + answer;
  rearm(*asker);
  loop_.change(fd, EPOLLIN | EPOLLOUT);
  loop_.defer([this, asker, alive = alive_] {
    if (*alive) serve(asker);
  });
}

void Resolver::drop(int fd) {
  const auto found = askers_.find(fd);
  if (found == askers_.end()) return;
  const std::shared_ptr<Asker> asker = found->second;
  askers_.erase(found);
  loop_.cancel(asker->idle);
  loop_.remove(fd);
  asker->socket.reset();
}

void Resolver::rearm(Asker& asker) {
  loop_.cancel(asker.idle);
  const int fd = asker.socket.get();
  asker.idle = loop_.after(IDLE_MS, [this, fd] { drop(fd); });
}

void Resolver::resolve(std::string_view packet, bool tcp, const Reply& reply) {
  const auto parsed = dns::parse_query(packet);
  if (!parsed) return reply({});
  const dns::Query& query = parsed->query;
  const size_t limit = tcp ? MOST_TCP_ANSWER : query.udp_bytes;
  if (parsed->code != dns::Code::ok) return reply(dns::answer(query, parsed->code, {}, limit));
  std::vector<dns::Record> records;
  if (resolve_locally(query, records))
    return reply(dns::answer(query, dns::Code::ok, records, limit));
  forward_.ask(query, std::string(packet), tcp, [reply, query, limit](std::string answer) {
    if (answer.empty()) answer = dns::answer(query, dns::Code::failure, {}, limit);
    reply(std::move(answer));
  });
}

bool Resolver::resolve_locally(const dns::Query& query, std::vector<dns::Record>& records) {
  const auto internet = uint16_t{1};
  if (query.klass != internet) return false;
  for (NameTable& table : tables_) table.refresh();
  const bool pointer = query.type == static_cast<uint16_t>(dns::Type::ptr);
  if (const auto address = pointer ? dns::reverse_address(query.name) : std::nullopt) {
    for (const NameTable& table : tables_) {
      const std::string* name = table.name(*address);
      if (name == nullptr) continue;
      if (auto encoded = dns::encode_name(*name)) records.push_back({dns::Type::ptr, *encoded});
      return true;
    }
  }
  const auto link = links_.find(query.name);
  return (link != links_.end() && find_addresses(link->second, query.type, records)) ||
         find_addresses(query.name, query.type, records);
}

// False when no table has the name; one that has no address of the asked type gives an empty
// answer.
bool Resolver::find_addresses(const std::string& name, uint16_t type,
                              std::vector<dns::Record>& records) {
  bool found = false;
  for (const NameTable& table : tables_) {
    const auto* addresses = table.addresses(name);
    if (addresses == nullptr) continue;
    found = true;
    for (const std::string& item : *addresses) append_address(item, type, records);
  }
  if (records.size() > 1) {
    const auto middle = static_cast<std::ptrdiff_t>(turn_++ % records.size());
    std::rotate(records.begin(), records.begin() + middle, records.end());
  }
  return found;
}

} // namespace fairlead::shim
