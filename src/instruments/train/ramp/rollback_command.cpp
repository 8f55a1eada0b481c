#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/gating/hearing.hpp"
#include "instruments/train/ramp/commands.hpp"
#include "instruments/train/ramp/holder.hpp"
#include "instruments/train/ramp/orders.hpp"
#include "instruments/train/ramp/ramp_report.hpp"
#include "instruments/train/ramp/station.hpp"
#include "instruments/train/ramp/track.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr Duration kLookAgain = std::chrono::milliseconds(100);

// Takes a train back: through the controller that runs, or as one.
class Rollback {
 public:
  Rollback(const cli::Arguments& arguments, cli::Context& context, Station station,
           git::Repository repository)
      : arguments_(arguments),
        context_(context),
        station_(std::move(station)),
        repository_(std::move(repository)) {}

  Result<cli::Outcome> run() {
    const Ramp& ramp = station_.ramp;
    SIGNALBOX_TRY(const Policy policy, policy_of(context_, repository_, ramp.begun));
    SIGNALBOX_CHECK(check_own_key(station_.book.own_key(), policy.trust));
    BookLog log(station_.book, station_.trust, ramp.train, ramp.begun.service);
    if (arguments_.has("--by-hand")) return take_at_word(log, policy);
    switch (ramp.phase) {
      case Phase::departed:
        SIGNALBOX_CHECK(begin_way_back(log, policy));
        break;
      case Phase::countdown:
      case Phase::ramping:
      case Phase::promoting:
      case Phase::stuck:
        if (arguments_.has("--to"))
          return fail(ErrorKind::bad_input,
                      "--to is for a train that has departed: this one goes back to where it came from",
                      "leave --to away");
        SIGNALBOX_CHECK(log.append_order(OrderEvent::What::rollback, arguments_.get_or("--reason", ""),
                                         arguments_.get("--key")));
        break;
      case Phase::going_back:
        break;
      case Phase::none:
      case Phase::aborted:
      case Phase::rolled_back:
        return fail(ErrorKind::conflict,
                    fmt::format("train {}: {}", ramp.train, standing_line(ramp, ramp.last_acted)),
                    "signalbox train status " + ramp.train);
    }
    return bring_to_an_end(log, policy);
  }

 private:
  bool somebody_acts(const Ramp& ramp) const {
    return ramp.lease && ramp.lease->expires > context_.clock.now() && !has_ended(ramp.lease->holder);
  }

  // An approver says that the traffic is back. The word counts; what the driver says stands beside it.
  Result<cli::Outcome> take_at_word(BookLog& log, const Policy& policy) {
    SIGNALBOX_CHECK(check_order(station_.ramp, OrderEvent::What::by_hand));
    SIGNALBOX_TRY(const evidence::TrustedKey person, person_of(arguments_, station_.trust));
    if (std::find(person.roles.begin(), person.roles.end(), kApprover) == person.roles.end()) {
      return fail(ErrorKind::denied,
                  fmt::format("{} may not say that a train is back: the key is no approver's",
                              printable(person.key.name)));
    }
    SIGNALBOX_TRY(const std::string reason, text_option(arguments_, "--reason"));
    const std::string doubt = doubt_of_driver(policy);
    SIGNALBOX_CHECK(log.append_order(OrderEvent::What::by_hand, reason, arguments_.get("--key")));
    SIGNALBOX_TRY(cli::Outcome outcome, bring_to_an_end(log, policy));
    if (auto* const report = std::get_if<Report>(&outcome); report != nullptr && !doubt.empty()) {
      report->findings.push_back({"train/by-hand-unconfirmed",
                                  Severity::warning,
                                  doubt,
                                  {},
                                  "nothing of the service departs before the driver says 0 %"});
    }
    return outcome;
  }

  // What the driver says against it; empty where it agrees.
  std::string doubt_of_driver(const Policy& policy) {
    const Ramp& ramp = station_.ramp;
    Session session(station_.book, policy, repository_, context_.clock, ramp.train, ramp.begun);
    const auto seen = session.driver().observe(
        Controller::order_of(ramp, Call::revert, 0, ramp.lease ? ramp.lease->token : 0));
    if (!seen) return fmt::format("{} does not answer: {}", ramp.begun.driver, seen.error().message);
    if (seen->promoted) return fmt::format("{} says that all traffic is on the candidate", ramp.begun.driver);
    if (!seen->weight) return fmt::format("{} cannot tell where the traffic goes", ramp.begun.driver);
    if (seen->weight == 0) return {};
    return fmt::format("{} says that {} % are on the candidate", ramp.begun.driver, *seen->weight);
  }

