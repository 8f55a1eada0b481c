#include "instruments/queries/watch/watch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/kept/kept_locks.hpp"
#include "instruments/queries/statements/units.hpp"
#include "instruments/queries/watch/metrics_text.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::hours kForgetEvery{1};
constexpr std::chrono::milliseconds kFirstBackoff{100}, kLongestBackoff{10'000};

std::string line_of(const StatementCycle& cycle) {
  if (cycle.is_first)
    return fmt::format("{} are counted since the last reset; what follows is told from now on",
                       counted(cycle.statements, "statement"));
  const double seconds = std::chrono::duration<double>(cycle.span).count();
  return fmt::format("{} calls in {:.1f} s, {} of execution, {} ran{}{}{}", text_of_count(cycle.sum.calls),
                     seconds, text_of_ms(cycle.sum.total_exec_ms), counted(cycle.changed, "statement"),
                     cycle.added > 0 ? fmt::format(", {} new", cycle.added) : "",
                     cycle.reset ? ", the counters were reset in between" : "",
                     cycle.dropped > 0 ? ", some were dropped for want of room" : "");
}

}  // namespace

Result<Watched> Watch::run() {
  SIGNALBOX_CHECK(connect());
  if (!options_.log.empty()) {
    tail_ = std::make_unique<LogTail>(options_.log);
    SIGNALBOX_CHECK(tail_->poll(log_));
    locks_.take();  // of before the watch
  }
  reading_due_ = SteadyClock::now();
  auto next = reading_due_;
  while (out_.readings < options_.readings && !stop_.wait_until(next)) {
    if (const Status done = step(SteadyClock::now()); !done) {
      SIGNALBOX_TRY(next, after_failure(done.error()));
      continue;
    }
    backoff_ = kFirstBackoff;
    next = std::min(reading_due_, sampler_->due());
  }
  return std::move(out_);
}

Status Watch::connect() {
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(options_.dsn));
  SIGNALBOX_TRY(ServerLink sample_link, ServerLink::open(options_.dsn));
  link_ = std::make_unique<ServerLink>(std::move(link));
  sample_link_ = std::make_unique<ServerLink>(std::move(sample_link));
  const std::string& address = link_->identity().address;
  SIGNALBOX_TRY(
      StatementCollector opened,
      StatementCollector::open(*link_, database_, options_.server.empty() ? address : options_.server));
  collector_ = std::make_unique<StatementCollector>(std::move(opened));
  SIGNALBOX_TRY(ProcessorView processor, ProcessorView::open(*sample_link_));
  if (!processor.why_not().empty())
    say_(fmt::format("{}  who waits for a core is not told: {}", to_rfc3339(clock_.now()),
                     processor.why_not()));
  // The view knows a server of this machine by its processes, under whatever address.
  int cores = options_.cores;
  if (cores == 0) cores = link_->identity().cores;
  if (cores == 0) cores = processor.cores();
  sampler_ = std::make_unique<SessionSampler>(*sample_link_, options_.sample_every, std::move(processor));
  out_.server = collector_->server().name;
  if (cores > 0) SIGNALBOX_CHECK(KeptStatements(database_).set_cores(collector_->server().id, cores));
  return {};
}

Status Watch::step(SteadyClock::time_point now) {
  if (collector_ == nullptr) SIGNALBOX_CHECK(connect());
  if (now >= sampler_->due()) SIGNALBOX_CHECK(sampler_->sample(now));
  if (now < reading_due_) return {};
  SIGNALBOX_CHECK(read_once());
  reading_due_ =
      std::max(reading_due_ + options_.every, SteadyClock::now());  // what was missed is not made up for
  return {};
}

Status Watch::read_once() {
  SIGNALBOX_TRY(out_.last, collector_->cycle());
  ++out_.readings;
  // What was counted before the watch began is not told in the metrics: they begin at 0 with it.
  if (!out_.last.is_first) {
    out_.sum += out_.last.sum;
    series_.add(out_.last.by_label, clock_.now());
    series_.add_to_other(out_.last.own);
  }
  SIGNALBOX_CHECK(keep_sessions());
  SIGNALBOX_CHECK(keep_plans());
  say_(fmt::format("{}  {}", to_rfc3339(clock_.now()), line_of(out_.last)));
  if (SteadyClock::now() >= forget_at_) {
    forget_at_ = SteadyClock::now() + kForgetEvery;
    const Time before = clock_.now() - options_.keep;
    SIGNALBOX_CHECK(collector_->forget_before(before));
    SIGNALBOX_CHECK(KeptSessions(database_).forget_before(collector_->server().id, before));
    SIGNALBOX_CHECK(KeptPlans(database_).forget_before(collector_->server().id, before));
    SIGNALBOX_CHECK(KeptLocks(database_).forget_before(collector_->server().id, before));
  }
  return {};
}

Status Watch::keep_sessions() {
  SIGNALBOX_TRY(const SessionBucket bucket, sampler_->take());
  out_.samples += bucket.ticks;
  out_.missed += bucket.missed;
  if (bucket.ticks > 0) SIGNALBOX_CHECK(KeptSessions(database_).write(collector_->server().id, bucket));
  const std::scoped_lock lock(metrics_mutex_);
  metrics_ = metrics_text(out_.server, series_, bucket, bucket.instance);
  return {};
}

Status Watch::keep_plans() {
  if (tail_ == nullptr) return {};
  // A log that is away, as while it is rotated, ends nothing.
  if (const Status read = tail_->poll(log_); !read) {
    say_(fmt::format("{}  {}", to_rfc3339(clock_.now()), read.error().message));
    return {};
  }
  const std::vector<PlanSample> samples = plans_.take();
  out_.plans += samples.size();
  SIGNALBOX_CHECK(KeptPlans(database_).add(collector_->server().id, samples));
  return KeptLocks(database_).add(collector_->server().id, locks_.take());
}

std::string Watch::metrics() {
  const std::scoped_lock lock(metrics_mutex_);
  return metrics_;
}

// When it is tried again. What is not the server's being away ends it.
Result<Watch::SteadyClock::time_point> Watch::after_failure(const Error& error) {
  ++out_.failures;
  if (error.kind != ErrorKind::unavailable) return fail(error);
  say_(fmt::format(
      "{}  {}; again in {}", to_rfc3339(clock_.now()), error.message,
      backoff_ < std::chrono::seconds(1) ? fmt::format("{} ms", backoff_.count()) : to_text(backoff_)));
  collector_.reset();
  sampler_.reset();
  link_.reset();
  sample_link_.reset();
  const auto at = SteadyClock::now() + backoff_;
  backoff_ = std::min(backoff_ * 2, kLongestBackoff);
  return at;
}

}  // namespace signalbox::queries
