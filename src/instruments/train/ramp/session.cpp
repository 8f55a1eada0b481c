#include "instruments/train/ramp/session.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/tag_writer.hpp"
#include "instruments/train/events/signatory.hpp"
#include "instruments/train/ramp/holder.hpp"
#include "instruments/train/ramp/metric_judges.hpp"
#include "instruments/train/ramp/orders.hpp"
#include "instruments/train/ramp/track.hpp"

namespace signalbox::train::ramp {
namespace {

// The environment of hooks that are not the driver's.
ProcessOptions hook_options(const StepOrder& order, std::string_view action, Duration timeout) {
  ProcessOptions options;
  options.environment = hook_environment(order, action);
  options.input = hook_document(order, action).dump() + "\n";
  options.deadline = timeout;
  return options;
}

Status succeeded(const Result<ProcessResult>& result, std::string_view what) {
  if (!result) return fail_in(what, result.error());
  if (result->exit_code == 0) return {};
  return fail(ErrorKind::unavailable,
              fmt::format("{} ended with exit code {}: {}", what, result->exit_code,
                          last_words(result->errors.empty() ? result->output : result->errors)));
}

class HookDeeds final : public Deeds {
 public:
  explicit HookDeeds(DeedParts parts) : parts_(std::move(parts)) {}

  Result<Json> take_baseline(const Ramp& ramp, const StepOrder& order) override {
    SIGNALBOX_CHECK(run_hook(parts_.hooks.baseline, order, "baseline"));
    if (parts_.judges == nullptr) return Json();
    // What lies before the departure, or before now where it is late.
    const Time now = parts_.clock.now();
    return parts_.judges->snapshot(now - ramp.begun.plan.baseline_before, now);
  }
  Status announce(const StepOrder& order) override {
    return run_hook(parts_.hooks.announce, order, "announce");
  }
  Status make_tag(const Ramp& ramp) override {
    const Time now = parts_.clock.now();
    const std::string message = fmt::format("{}\n\nDeparted with train {} on {}.", ramp.begun.version,
                                            ramp.train, to_rfc3339(ramp.promoted_at.value_or(now)));
    SIGNALBOX_CHECK(git::make_tag(parts_.repository, ramp.begun.version, ramp.begun.commit, message, now));
    return {};
  }
  void page(const StepOrder& order, const std::string& reason, const std::string& why) override {
    if (parts_.hooks.page.empty()) return;
    ProcessOptions options = hook_options(order, "page", parts_.hooks.timeout);
    options.environment.emplace_back("SIGNALBOX_REASON", reason);
    options.environment.emplace_back("SIGNALBOX_WHY", printable(why));
    static_cast<void>(
        parts_.run(parts_.hooks.page, std::move(options)));  // who cannot be paged hinders no rollback
  }
  bool has_ended(const Holder& holder) override { return ramp::has_ended(holder); }
  Result<std::string> train_ahead(const Ramp& ramp) override {
    SIGNALBOX_TRY(const std::vector<Ramp> others,
                  others_on_track(parts_.ledger, parts_.trust, ramp.train, ramp.begun.service));
    return ramp::train_ahead(others, ramp.attempt);
  }

 private:
  Status run_hook(const Words& words, const StepOrder& order, std::string_view action) {
    if (words.empty()) return {};
    return succeeded(parts_.run(words, hook_options(order, action, parts_.hooks.timeout)),
                     fmt::format("hook {}", action));
  }

  DeedParts parts_;
};

}  // namespace

Result<TrainEvents> BookLog::read() {
  const std::uint64_t size = book_.ledger().size();
  if (events_ && size == read_at_) return *events_;
  SIGNALBOX_TRY(events_, read_events(book_.ledger(), trust_, train_));
  read_at_ = size;
  return *events_;
}

Result<std::uint64_t> BookLog::append(std::string_view kind, const Json& predicate, const std::string& commit,
                                      std::int64_t expected_last) {
  NewEvent event;
  event.train = train_;
  event.kind = std::string(kind);
  event.predicate = predicate;
  if (!commit.empty()) event.also_about = {{service_, {{"gitCommit", commit}}}};
  SIGNALBOX_TRY(const evidence::Receipt receipt, append_event(book_, event, expected_last));
  return receipt.index;
}

Result<std::uint64_t> BookLog::append_order(OrderEvent::What what, const std::string& reason,
                                            const std::optional<std::string>& key) {
  SIGNALBOX_CHECK(find_signatory(trust_, key.value_or(book_.own_key().name)));
  const auto append = [this](const NewEvent& event, std::int64_t expected_last) -> Result<std::uint64_t> {
    SIGNALBOX_TRY(const evidence::Receipt receipt, append_event(book_, event, expected_last));
    return receipt.index;
  };
  return give_order({[this] { return read(); }, append}, {what, {}, reason}, key);
}

std::unique_ptr<Deeds> make_deeds(DeedParts parts) {
  return std::make_unique<HookDeeds>(std::move(parts));
}

RunSmoke smoke_runner(Duration timeout, RunProgram run) {
  return [timeout, run = std::move(run)](const Words& words, const Ramp& ramp) -> std::optional<std::string> {
    const StepOrder order =
        Controller::order_of(ramp, Call::set_weight, ramp.weight, ramp.lease ? ramp.lease->token : 0);
    const Status status = succeeded(run(words, hook_options(order, "smoke", timeout)),
                                    fmt::format("smoke check {}", printable(join(words, " "))));
    if (status) return std::nullopt;
    return status.error().message;
  };
}

Session::Session(evidence::EvidenceBook& book, const Policy& policy, const git::Repository& repository,
                 const Clock& clock, const std::string& train, const Begin& begin)
    : clock_(clock),
      log_(std::make_unique<BookLog>(book, policy.trust, train, begin.service)),
      driver_(make_driver(policy.ramp.driver, policy.configuration)) {
  const Settings& settings = policy.ramp;
  const RunProgram run = run_where_allowed(policy.configuration);
  std::unique_ptr<judges::MetricsSource> source;
  if (settings.prometheus)
    source = judges::make_prometheus_source(*settings.prometheus, {begin.version, begin.baseline});
  std::unique_ptr<MetricJudges> judges =
      make_metric_judges(settings.metrics, settings.score, std::move(source));
  MetricJudges* const watched_by = judges.get();
  is_watched_ = watched_by != nullptr || !settings.hooks.smoke.empty();
  const Duration smoke_limit = settings.hooks.timeout;
  watch_ = make_watch(std::move(judges), {settings.hooks.smoke, smoke_runner(smoke_limit, run), smoke_limit});
  deeds_ = make_deeds({settings.hooks, run, repository, clock, book.ledger(), policy.trust, watched_by});
}

Controller Session::controller() {
  return Controller({*log_, *driver_, *watch_, *deeds_, clock_, this_holder()});
}

}  // namespace signalbox::train::ramp
