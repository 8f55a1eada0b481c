#include "instruments/queries/analysis/triage.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/sessions_report.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kSlower = 1.5;    // the mean, from which on it is said to have become slow
constexpr double kMostOfIt = 0.5;  // of waiting, from which on it is what it waits for
constexpr double kSingle = 0.7;    // of what was added
constexpr double kManyTimes = 2;
constexpr double kStarved = 0.3;  // of waiting for a core, from which on it is for want of cores

double rate(const Counters& sum, double seconds) {
  return seconds > 0 ? sum.total_exec_ms / 1000 / seconds : 0;
}
double calls_rate(const Counters& sum, double seconds) {
  return seconds > 0 ? static_cast<double>(sum.calls) / seconds : 0;
}
double blocks_a_call(const Counters& sum) {
  return sum.calls == 0 ? 0
                        : static_cast<double>(sum.shared_blks_hit + sum.shared_blks_read) /
                              static_cast<double>(sum.calls);
}
double ratio(double after, double before) {
  return before > 0 ? after / before : 0;
}

double share_of(const std::vector<ActiveShare>& waits, std::string_view type) {
  double all = 0, of = 0;
  for (const ActiveShare& each : waits) {
    all += each.active;
    if (each.name == type || each.name.starts_with(std::string(type) + ":")) of += each.active;
  }
  return all > 0 ? of / all : 0;
}

Counters sum_of(const TriageInput& input, bool after) {
  Counters out;
  for (const TriagedStatement& each : input.statements) out += after ? each.after : each.before;
  return out;
}

std::string one_line(std::string_view sql) {
  std::string out;
  for (const char c : sql.substr(0, 400)) out += c == '\n' || c == '\t' ? ' ' : c;
  return cut_to_width(printable(escape_invalid_utf8(out)), 100);
}

Cause cause_of(const TriageInput& input, const TriagedStatement& suspect) {
  // What it waits for is seen; what it does, reckoned.
  if (share_of(input.suspect_waits, "Lock") >= kMostOfIt) return Cause::locks;
  const bool slower_plan = std::any_of(input.flips.begin(), input.flips.end(),
                                       [](const PlanFlip& each) { return each.after_ms > each.before_ms; });
  const double mean = ratio(mean_exec_ms(suspect.after), mean_exec_ms(suspect.before));
  const bool more_blocks = ratio(blocks_a_call(suspect.after), blocks_a_call(suspect.before)) >= kManyTimes;
  // A sample is one execution, which may have had to wait: what all of them read weighs more.
  if ((slower_plan || (!input.flips.empty() && more_blocks)) &&
      (mean >= kSlower || suspect.before.calls == 0))
    return Cause::plan;
  if (share_of(input.suspect_waits, "IO") >= kMostOfIt ||
      suspect.after.blk_read_ms >= kMostOfIt * suspect.after.total_exec_ms)
    return Cause::input_output;
  if (mean >= kSlower && more_blocks) return Cause::more_work;
  const double queued = share_of(input.suspect_waits, kRunQueue);
  if (queued >= kMostOfIt) return Cause::run_queue;
  if (ratio(calls_rate(suspect.after, input.seconds_after),
            calls_rate(suspect.before, input.seconds_before)) >= kManyTimes &&
      mean < kSlower)
    return Cause::more_calls;
  if (queued >= kStarved) return Cause::run_queue;
  return Cause::processor;
}

Check step(std::string name, std::string asked, Verdict verdict, std::string answer,
           std::string remedy = {}) {
  Check out;
  out.name = std::move(name);
  out.asked = std::move(asked);
  out.verdict = verdict;
  out.answer = std::move(answer);
  out.remedy = std::move(remedy);
  if (verdict != Verdict::pass) out.reason = "found";
  return out;
}

}  // namespace

std::string_view words_of(Cause cause) {
  constexpr std::string_view kWords[] = {
      "nothing",
      "its plan became another one",
      "it waits for locks of other sessions",
      "it waits for blocks to be read",
      "each execution has more to do than before",
      "it is called more often",
      "it waits for a core: more is to be done at once than the machine can",
      "it needs a processor, or waits for one"};
  return kWords[static_cast<int>(cause)];
}

const TriagedStatement* suspect_of(const TriageInput& input) {
  const TriagedStatement* out = nullptr;
  double most = 0;
  for (const TriagedStatement& each : input.statements) {
    const double grown = rate(each.after, input.seconds_after) - rate(each.before, input.seconds_before);
    if (grown <= most || each.statement.own) continue;
    most = grown;
    out = &each;
  }
  return out;
}

