#include "instruments/profile/agent/agent.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <thread>

#include <fmt/format.h>
#include <signal.h>

#include "core/base/text.hpp"
#include "instruments/profile/capture/overhead.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/exchange/upload.hpp"
#include "instruments/profile/formats/pprof.hpp"

namespace signalbox::profile {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Samples are few, and rings hold seconds of them; who speaks to the agent waits so long.
constexpr milliseconds kTurn{400};
constexpr nanoseconds kLongestSession = std::chrono::hours(6);
constexpr std::int64_t kShortestKept_ns = 50'000'000;  // a last period below that is nothing but its samples

constexpr int kColdPeriods = 2;  // of a session: they also pay for tables and names
// A session for processes that came meanwhile begins no sooner after the last: a start costs more than a
// period.
constexpr nanoseconds kShortestSession = std::chrono::minutes(1);
constexpr int kShortestSessionPeriods = 6;

std::atomic<bool> is_asked_to_end{false};

// SIGINT and SIGTERM end the agent, also between two sessions.
class EndsAtSignals {
 public:
  EndsAtSignals() {
    is_asked_to_end = false;
    struct sigaction action {};
    action.sa_handler = [](int) { is_asked_to_end = true; };
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
  }
  ~EndsAtSignals() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
  }
  EndsAtSignals(const EndsAtSignals&) = delete;
  EndsAtSignals& operator=(const EndsAtSignals&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

// Says that a session goes on, while it does.
class Sampling {
 public:
  explicit Sampling(bool& is_sampling) : is_sampling_(is_sampling) { is_sampling_ = true; }
  ~Sampling() { is_sampling_ = false; }
  Sampling(const Sampling&) = delete;
  Sampling& operator=(const Sampling&) = delete;

 private:
  bool& is_sampling_;
};

std::size_t living(const std::vector<std::int32_t>& pids) {
  return static_cast<std::size_t>(std::count_if(
      pids.begin(), pids.end(), [](std::int32_t pid) { return ::kill(pid, 0) == 0 || errno == EPERM; }));
}

// Beside those that run, which another session would see as well.
bool saw_more_end(const std::vector<std::int32_t>& pids, std::size_t than) {
  return pids.size() > than && pids.size() - living(pids) > than;
}

Time time_of(std::int64_t unix_ns) {
  return Time(std::chrono::duration_cast<milliseconds>(nanoseconds(unix_ns)));
}

std::string app_of(std::int32_t pid) {
  return pid == 0 ? "system" : app_name(comm_of(pid, pid));
}

}  // namespace

Agent::Agent(AgentOptions options, AgentPlace place)
    : options_(std::move(options)),
      place_(std::move(place)),
      governor_(options_.request.rate_hz, options_.max_overhead) {
  state_.rate_hz = governor_.rate_hz();
}

AgentState Agent::state() const {
  AgentState out;
  {
    const std::lock_guard lock(mutex_);
    out = state_;
  }
  out.cpu_seconds = static_cast<double>(own_cpu_ns()) * 1e-9;
  if (place_.sender != nullptr) {
    out.uploads = place_.sender->counts();
    out.uploads_waiting = place_.sender->waiting();
  }
  return out;
}

void Agent::set_mode(AgentMode mode) {
  const std::lock_guard lock(mutex_);
  state_.mode = mode;
  state_.rate_hz = governor_.rate_hz();
  if (mode == AgentMode::running) return;
  state_.processes = 0;
  state_.kernel.reset();
}

void Agent::note_ring() {
  const std::lock_guard lock(mutex_);
  state_.ring_files = place_.ring.files();
  state_.ring_bytes = place_.ring.bytes();
}

// The same trouble is told once.
void Agent::tell(const std::string& trouble) {
  if (trouble != last_trouble_ && !trouble.empty()) place_.say(trouble);
  last_trouble_ = trouble;
}

std::string Agent::reply(std::string_view word) {
  if (word == "pause" || word == "resume") {
    is_paused_ = word == "pause";
    set_mode(is_paused_ ? AgentMode::paused : is_sampling_ ? AgentMode::running : AgentMode::waiting);
  } else if (word != "status") {
    return Json::object({{"error", "no such word"}}).dump();
  }
  return to_json(state()).dump();
}

void Agent::listen() {
  place_.control.answer([this](std::string_view word) { return reply(word); });
  if (is_asked_to_end) is_ending_ = true;
}

void Agent::rest(nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  const bool was_paused = is_paused_;
  while (!is_ending_ && is_paused_ == was_paused && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kTurn);
    listen();
  }
}

