// One client on the control socket: a request line first, then answers, events or a byte stream.
// Never waits: what a client does not read is kept, and the client is dropped beyond 1 MiB, or when
// it holds up others (a congested stream, an answer after which it shall go) and reads nothing.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.hh"
#include "shim/loop/loop.hh"

namespace fairlead::shim {

class Connection : public std::enable_shared_from_this<Connection> {
public:
  using LineHandler = std::function<void(const std::string& line)>;
  using InputHandler = std::function<void(std::string_view bytes)>;
  using Signal = std::function<void()>;

  Connection(Loop& loop, Fd socket) : loop_(loop), socket_(std::move(socket)) {}
  ~Connection();

  // on_line gets the request; on_closed is called once, when the connection is gone.
  Status open(LineHandler on_line, Signal on_closed);
  // Closes the connection when no whole request has come by then.
  void expect_line(int64_t timeout_ms);
  // From now on bytes of the client go to on_input, and on_end follows its half-close.
  void stream(InputHandler on_input, Signal on_end);
  void pause_input(bool paused);
  void send(std::string_view bytes);
  // Whether so much is unsent that its source should pause; on_relief follows when it may go on.
  bool congested() const;
  void on_relief(Signal relief) { on_relief_ = std::move(relief); }
  // A patient stream's source waits for its client as long as it takes.
  void set_patient() { patient_ = true; }
  void send_frame(uint8_t channel, std::string_view bytes); // Docker's 8-byte header in front
  // Called when the connection ends while it serves as a stream or waits for an answer.
  void on_gone(Signal gone) { gone_ = std::move(gone); }
  // Closes once everything is sent. A stream's client may write on for a moment: it must not lose
  // what it has not read yet to a broken pipe.
  void finish();
  void close();
  bool closed() const { return closed_; }
  bool unsent() const { return sent_ < unsent_.size(); }

private:
  enum class Mode { line, waiting, stream };
  void on_events(uint32_t events);
  void read_some();
  void take(std::string_view bytes);
  void end_of_input();
  void flush();
  void part();
  void watch();
  void watch_progress();
  bool wants_input() const { return mode_ != Mode::waiting && !ended_ && !paused_; }

  Loop& loop_;
  Fd socket_;
  Mode mode_ = Mode::line;
  bool paused_ = false;
  bool ended_ = false;
  bool hung_up_ = false;
  bool finishing_ = false;
  bool closed_ = false;
  bool patient_ = false;
  std::string line_; // the request so far; afterwards, stream bytes that came with it
  std::string unsent_;
  size_t sent_ = 0;
  Loop::Timer deadline_ = 0;
  Loop::Timer stall_ = 0;
  Signal on_relief_;
  LineHandler on_line_;
  InputHandler on_input_;
  Signal on_end_;
  Signal on_closed_;
  Signal gone_;
};

} // namespace fairlead::shim