  // An attempt of its own: what has departed goes back to the release before, or to the one that is named.
  Status begin_way_back(BookLog& log, const Policy& policy) {
    StepEvent event;
    Begin begin = station_.ramp.begun;
    begin.purpose = Begin::Purpose::go_back;
    begin.why = fmt::format("ordered by {}: {}", station_.book.own_key().name,
                            arguments_.get_or("--reason", "no reason given"));
    if (const auto to = arguments_.get("--to")) {
      SIGNALBOX_CHECK(repository_.resolve(*to));
      begin.baseline = *to;
    }
    if (begin.baseline.empty()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{} is the first release: there is none before it", begin.version),
                  "name where to go back to with --to TAG");
    }
    SIGNALBOX_TRY(const std::vector<Ramp> others, others_on_track(station_.book.ledger(), station_.trust,
                                                                  station_.ramp.train, begin.service));
    SIGNALBOX_CHECK(check_track(others));
    SIGNALBOX_CHECK(check_target(policy, begin));
    event.begin = std::move(begin);
    SIGNALBOX_CHECK(log.append("step", to_json(event), station_.ramp.begun.commit, station_.ramp.last_index));
    return {};
  }

  // A way back that cannot succeed does not begin: it would end stuck, and hold every train of the service.
  Status check_target(const Policy& policy, const Begin& begin) {
    Session session(station_.book, policy, repository_, context_.clock, station_.ramp.train, begin);
    Ramp back;
    back.train = station_.ramp.train;
    back.begun = begin;
    return session.driver().check_revert(Controller::order_of(back, Call::revert, 0, 0));
  }

  // The controller that runs does it, and this waits for the end; where none runs, or it is gone before the
  // end, this does it.
  Result<cli::Outcome> bring_to_an_end(BookLog& log, const Policy& policy) {
    while (true) {
      SIGNALBOX_TRY(const Ramp ramp, watch(log));
      if (is_over(ramp.phase) || somebody_acts(ramp))
        return cli::Outcome(ramp_report(ramp, context_.clock.now()));
      auto outcome = carry_on(context_, station_.book, policy, repository_, ramp.train, ramp.begun);
      const bool was_taken = !outcome && outcome.error().kind == ErrorKind::conflict;  // by somebody else
      if (!was_taken) return outcome;
    }
  }

  // Where the ramp stands once it is over, nobody acts for it, or a signal came.
  Result<Ramp> watch(BookLog& log) const {
    const StopSignals signals;
    while (true) {
      SIGNALBOX_TRY(const TrainEvents events, log.read());
      Ramp ramp = fold(events);
      if (is_over(ramp.phase) || !somebody_acts(ramp) || signals.wait(kLookAgain)) return ramp;
    }
  }

  const cli::Arguments& arguments_;
  cli::Context& context_;
  Station station_;
  git::Repository repository_;
};

Result<cli::Outcome> run_rollback(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Station station, find_train(context, arguments.positional(0), Access::append));
  SIGNALBOX_TRY(git::Repository repository, git::Repository::open(context.workspace.root));
  SIGNALBOX_TRY(cli::Outcome outcome,
                Rollback(arguments, context, std::move(station), std::move(repository)).run());
  // Who wants it back is served when it is.
  if (auto* const report = std::get_if<Report>(&outcome)) {
    const std::string_view phase = report->data["phase"].as_string();
    const bool is_back = phase == name_of(Phase::rolled_back) || phase == name_of(Phase::aborted);
    report->verdict = is_back ? Verdict::pass : Verdict::fail;
  }
  return outcome;
}

}  // namespace

cli::Command rollback_command() {
  cli::Command command;
  command.name = "rollback";
  command.summary = "Take a train back: during its ramp, after its departure, or again where that has failed";
  command.details =
      "Where a controller runs it is told to, and this command waits for it; where none does, this command "
      "acts. A "
      "train that has departed goes back to the release before it, or to --to TAG. Where taking it back has "
      "failed, a person has put the traffic right, and the driver cannot say so, an approver does: "
      "--by-hand.\n\n"
      "Exit code 0: it was taken back; 1: it was not, and the traffic is frozen until a person acts.";
  command.options = {
      {.name = "--to", .value = "TAG", .help = "of a train that has departed: go back to this release"},
      {.name = "--by-hand", .help = "of a rollback that failed: the traffic was taken back by hand"},
      {.name = "--reason", .value = "TEXT", .help = "why, for the log"},
      {.name = "--key", .value = "NAME", .help = "the key that signs the order; by default this machine's"}};
  command.positionals = {
      {"TRAIN", "its name; by default the last one that was on its way", cli::Positional::Count::optional}};
  command.run = run_rollback;
  return command;
}

}  // namespace signalbox::train::ramp
