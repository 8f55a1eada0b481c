#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/tag_writer.hpp"
#include "instruments/train/gating/decision_record.hpp"
#include "instruments/train/gating/github_checks.hpp"
#include "instruments/train/gating/hearing.hpp"
#include "instruments/train/ramp/clearance.hpp"
#include "instruments/train/ramp/commands.hpp"
#include "instruments/train/ramp/ramp_report.hpp"
#include "instruments/train/ramp/station.hpp"
#include "instruments/train/ramp/track.hpp"

namespace signalbox::train::ramp {
namespace {

// One departure, from judging it to its end.
class Departure {
 public:
  Departure(const cli::Arguments& arguments, cli::Context& context, std::string train)
      : arguments_(arguments), context_(context), train_(std::move(train)) {}

  Result<cli::Outcome> run() {
    SIGNALBOX_TRY(const git::Repository repository, git::Repository::open(context_.workspace.root));
    SIGNALBOX_TRY(evidence::EvidenceBook book,
                  evidence::EvidenceBook::open(context_.workspace, context_.clock, context_.store));
    SIGNALBOX_TRY(const std::string head, repository.resolve(arguments_.get_or("--head", "HEAD")));
    Begin here;
    here.commit = head;
    here.policy_ref = arguments_.get_or("--policy-ref", "");
    SIGNALBOX_TRY(const Policy policy, policy_of(context_, repository, here));
    SIGNALBOX_TRY(const TrainEvents events, read_events(book.ledger(), policy.trust, train_));
    const Ramp ramp = fold(events);
    const bool is_under_way = ramp.phase != Phase::none && !is_over(ramp.phase);
    if (is_under_way) return go_on(repository, book, ramp);
    SIGNALBOX_CHECK(check_past(ramp));
    return set_out(repository, book, ramp.last_index);
  }

 private:
  Result<cli::Outcome> go_on(const git::Repository& repository, evidence::EvidenceBook& book,
                             const Ramp& ramp) {
    SIGNALBOX_TRY(const Policy policy, policy_of(context_, repository, ramp.begun));
    SIGNALBOX_CHECK(check_own_key(book.own_key(), policy.trust));
    if (arguments_.has("--dry-run")) return cli::Outcome(ramp_report(ramp, context_.clock.now()));
    context_.say(
        fmt::format("going on with train {}: {}", train_, standing_line(ramp, context_.clock.now())));
    return carry_on(context_, book, policy, repository, train_, ramp.begun);
  }

  // Whatever says no does so before the first entry. The train is judged as `check` judges it, by the policy
  // of what its manifest names.
  Result<cli::Outcome> set_out(const git::Repository& repository, evidence::EvidenceBook& book,
                               std::int64_t last_index) {
    const Time now = context_.clock.now();
    gates::Evaluator evaluator;
    GithubChecks github(GithubChecks::options_of_environment());
    DepartureQuery query = departure_query(arguments_, train_);
    query.ci_server = &github;
    SIGNALBOX_TRY(const Decision decision,
                  judge_departure(context_.workspace, &book.ledger(), query, now, evaluator));
    if (!decision.is_go()) return told(decision, decision_report(decision));
    const Policy& policy = decision.policy;
    const Settings& settings = policy.ramp;
    SIGNALBOX_CHECK(check_time(train_, decision.train->departs, settings.plan, now));
    SIGNALBOX_CHECK(check_own_key(book.own_key(), policy.trust));
    const std::string service = service_name();
    SIGNALBOX_TRY(const std::vector<Ramp> others,
                  others_on_track(book.ledger(), policy.trust, train_, service));
    SIGNALBOX_CHECK(check_track(others));
    Begin begin = begin_of(decision, settings, service, decision.train->departs);
    Session session(book, policy, repository, context_.clock, train_, begin);
    begin.is_watched = session.is_watched();
    SIGNALBOX_CHECK(look_at_traffic(session, settings, begin));
    SIGNALBOX_CHECK(check_tag(repository, begin));
    if (arguments_.has("--dry-run")) return cli::Outcome(dry_run(begin));
    SIGNALBOX_TRY(const RecordedDecision recorded,
                  record_decision(recording_in(book), context_.workspace, decision));
    warn_of_unsaid(recorded, context_);
    begin.decision = recorded.receipt.index;
    StepEvent event;
    event.begin = begin;
    SIGNALBOX_CHECK(session.log().append("step", to_json(event), begin.commit, last_index));
    return carry_on(context_, book, policy, repository, train_, begin);
  }