Triage triage(const TriageInput& input) {
  Triage out;
  const Counters before = sum_of(input, false), after = sum_of(input, true);
  out.mean_before = mean_exec_ms(before);
  out.mean_after = mean_exec_ms(after);
  out.active_before = rate(before, input.seconds_before);
  out.active_after = rate(after, input.seconds_after);
  out.active_without = out.active_after;
  const bool slow = ratio(out.mean_after, out.mean_before) >= kSlower ||
                    ratio(out.active_after, out.active_before) >= kManyTimes;
  out.steps.push_back(step("surface", "did statements become slower?", slow ? Verdict::fail : Verdict::pass,
                           fmt::format("{} → {} a statement, {:.2f} → {:.2f} executing at the same time",
                                       text_of_ms(out.mean_before), text_of_ms(out.mean_after),
                                       out.active_before, out.active_after)));
  const TriagedStatement* const suspect = suspect_of(input);
  if (!slow || suspect == nullptr) return out;
  out.verdict = Verdict::fail;
  const double grown =
      rate(suspect->after, input.seconds_after) - rate(suspect->before, input.seconds_before);
  const double all_grown = out.active_after - out.active_before;
  out.active_without = out.active_after - grown;
  out.is_single = grown >= kSingle * all_grown;
  out.steps.push_back(
      step("attribute", "which statement?", Verdict::fail,
           fmt::format("{} of what was added is {}: {} → {} a call, {:.1f} → {:.1f} calls a second",
                       text_of_share(std::min(1.0, grown / all_grown)), one_line(suspect->statement.sql),
                       text_of_ms(mean_exec_ms(suspect->before)), text_of_ms(mean_exec_ms(suspect->after)),
                       calls_rate(suspect->before, input.seconds_before),
                       calls_rate(suspect->after, input.seconds_after)),
           "signalbox queries show " + suspect->statement.fingerprint));
  out.cause = cause_of(input, *suspect);
  if (input.flips.empty()) {
    out.steps.push_back(
        step("inspect", "did its plan change?", input.diagnoses.empty() ? Verdict::pass : Verdict::warn,
             input.diagnoses.empty()
                 ? "no other plan was seen"
                 : "not that it was seen; but of its plan: " + input.diagnoses.front().message));
  } else {
    const PlanFlip& flip = input.flips.back();
    out.steps.push_back(
        step("inspect", "did its plan change?", Verdict::fail,
             fmt::format("at {} it became another: {} → {}{}", to_rfc3339(flip.at),
                         text_of_ms(flip.before_ms), text_of_ms(flip.after_ms),
                         input.diagnoses.empty() ? "" : "; " + input.diagnoses.front().message),
             fmt::format("signalbox queries plan diff {} {}", flip.before_id, flip.after_id)));
  }
  const double locks = share_of(input.waits, "Lock"), io = share_of(input.waits, "IO"),
               queued = share_of(input.waits, kRunQueue);
  std::string contention =
      input.waits.empty() ? "no session was seen at work"
                          : fmt::format("of the time of sessions {} for locks, {} for reads and writes, {}",
                                        text_of_share(locks), text_of_share(io),
                                        input.processor.not_told.empty()
                                            ? text_of_share(queued) + " for a core"
                                            : "for a core is not told: " + input.processor.not_told);
  if (out.cause == Cause::locks && !input.blocked.empty()) {
    const BlockedSession& root = input.blocked[blocking_tree(input.blocked).front().session];
    contention += fmt::format("; pid {} ({}, {}) is in the way: {}", root.session.pid, root.session.state,
                              text_of_ms(root.session.transaction_s * 1000), one_line(root.session.sql));
  }
  out.steps.push_back(
      step("contention", "does it wait for others?",
           locks >= kMostOfIt || io >= kMostOfIt || queued >= kStarved ? Verdict::fail : Verdict::pass,
           std::move(contention), locks >= kMostOfIt ? "signalbox queries locks" : ""));
  out.steps.push_back(step(
      "verdict", "one statement, or all of them?", Verdict::fail,
      out.is_single
          ? fmt::format("one: without what it added {:.2f} would execute at the same time, {:.2f} did before",
                        out.active_without, out.active_before)
          : fmt::format("several: without what it added {:.2f} would still execute at the same time, {:.2f} "
                        "did before",
                        out.active_without, out.active_before)));
  return out;
}

