// Continuous profiling: samples at a low rate, writes a profile each period, sends it, tells how it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/agent/agent_state.hpp"
#include "instruments/profile/agent/control_socket.hpp"
#include "instruments/profile/agent/period_cutter.hpp"
#include "instruments/profile/agent/profile_ring.hpp"
#include "instruments/profile/agent/rate_governor.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/exchange/destination.hpp"

namespace signalbox::profile {

struct AgentOptions {
  RecordRequest request;  // its rate is the one that is wanted; its target is that of `choose`
  // Sets the target: the processes that are to be sampled now, or all. not_found: there are none.
  std::function<Status(RecordRequest&)> choose;
  bool may_return = false;  // where all are gone, others may come: wait for them
  std::chrono::nanoseconds every{};
  double max_overhead = 0;  // as overhead_ratio
  // That a session has seen end: beyond it another begins, with empty tables, for each is kept until then.
  std::size_t max_ended_processes = 20'000;
  Annotations annotations;          // of each profile
  std::optional<Destination> push;  // an empty app: that of the profile
};

// Where it keeps what it writes, and what it speaks through.
struct AgentPlace {
  ProfileRing ring;
  ControlSocket control;
  UploadSender* sender = nullptr;             // null: nothing is sent
  std::function<void(std::string_view)> say;  // to people, now
};

class Agent {
 public:
  Agent(AgentOptions options, AgentPlace place);
  // Until SIGINT, SIGTERM, or all processes are gone that could be. The period that was begun is written.
  Status run();
  AgentState state() const;  // from any thread

 private:
  // followed: by another session at once; asked_for: by a word or a signal, or it was the last one.
  enum class SessionEnd { followed, target_gone, asked_for };
  Result<SessionEnd> sample(RecordRequest request);
  void wait_for_target();
  enum class Judged { yes, no };
  bool end_period(Session& session, PeriodCutter& cutter, Judged judged);
  bool needs_new_session(const Session& session, const PeriodCutter& cutter);
  void keep(Period period, const Recording& now);
  Annotations annotations_of(const Period& period, const Recording& now) const;
  void listen();
  std::string reply(std::string_view word);
  void set_mode(AgentMode mode);
  void note_ring();
  void tell(const std::string& trouble);
  void rest(std::chrono::nanoseconds time);

  AgentOptions options_;
  AgentPlace place_;
  RateGovernor governor_;
  bool is_paused_ = false;
  bool is_sampling_ = false;                                              // a session goes on
  std::optional<std::chrono::steady_clock::time_point> unsampled_since_;  // between two sessions
  bool is_ending_ = false;
  std::string last_trouble_;          // as it was told
  std::vector<std::int32_t> chosen_;  // for the session; some may be left out of it
  std::string app_;                   // the target of the session, as it was called at its start
  mutable std::mutex mutex_;
  AgentState state_;
};

}  // namespace signalbox::profile