  std::string service_name() const {
    const auto package = arguments_.get("--package");
    return package ? fmt::format("{}/{}", context_.workspace.name, *package) : context_.workspace.name;
  }

  Begin begin_of(const Decision& decision, const Settings& settings, const std::string& service,
                 Time depart_at) const {
    Begin out;
    out.plan = settings.plan;
    out.service = service;
    out.commit = decision.plan.history.head;
    out.version = decision.plan.next.tag;
    if (decision.plan.history.base) out.baseline = decision.plan.history.base->tag;
    out.driver = name_of(settings.driver);
    out.depart_at = depart_at;
    out.policy_ref = arguments_.get_or("--policy-ref", "");
    out.makes_tag = settings.tag == Settings::Tag::on_departure;
    return out;
  }

  // The driver answers, may be used here, and no traffic is on a candidate yet.
  Status look_at_traffic(Session& session, const Settings& settings, const Begin& begin) const {
    if (std::holds_alternative<NoopSettings>(settings.driver.kind)) return {};
    if (!begin.is_watched) {
      return fail(ErrorKind::bad_input,
                  "nothing watches this ramp: a candidate that nobody looks at cannot pass",
                  "name metrics in train.canary.metrics, or smoke checks in train.hooks.smoke");
    }
    Ramp none;
    none.train = train_;
    none.begun = begin;
    SIGNALBOX_TRY(const Observation seen,
                  session.driver().observe(Controller::order_of(none, Call::set_weight, 0, 0)));
    return check_traffic(seen, begin.driver);
  }

  Status check_tag(const git::Repository& repository, const Begin& begin) const {
    if (!begin.makes_tag) return {};
    SIGNALBOX_TRY(const std::string there, git::tagged_commit(repository, begin.version));
    if (there.empty() || there == begin.commit) return {};
    return fail(ErrorKind::conflict,
                fmt::format("tag {} stands on {} already, and a tag is never moved", begin.version,
                            there.substr(0, 12)),
                "release it under another version");
  }

  Report dry_run(const Begin& begin) const {
    Ramp ramp;
    ramp.train = train_;
    ramp.phase = Phase::countdown;
    ramp.begun = begin;
    Report report = ramp_report(ramp, context_.clock.now());
    report.verdict = Verdict::pass;
    report.summary =
        fmt::format("GO: it may depart; nothing was done. {}", standing_line(ramp, context_.clock.now()));
    report.next = {"signalbox train depart " + train_};
    return report;
  }

  const cli::Arguments& arguments_;
  cli::Context& context_;
  std::string train_;
};

Result<cli::Outcome> run_depart(const cli::Arguments& arguments, cli::Context& context) {
  const std::string train = arguments.positional(0).value_or("");
  SIGNALBOX_CHECK(check_train_id(train));
  return Departure(arguments, context, train).run();
}

}  // namespace

cli::Command depart_command() {
  cli::Command command;
  command.name = "depart";
  command.summary = "Carry a train out: judge it, move the traffic step by step, take it back on a breach";
  command.details =
      "Gates and freezes are judged first; on NO-GO nothing is done. Then the ramp of `train.canary` begins: "
      "a snapshot "
      "of the baseline, the announcement, 5 %, 25 %, 50 % and all of the traffic, each held as long as "
      "configured and "
      "watched by metrics and smoke checks. A breach takes all traffic back.\n\n"
      "Every step is a signed event. The command may be killed at any moment: the same command goes on with "
      "the ramp, "
      "or takes it back where nobody watched for too long. Ctrl-C leaves the ramp as it is.\n\n"
      "Exit code 0: it has departed; 1: NO-GO, or it was taken back; 2: another controller acts, or the "
      "track is not "
      "free; 3: something needed is not there.";
  command.options = candidate_options();
  command.options.insert(command.options.begin(),
                         {.name = "--dry-run", .help = "judge, look at driver and track, and do nothing"});
  command.positionals = {{"TRAIN", "its name", cli::Positional::Count::one}};
  command.run = run_depart;
  return command;
}

}  // namespace signalbox::train::ramp