Report triage_report(const Triage& triage, const TriageInput& input, const KeptServer& server) {
  Report report;
  report.instrument = "queries";
  report.title = "What is wrong with " + server.name;
  report.verdict = triage.verdict;
  report.summary = triage.verdict == Verdict::pass
                       ? "nothing became slow"
                       : fmt::format("{}: {}", triage.is_single ? "one statement" : "several statements",
                                     words_of(triage.cause));
  report.checks = triage.steps;
  for (const Diagnosis& each : input.diagnoses) {
    if (triage.verdict == Verdict::pass) break;
    report.findings.push_back(
        {"queries/" + each.code, Severity::warning, each.message, std::nullopt, each.remedy});
  }
  if (triage.cause == Cause::locks && !input.blocked.empty()) {
    const BlockedSession& root = input.blocked[blocking_tree(input.blocked).front().session];
    report.findings.push_back(
        {"queries/lock_bound", Severity::warning,
         fmt::format("pid {} holds a transaction open that others wait for", root.session.pid), std::nullopt,
         fmt::format("SELECT pg_terminate_backend({});  -- when it is the same session still",
                     root.session.pid)});
  }
  if (triage.cause == Cause::run_queue) {
    const ProcessorUse& use = input.processor;
    report.findings.push_back(
        {"queries/cpu_starved", Severity::warning,
         fmt::format("{:.1f} sessions ran and {:.1f} waited for a core, of {}", use.running, use.queued,
                     counted(static_cast<std::uint64_t>(use.cores), "core")),
         std::nullopt,
         fmt::format(
             "let no more than about {} be at work at once (a pool before the server), or give it more "
             "cores; who takes them: signalbox queries ash --by query",
             counted(static_cast<std::uint64_t>(use.cores), "session"))});
  }
  const TriagedStatement* const suspect = suspect_of(input);
  Json flips = Json::array();
  for (const PlanFlip& each : input.flips) {
    flips.push_back(Json::object({{"at", to_rfc3339(each.at)},
                                  {"before_id", each.before_id},
                                  {"after_id", each.after_id},
                                  {"before_ms", each.before_ms},
                                  {"after_ms", each.after_ms}}));
  }
  report.data = Json::object({{"cause", words_of(triage.cause)},
                              {"single", triage.is_single},
                              {"processor", processor_json(input.processor)},
                              {"active_before", triage.active_before},
                              {"active_after", triage.active_after},
                              {"active_without", triage.active_without},
                              {"mean_before_ms", triage.mean_before},
                              {"mean_after_ms", triage.mean_after},
                              {"flips", std::move(flips)},
                              {"blocked", blocking_json(input.blocked)},
                              {"fingerprint", suspect == nullptr || triage.verdict == Verdict::pass
                                                  ? Json()
                                                  : Json(suspect->statement.fingerprint)}});
  return report;
}

Result<TriageInput> read_triage(store::Database& database, std::int64_t server, const Span& before,
                                const Span& after, const CatalogSource& catalog) {
  KeptStatements kept(database);
  KeptSessions sessions(database);
  TriageInput out;
  out.before_span = before;
  out.after_span = after;
  std::map<std::int64_t, TriagedStatement> statements;
  for (const bool is_after : {false, true}) {
    const Span& span = is_after ? after : before;
    SIGNALBOX_TRY(const SpanTotals totals, kept.totals(server, span));
    if (totals.since_reset || totals.windows == 0) continue;
    (is_after ? out.seconds_after : out.seconds_before) =
        std::chrono::duration<double>(totals.covered).count();
    SIGNALBOX_TRY(const auto sums, kept.sums(server, span));
    for (const StatementSum& each : sums) {
      if (!each.statement.key.toplevel) continue;
      TriagedStatement& statement = statements[each.statement.id];
      statement.statement = each.statement;
      (is_after ? statement.after : statement.before) = each.counters;
    }
  }
  if (out.seconds_before <= 0 || out.seconds_after <= 0) {
    return fail(ErrorKind::not_found, "the server was not watched long enough before and after",
                "signalbox queries watch; --recent TIME sets where before ends");
  }
  for (auto& [id, statement] : statements) out.statements.push_back(std::move(statement));
  SIGNALBOX_TRY(out.waits, sessions.shares(server, after, SessionDimension::wait));
  SIGNALBOX_TRY(out.processor, sessions.processor(server, after));
  const TriagedStatement* const suspect = suspect_of(out);
  if (suspect == nullptr) return out;
  SIGNALBOX_TRY(out.suspect_waits,
                sessions.shares(server, after, SessionDimension::wait, suspect->statement.key.queryid));
  KeptPlans plans(database);
  // A plan that stays is kept seldom: which one it was before may be told by an older sample.
  const Span both{before.since - std::chrono::hours(24), after.until};
  SIGNALBOX_TRY(const auto samples,
                plans.list(server, {suspect->statement.key.queryid}, suspect->statement.fingerprint, both));
  for (const PlanFlip& each : flips_of(samples)) {
    if (each.at > after.since - std::chrono::seconds(30)) out.flips.push_back(each);
  }
  if (!samples.empty()) {
    SIGNALBOX_TRY(const PlanSample newest, plans.find(server, samples.back().id));
    if (const auto plan = read_plan(newest.plan)) {
      PlanCatalog known;
      if (catalog) {
        SIGNALBOX_TRY(known, catalog(*plan));
      }
      out.diagnoses = diagnose(*plan, known);
    }
  }
  SIGNALBOX_TRY(const auto moments, sessions.blocked_moments(server, after, 1));
  if (!moments.empty()) {
    SIGNALBOX_TRY(out.blocked, sessions.blocked_at(server, moments.back()));
  }
  return out;
}

}  // namespace signalbox::queries
