// The standard streams of one process (pipes or a terminal), and the clients attached to them.
// Output goes to the log and to every client; input of the clients goes to the process.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shim/log/log.hh"
#include "shim/loop/loop.hh"
#include "shim/streams/connection.hh"

namespace fairlead::shim {

// The process's own ends of its pipes; closed here once the process has them.
struct ProcessEnds {
  Fd in;
  Fd out;
  Fd err;
};

struct Wanted {
  bool in = false;
  bool out = false;
  bool err = false;
};

class Streams {
public:
  using Output = std::function<void(Channel, std::string_view)>;

  struct Policy {
    bool tty = false;
    bool input = false;        // the process has an open stdin
    bool close_on_end = false; // end of a client's input closes the process's stdin
    bool patient = false;      // the process waits for a client that does not read
    bool held = false;         // nothing is read before release()
  };

  Streams(Loop& loop, Policy policy, Output output)
      : loop_(loop), policy_(policy), output_(std::move(output)), held_(policy.held) {}
  ~Streams();

  // Makes the pipes; a stream that nobody wants (`keep` false) has no end, and the process the null
  // device. Not for terminals.
  Result<ProcessEnds> make_pipes(bool keep_out = true, bool keep_err = true);
  Status adopt_terminal(Fd master);

  void attach(const std::shared_ptr<Connection>& client, Wanted wanted);
  void release() { release_output(); }
  // Output waits while this says so; release() looks again.
  void hold_while(std::function<bool()> full) { full_ = std::move(full); }
  Status resize(int rows, int columns);
  // The process has exited: reads what is left. `done` is called when all of it has been read, or
  // after grace_ms when another process still holds the streams open.
  void conclude(int64_t grace_ms, std::function<void()> done);
  // Sends what is buffered to the clients and closes them.
  void release_clients();
  bool tty() const { return policy_.tty; }

private:
  struct Client {
    std::shared_ptr<Connection> connection;
    Wanted wanted;
  };
  struct Source {
    Fd fd;
    Channel channel = Channel::out;
  };

  Status watch(Source& source);
  void on_readable(Source& source);
  bool read_once(Source& source); // false at the end, or when there is nothing now
  void end(Source& source);
  void deliver(Channel channel, std::string_view bytes);
  void check_done();
  void take_input(std::string_view bytes);
  void end_of_input(const std::shared_ptr<Connection>& client);
  void flush_input();
  void pause_clients(bool paused);
  bool must_wait() const;
  void hold_output();
  void release_output();
  void drop(const Connection* client);

  Loop& loop_;
  Policy policy_;
  Output output_;
  std::function<bool()> full_;
  bool held_; // output waits for a congested client, or for release()
  Fd in_;     // the pipe's writing end; a terminal is written through out_
  Source out_{{}, Channel::out};
  Source err_{{}, Channel::err};
  std::vector<Client> clients_;
  std::string input_; // not yet taken by the process
  bool input_ending_ = false;
  bool input_watched_ = false;
  bool concluding_ = false;
  std::function<void()> done_;
  Loop::Timer grace_ = 0;
  Loop::Timer reopen_ = 0;
};

} // namespace fairlead::shim
