// Sends queries that are not ours to the upstream name servers: from the container's network
// namespace, or from the host's to a server of the host's own; bounded in number, each with a
// deadline per attempt.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "shim/bundle/settings.hh"
#include "shim/dns/message.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

class Forward {
public:
  // The upstream's answer with the asker's id, or empty when none came.
  using Reply = std::function<void(std::string answer)>;

  Forward(Loop& loop, Fd netns) : loop_(loop), netns_(std::move(netns)) {}
  ~Forward();

  void set_upstreams(std::vector<Upstream> upstreams);
  void ask(const dns::Query& query, std::string packet, bool tcp, Reply reply);

private:
  struct Pending {
    std::string packet; // with our id
    std::string question;
    uint16_t asker_id = 0;
    uint16_t id = 0;
    bool tcp = false;
    size_t first = 0; // the upstream that is asked first
    size_t attempt = 0;
    Fd socket;
    std::string sending;  // TCP: not yet sent
    std::string received; // TCP: so far
    std::string refusal;  // an upstream's failure, passed on when no other does better
    Loop::Timer timer = 0;
    Reply reply;
  };
  void next(uint64_t key);
  bool connect(Pending& pending, const Upstream& upstream);
  void on_events(uint64_t key, uint32_t events);
  void on_datagram(uint64_t key, Pending& pending);
  void on_stream(uint64_t key, Pending& pending, uint32_t events);
  void settle(uint64_t key, std::string answer);
  bool accept(uint64_t key, Pending& pending, std::string answer);

  Loop& loop_;
  Fd netns_;
  std::vector<Upstream> upstreams_;
  size_t preferred_ = 0; // the one that answered last: a silent first one costs its time once
  uint64_t last_key_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Pending>> pending_;
};

} // namespace fairlead::shim
