#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/ramp/commands.hpp"
#include "instruments/train/ramp/rehearsal.hpp"
#include "instruments/train/ramp/station.hpp"

namespace signalbox::train::ramp {
namespace {

Error no_rehearsal() {
  return {ErrorKind::bad_input, "the policy names no environment to rehearse in",
          "rehearsal: {environment: staging, driver: …} in section `train` of the last release"};
}

StepOrder order_of_rehearsal(const train::Plan& plan, const Policy& policy, Time now, std::uint64_t token) {
  StepOrder out;
  out.train = "rehearsal";
  out.attempt = fmt::format("r{}", now.time_since_epoch().count());
  out.token = token;
  out.weight = policy.ramp.plan.weights.front().percent;
  out.candidate = plan.next.tag;
  if (plan.history.base) out.baseline = plan.history.base->tag;
  out.commit = plan.history.head;
  return out;
}

// Each data check as it ended.
std::vector<DataCheck> check_data(const Policy& policy, const StepOrder& order) {
  const RunProgram run = run_where_allowed(policy.configuration);
  std::vector<DataCheck> out;
  for (const Words& words : policy.ramp.rehearsal->data_checks) {
    ProcessOptions options;
    options.environment = hook_environment(order, "data_check");
    options.deadline = policy.ramp.hooks.timeout;
    const auto result = run(words, std::move(options));
    DataCheck check{printable(join(words, " ")), {}};
    if (!result)
      check.failure = result.error().message;
    else if (result->exit_code != 0)
      check.failure = fmt::format("exit code {}: {}", result->exit_code, last_words(result->errors));
    out.push_back(std::move(check));
  }
  return out;
}

// About the commit; with a train also an event of it.
Result<std::uint64_t> record(cli::Context& context, evidence::EvidenceBook& book, const Policy& policy,
                             const std::optional<std::string>& train, const RehearsalResult& result) {
  const evidence::Subject commit{context.workspace.name, {{"gitCommit", result.commit}}};
  if (train) {
    SIGNALBOX_TRY(const TrainEvents events, read_events(book.ledger(), policy.trust, *train));
    NewEvent event{*train, "rollback-rehearsal", to_json(result), {commit}, {}};
    SIGNALBOX_TRY(const evidence::Receipt receipt, append_event(book, event, events.last_index));
    return receipt.index;
  }
  SIGNALBOX_TRY(const std::string payload,
                evidence::write_statement({{commit}, event_type("rollback-rehearsal"), to_json(result)}));
  SIGNALBOX_TRY(const evidence::SigningKey key, book.signing_key());
  SIGNALBOX_TRY(const auto receipts, book.append({evidence::write_envelope(
                                         evidence::sign_envelope(evidence::kPayloadType, payload, {&key}))}));
  if (receipts.empty()) return fail(ErrorKind::internal, "an envelope was appended without a receipt");
  return receipts.front().index;
}

Report report_of(const RehearsalResult& result, std::uint64_t index) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Rollback rehearsed in {}: {} and back to {}", result.environment,
                             result.version, result.baseline.empty() ? "what was there" : result.baseline);
  report.verdict = result.has_passed() ? Verdict::pass : Verdict::fail;
  report.summary = result.failure.empty() ? fmt::format("all traffic was back in {} of {}",
                                                        to_text(result.back_in), to_text(result.budget))
                                          : result.failure;
  report.facts = {{"back in", static_cast<std::int64_t>(result.back_in.count()), "ms"},
                  {"recorded", fmt::format("log #{}", index), ""}};
  for (const DataCheck& check : result.data_checks) {
    Check row;
    row.name = check.name;
    row.verdict = check.failure ? Verdict::fail : Verdict::pass;
    row.asked = "the data are as they were";
    row.answer = check.failure.value_or("they are");
    if (check.failure) row.reason = "condition";
    report.checks.push_back(std::move(row));
  }
  report.data = to_json(result);
  report.data.set("recorded", index);
  return report;
}

Result<cli::Outcome> run_rehearse(const cli::Arguments& arguments, cli::Context& context) {
  const auto train = arguments.positional(0);
  if (train) SIGNALBOX_CHECK(check_train_id(*train));
  SIGNALBOX_TRY(const git::Repository repository, git::Repository::open(context.workspace.root));
  PlanQuery plan_query;
  plan_query.head = arguments.get_or("--head", "HEAD");
  SIGNALBOX_TRY(const train::Plan plan, read_plan(context.workspace, plan_query));
  Begin begin;
  begin.commit = plan.history.head;
  begin.policy_ref = arguments.get_or("--policy-ref", "");
  SIGNALBOX_TRY(const Policy policy, policy_of(context, repository, begin));
  if (!policy.ramp.rehearsal) return fail(no_rehearsal());
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                evidence::EvidenceBook::open(context.workspace, context.clock, context.store));
  const StepOrder order = order_of_rehearsal(plan, policy, context.clock.now(), book.ledger().size());
  const auto driver = make_driver(policy.ramp.rehearsal->driver, policy.configuration);
  RehearsalResult result =
      rehearse(*driver, order, policy.ramp.plan, [&] { return check_data(policy, order); });
  result.environment = policy.ramp.rehearsal->environment;
  SIGNALBOX_TRY(const std::uint64_t index, record(context, book, policy, train, result));
  return cli::Outcome(report_of(result, index));
}

}  // namespace

cli::Command rehearse_command() {
  cli::Command command;
  command.name = "rehearse";
  command.summary = "Rehearse going back, in staging, and leave evidence of it";
  command.details =
      "Sends the first weight to the candidate through the driver of `train.rehearsal`, takes it back, "
      "measures how "
      "long that takes, and runs the data checks. The rubric's item `rollback` asks for such evidence, at "
      "most 30 days "
      "old.";
  command.options = {
      {.name = "--head", .value = "REF", .help = "the commit that would depart; by default HEAD"},
      {.name = "--policy-ref",
       .value = "REF",
       .help = "read the policy from here instead of the last release"}};
  command.positionals = {{"TRAIN", "whose log keeps it too", cli::Positional::Count::optional}};
  command.run = run_rehearse;
  return command;
}

}  // namespace signalbox::train::ramp