Status Agent::run() {
  const EndsAtSignals ends;
  SIGNALBOX_CHECK(place_.ring.tidy());
  note_ring();
  while (!is_ending_) {
    listen();
    if (is_paused_ || is_ending_) {
      set_mode(AgentMode::paused);
      unsampled_since_.reset();  // nothing is missed meanwhile that was to be sampled
      rest(options_.every);
      continue;
    }
    RecordRequest request = options_.request;
    const Status chosen = options_.choose(request);
    const Result<SessionEnd> sampled = chosen ? sample(std::move(request)) : fail(chosen.error());
    if (sampled) {
      if (*sampled == SessionEnd::target_gone) wait_for_target();
      continue;
    }
    const AgentState now = state();
    const bool is_gone = sampled.error().kind == ErrorKind::not_found;
    if (is_gone && !options_.may_return) return now.periods > 0 ? Status() : fail(sampled.error());
    // Gone, or never there: others may come, where they are chosen by name or group. Who has sampled for
    // hours goes on, too, where it may not or cannot for a while.
    if (!is_gone && !(options_.may_return && now.sessions > 0)) return fail(sampled.error());
    tell(sampled.error().message);
    if (is_gone) {
      wait_for_target();
    } else {  // what it was to sample goes on without it
      set_mode(AgentMode::waiting);
      rest(options_.every);
    }
  }
  return {};
}

// Others may be there at once, which end as soon: a session for each costs more than they do.
void Agent::wait_for_target() {
  set_mode(AgentMode::waiting);
  unsampled_since_.reset();
  rest(options_.every);
}

Result<Agent::SessionEnd> Agent::sample(RecordRequest request) {
  request.rate_hz = governor_.rate_hz();
  chosen_ = request.pids;
  SIGNALBOX_TRY(const std::unique_ptr<Session> session, Session::start(request));
  {
    const std::lock_guard lock(mutex_);
    ++state_.sessions;
    state_.kernel = session->kernel_tables();
    if (unsampled_since_)
      state_.gap_seconds +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - *unsampled_since_).count();
    unsampled_since_.reset();
  }
  const Sampling sampling(is_sampling_);
  app_ = app_of(session->so_far().pid);
  PeriodCutter cutter(*session);
  set_mode(AgentMode::running);
  const std::size_t left_out = session->so_far().left_out;
  tell(left_out == 0
           ? std::string()
           : fmt::format("{} left out: they may not be sampled", counted(left_out, "process", "processes")));
  nanoseconds next = options_.every;
  int periods = 0;
  bool is_followed = false;  // by another session at once
  while (session->turn(kTurn)) {
    listen();
    if (is_paused_ || is_ending_) break;
    if (session->elapsed() < next) continue;
    const bool is_new_rate =
        end_period(*session, cutter, ++periods > kColdPeriods ? Judged::yes : Judged::no);
    next = std::max(next + options_.every, session->elapsed());
    is_followed = is_new_rate || needs_new_session(*session, cutter);
    if (is_followed) break;
  }
  session->stop();
  if (is_followed) unsampled_since_ = std::chrono::steady_clock::now();
  const Ending ending = session->so_far().ending;
  end_period(*session, cutter, Judged::no);
  if (ending == Ending::interrupted) is_ending_ = true;
  if (ending == Ending::target_ended && !options_.may_return) is_ending_ = true;
  if (is_ending_ || is_paused_) return SessionEnd::asked_for;
  return is_followed ? SessionEnd::followed : SessionEnd::target_gone;
}

