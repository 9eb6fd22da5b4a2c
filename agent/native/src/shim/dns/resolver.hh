// The name server of one container: 127.0.0.11:53 in its network namespace, UDP and TCP. It listens
// on other ports, to which queries are redirected: port 53 stays free for the container's servers.
// Answers from the name tables, sends everything else upstream.
#pragma once
#include <sys/socket.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "shim/bundle/settings.hh"
#include "shim/dns/forward.hh"
#include "shim/dns/name-table.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

class Resolver {
public:
  // Binds in the network namespace that netns_fd stands for; the caller's is left untouched.
  static Result<std::unique_ptr<Resolver>> open(Loop& loop, int netns_fd,
                                                const ResolverSettings& settings);
  ~Resolver();

  void configure(const ResolverSettings& settings);
  // Takes back what leads queries here, in a namespace that outlives the resolver.
  static void withdraw(int netns_fd);

private:
  using Reply = Forward::Reply;
  struct Asker { // one TCP connection
    Fd socket;
    std::string received;
    std::string unsent;
    bool waiting = false;
    Loop::Timer idle = 0;
  };
  Resolver(Loop& loop, Fd netns) : loop_(loop), forward_(loop, std::move(netns)) {}
  Status listen(int netns_fd);
  Status listen_elsewhere();
  void on_datagram();
  void on_connect();
  void on_stream(int fd, uint32_t events);
  void serve(const std::shared_ptr<Asker>& asker);
  void deliver(const std::shared_ptr<Asker>& asker, const std::string& answer);
  void drop(int fd);
  void rearm(Asker& asker);
  void resolve(std::string_view packet, bool tcp, const Reply& reply);
  bool resolve_locally(const dns::Query& query, std::vector<dns::Record>& records);
  bool find_addresses(const std::string& name, uint16_t type, std::vector<dns::Record>& records);

  Loop& loop_;
  Fd udp_;
  Fd tcp_;
  std::vector<NameTable> tables_;
  std::unordered_map<std::string, std::string> links_; // tried first
  Forward forward_;
  std::unordered_map<int, std::shared_ptr<Asker>> askers_;
  size_t turn_ = 0; // rotates the addresses of a name that has several
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace fairlead::shim
