// Carries a ramp out: reads the log, asks `next_action`, does it, and tells the log. It may be killed at any
// moment; whoever comes after reads the same log.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/next_action.hpp"
#include "instruments/train/ramp/watch.hpp"

namespace signalbox::train::ramp {

// The train's events, as a controller reads and appends them.
class RampLog {
 public:
  virtual ~RampLog() = default;
  virtual Result<TrainEvents> read() = 0;
  // Index of the new entry. conflict where another entry about the train came after `expected_last`.
  virtual Result<std::uint64_t> append(std::string_view kind, const Json& predicate,
                                       const std::string& commit, std::int64_t expected_last) = 0;
};

// What a controller does besides moving traffic, and what it knows of other controllers.
class Deeds {
 public:
  virtual ~Deeds() = default;
  // What is to be kept of the time before the first weight; null: nothing.
  virtual Result<Json> take_baseline(const Ramp& ramp, const StepOrder& order) = 0;
  virtual Status announce(const StepOrder& order) = 0;
  virtual Status make_tag(const Ramp& ramp) = 0;  // nothing where it is there already, on that commit
  virtual void page(const StepOrder& order, const std::string& reason, const std::string& why) = 0;
  virtual bool has_ended(const Holder& holder) = 0;
  // Another train of the service that began before this attempt and is on its way, in words; empty: none is.
  virtual Result<std::string> train_ahead(const Ramp& ramp) = 0;
};

// One controller of one train. Not thread-safe.
class Controller {
 public:
  struct Parts {
    RampLog& log;
    Driver& driver;
    Watch& watch;
    Deeds& deeds;
    const Clock& clock;
    Holder holder;
  };
  explicit Controller(Parts parts) : parts_(std::move(parts)) {}

  // What came of a turn.
  struct Turn {
    Ramp ramp;
    Next::Kind did = Next::Kind::over;
    Time until;       // of a wait
    std::string why;  // of a wait, in words
    std::optional<Watched> watched;
  };
  // Does the one thing that is next. `over` and `wait`: nothing was done, and the log is as it was. conflict:
  // another controller acts, and this one has no turn any more.
  Result<Turn> turn();

  // Gives the lease back, so that the next controller need not wait; pages for what nobody was paged for yet.
  void release();

  static StepOrder order_of(const Ramp& ramp, Call call, int weight, std::uint64_t token);

 private:
  Status ask(const Ramp& ramp, Next::Kind question);
  Result<Turn> act(Ramp ramp, const Next& next);
  void page(const Ramp& ramp);
  Status take(const Ramp& ramp);
  Status renew(const Ramp& ramp);
  Status make_call(const Ramp& ramp, Call call, int weight);
  Result<Json> carry_out(const Ramp& ramp, Call call, const StepOrder& order);
  Status tell_outcome(const std::string& commit, std::int64_t expected_last, const StepEvent& outcome);
  Json with_manual_steps(const Ramp& ramp, StepEvent event) const;
  Status write(const Ramp& ramp, std::string_view kind, const Json& predicate);
  bool is_lost(const Ramp& ramp) const;

  Parts parts_;
  Situation situation_;
  std::string attempt_;                                       // that the situation is about
  std::vector<std::pair<std::string, std::string>> to_page_;  // reason and words
  std::optional<Watched> last_watched_;                       // told with the next renewal of the lease
};

}  // namespace signalbox::train::ramp