// Whether the rate is another from now on, by what the period cost.
bool Agent::end_period(Session& session, PeriodCutter& cutter, Judged judged) {
  Period period = cutter.cut();
  const Recording now = session.so_far();
  if (period.samples == 0 && period.profile.duration_ns < kShortestKept_ns) return false;
  const double ratio = overhead_ratio(period.stolen_ns.value_or(0), period.beside_ns, period.target_cpu_ns,
                                      period.profile.duration_ns);
  const std::optional<KernelTables> tables = session.kernel_tables();
  {
    const std::lock_guard lock(mutex_);
    ++state_.periods;
    state_.samples += static_cast<std::uint64_t>(period.samples);
    state_.lost += static_cast<std::uint64_t>(std::max<std::int64_t>(period.lost, 0));
    state_.truncated += period.truncated;
    state_.lookups += period.lookups;
    state_.kernel = tables;
    if (now.octets_from_kernel > 0)
      state_.bpf_ns += static_cast<std::uint64_t>(std::max<std::int64_t>(period.stolen_ns.value_or(0), 0));
    // A part of a period, at the end of a session, is too short to say.
    if (2 * nanoseconds(period.profile.duration_ns) >= options_.every) state_.overhead = ratio;
    state_.sampled_by = now.rung;
    state_.processes = living(session.recorder().processes());
  }
  if (period.samples > 0) keep(std::move(period), now);
  if (judged == Judged::no || !governor_.judge(ratio)) return false;
  tell(fmt::format("a period cost {:.2f} %: {} Hz from now on", ratio * 100, governor_.rate_hz()));
  return true;
}

// Processes that came since, and memory that grows with what was ever seen.
bool Agent::needs_new_session(const Session& session, const PeriodCutter& cutter) {
  if (cutter.stacks() > kMaxStacks || session.elapsed() > kLongestSession ||
      saw_more_end(session.recorder().processes(), options_.max_ended_processes))
    return true;
  if (!options_.may_return ||
      session.elapsed() < std::min(kShortestSession, options_.every * kShortestSessionPeriods))
    return false;
  RecordRequest now = options_.request;
  if (!options_.choose(now) || now.system) return false;
  std::vector<std::int32_t> known = session.recorder().processes();
  known.insert(known.end(), chosen_.begin(), chosen_.end());
  std::sort(known.begin(), known.end());
  return std::any_of(now.pids.begin(), now.pids.end(),
                     [&](std::int32_t pid) { return !std::binary_search(known.begin(), known.end(), pid); });
}

Annotations Agent::annotations_of(const Period& period, const Recording& now) const {
  Annotations out{{"mode", "cpu"},
                  {"event", "cpu-clock"},
                  {"rate", fmt::format("{} Hz", std::llround(1e9 / static_cast<double>(now.period_ns)))},
                  {"sampler", now.rung}};
  out.insert(out.end(), options_.annotations.begin(), options_.annotations.end());
  out.emplace_back("samples", std::to_string(period.samples));
  out.emplace_back("samples.lost", std::to_string(period.lost));
  out.emplace_back("samples.truncated", std::to_string(period.truncated.total()));
  out.emplace_back("cpu.accounted_ns", std::to_string(period.target_cpu_ns));
  return out;
}

void Agent::keep(Period period, const Recording& now) {
  Profile& profile = period.profile;
  profile.annotations = annotations_of(period, now);
  const Time start = time_of(profile.start_unix_ns);
  const Time end = time_of(profile.start_unix_ns + profile.duration_ns);
  std::string octets = write_pprof(profile);
  const auto file = place_.ring.put(start, end, octets);
  if (!file) tell("a profile could not be kept: " + file.error().message);
  note_ring();
  if (file) {
    const std::lock_guard lock(mutex_);
    state_.last_file = file->string();
  }
  if (place_.sender == nullptr) return;
  Destination destination = *options_.push;
  if (destination.app.empty()) destination.app = app_;
  auto upload = make_upload(profile, destination, end, std::move(octets));
  Status sent = upload ? place_.sender->send(*upload) : Status(fail(std::move(upload).error()));
  if (!sent) tell("a profile could not be kept for sending: " + sent.error().message);
}

}  // namespace signalbox::profile
