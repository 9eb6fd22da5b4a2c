// The control socket: turns request lines into calls of the supervisor, and its events into lines.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "shim/json/fields.hh"
#include "shim/loop/loop.hh"
#include "shim/streams/connection.hh"
#include "shim/supervisor/supervisor.hh"

namespace fairlead::shim {

class Control {
public:
  Control(Loop& loop, Supervisor& supervisor) : loop_(loop), supervisor_(supervisor) {}
  ~Control();

  // Makes the socket, mode 0600; refuses when another shim answers there.
  Status listen(const std::string& path);
  void broadcast(const Event& event);
  // No new clients; those here get what is theirs, for at most timeout_ms. Then `done`.
  void close(int64_t timeout_ms, std::function<void()> done);

private:
  using Client = std::shared_ptr<Connection>;
  struct Op {
    const char* name;
    void (Control::*run)(const Client& client, const Json& request);
  };
  static const Op OPS[];

  void accept();
  void on_request(const Client& client, const std::string& line);
  void answer(const Client& client, const Status& status);
  void answer_later(const Client& client, Async<Status> doing);
  void refuse_client(const Client& client, const Error& error);
  void forget(const Connection* client);
  void check_closed();

  void start(const Client& client, const Json& request);
  void state(const Client& client, const Json& request);
  void kill(const Client& client, const Json& request);
  void stop(const Client& client, const Json& request);
  void pause(const Client& client, const Json& request);
  void resume(const Client& client, const Json& request);
  void update(const Client& client, const Json& request);
  void exec(const Client& client, const Json& request);
  void attach(const Client& client, const Json& request);
  void resize(const Client& client, const Json& request);
  void watch(const Client& client, const Json& request);
  void reload(const Client& client, const Json& request);
  void inspect_exec(const Client& client, const Json& request);

  Loop& loop_;
  Supervisor& supervisor_;
  std::string path_;
  Fd listener_;
  std::unordered_map<const Connection*, Client> clients_;
  std::vector<Client> watchers_;
  std::function<void()> on_closed_;
  Loop::Timer closing_ = 0;
};

} // namespace fairlead::shim
