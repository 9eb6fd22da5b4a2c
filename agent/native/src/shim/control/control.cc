// Listening, dispatching and telling.
#include "shim/control/control.hh"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/unix-socket.hh"
#include "shim/json/fields.hh"
#include "shim/json/quote.hh"

namespace fairlead::shim {

namespace {

constexpr size_t MOST_CLIENTS = 512;
// A request comes with the connection; one that does not is a client that hangs.
constexpr int64_t REQUEST_MS = 30'000;

} // namespace

const Control::Op Control::OPS[] = {
    {"start", &Control::start},
    {"state", &Control::state},
    {"kill", &Control::kill},
    {"stop", &Control::stop},
    {"pause", &Control::pause},
    {"resume", &Control::resume},
    {"update", &Control::update},
    {"exec", &Control::exec},
    {"attach", &Control::attach},
    {"resize", &Control::resize},
    {"watch", &Control::watch},
    {"reload", &Control::reload},
    {"inspect_exec", &Control::inspect_exec},
};

Control::~Control() {
  if (!listener_) return;
  loop_.remove(listener_.get());
  ::unlink(path_.c_str());
}

Status Control::listen(const std::string& path) {
  const auto address = unix_address("bind control socket", path);
  if (!address) return std::unexpected(address.error());
  if (connect_unix("probe control socket", path))
    return std::unexpected(Error{"bind control socket", EADDRINUSE, path, "a shim runs already"});
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail("socket", path);
  ::unlink(path.c_str());
  const mode_t before = ::umask(0177);
  const auto* plain = reinterpret_cast<const sockaddr*>(&*address);
  const int bound = ::bind(socket.get(), plain, sizeof *address);
  ::umask(before);
  if (bound != 0) return fail("bind control socket", path);
  path_ = path;
  listener_ = std::move(socket);
  if (::listen(listener_.get(), 128) != 0) return fail("listen", path);
  return loop_.add(listener_.get(), EPOLLIN, [this](uint32_t) { accept(); });
}

void Control::broadcast(const Event& event) {
  if (watchers_.empty()) return;
  std::string line = "{\"event\":" + quoted(event.name);
  line += ",\"state\":" + to_json(supervisor_.state());
  if (!event.exec.empty()) {
    line += ",\"exec\":" + quoted(event.exec);
    line += ",\"exitCode\":" + std::to_string(event.exit_code);
  }
  line += "}\n";
  for (const Client& watcher : watchers_) watcher->send(line);
}

void Control::close(int64_t timeout_ms, std::function<void()> done) {
  on_closed_ = std::move(done);
  if (listener_) {
    loop_.remove(listener_.get());
    ::unlink(path_.c_str());
    listener_.reset();
  }
  std::vector<Client> clients;
  for (const auto& [key, client] : clients_) clients.push_back(client);
  for (const Client& client : clients) client->finish();
  closing_ = loop_.after(timeout_ms, [this] {
    closing_ = 0;
    clients_.clear();
    check_closed();
  });
  check_closed();
}

void Control::accept() {
  Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket || clients_.size() >= MOST_CLIENTS) return;
  const auto client = std::make_shared<Connection>(loop_, std::move(socket));
  Connection* key = client.get();
  const Status opened = client->open(
      [this, key](const std::string& line) { on_request(key->shared_from_this(), line); },
      [this, key] { forget(key); });
  if (!opened) return;
  client->expect_line(REQUEST_MS);
  clients_.emplace(key, client);
}

void Control::on_request(const Client& client, const std::string& line) {
  const auto request = parse_object(line, "request");
  if (!request) return refuse_client(client, request.error());
  Fields fields(*request, "request");
  const std::string name = fields.text("op");
  if (const Status status = fields.status(); !status) return refuse_client(client, status.error());
  const auto op = std::ranges::find_if(OPS, [&](const Op& item) { return name == item.name; });
  if (op == std::end(OPS))
    return refuse_client(client, Error{"request", EOPNOTSUPP, "op", "unknown: " + quoted(name)});
  (this->*op->run)(client, *request);
}

void Control::answer(const Client& client, const Status& status) {
  if (!status) return refuse_client(client, status.error());
  client->send("{\"ok\":true}\n");
  client->finish();
}

void Control::answer_later(const Client& client, Async<Status> doing) {
  begin(std::move(doing), [this, client](const Status& status) { answer(client, status); });
}

void Control::refuse_client(const Client& client, const Error& error) {
  client->send("{\"ok\":false,\"error\":" + fairlead::to_json(error) + "}\n");
  client->finish();
}

void Control::forget(const Connection* client) {
  clients_.erase(client);
  std::erase_if(watchers_, [&](const Client& watcher) { return watcher.get() == client; });
  check_closed();
}

void Control::check_closed() {
  if (!on_closed_ || !clients_.empty()) return;
  loop_.cancel(closing_);
  loop_.defer(std::exchange(on_closed_, nullptr));
}

} // namespace fairlead::shim
