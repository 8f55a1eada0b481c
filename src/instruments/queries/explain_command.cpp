#include <algorithm>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/explain/explain.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

using How = ExplainRequest::How;

constexpr std::chrono::seconds kUsualTimeout{5};
constexpr std::size_t kMostSamples = 15;

// A queryid or a fingerprint; no SQL looks so.
bool is_key(std::string_view text) {
  const bool number = text.size() > 1 && text.find_first_not_of("0123456789", text.front() == '-' ? 1 : 0) ==
                                             std::string_view::npos;
  const bool fingerprint =
      (text.size() == 16 || (text.size() == 17 && text.front() == 'x')) &&
      text.substr(text.size() - 16).find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return number || fingerprint;
}

double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// What the statement is used to, by the plans of it that were kept.
Result<PlanSurroundings> usual_of(const Asked& asked, const KeptStatement& statement) {
  KeptPlans plans(*asked.database);
  const Span span{asked.span.until - std::chrono::hours(24), asked.span.until};
  SIGNALBOX_TRY(const auto samples,
                plans.list(asked.server.id, {statement.key.queryid}, statement.fingerprint, span));
  std::vector<double> times, reads;
  for (auto each = samples.rbegin(); each != samples.rend() && times.size() < kMostSamples; ++each) {
    SIGNALBOX_TRY(const PlanSample sample, plans.find(asked.server.id, each->id));
    const auto plan = read_plan(sample.plan);
    if (!plan || !plan->was_measured()) continue;
    times.push_back(sample.duration_ms);
    reads.push_back(plan->nodes.front().buffers.shared_read);
  }
  PlanSurroundings out;
  if (times.empty()) return out;
  out.usual_ms = middle(std::move(times));
  out.usual_read_blocks = middle(std::move(reads));
  return out;
}

Status take_kept(const std::string& key, const cli::Arguments& arguments, cli::Context& context,
                 ExplainRequest& request) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const auto statements, KeptStatements(*asked.database).find(asked.server.id, key));
  request.sql = statements.front().sql;
  if (request.sql.empty())
    return fail(ErrorKind::not_found, printable(key) + ": its text is hidden from who watches");
  SIGNALBOX_TRY(request.usual, usual_of(asked, statements.front()));
  return {};
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  ExplainRequest request;
  if (arguments.has("--analyze") && arguments.has("--generic")) {
    return fail(ErrorKind::bad_input, "--analyze and --generic: what is executed has values");
  }
  request.how = arguments.has("--analyze")   ? How::executed
                : arguments.has("--generic") ? How::generic
                                             : How::planned;
  request.may_write = arguments.has("--allow-write");
  if (request.may_write && request.how != How::executed)
    return fail(ErrorKind::bad_input, "--allow-write: nothing is executed without --analyze");
  SIGNALBOX_TRY(request.timeout,
                duration_of(arguments, "--timeout", kUsualTimeout, std::chrono::milliseconds(1)));
  if (const auto values = arguments.get("--params")) {
    SIGNALBOX_TRY(request.values, sql_values(*values));
  }
  const std::string given = *arguments.positional(0);
  if (given == "-") {
    request.sql = std::string(std::istreambuf_iterator<char>(std::cin), {});
  } else if (is_key(given)) {
    SIGNALBOX_CHECK(take_kept(given, arguments, context, request));
  } else {
    request.sql = given;
  }
  SIGNALBOX_TRY(const Explained explained, explain(dsn_of(arguments), request));
  return explain_report(explained, request);
}

}  // namespace

cli::Command explain_command() {
  cli::Command out;
  out.name = "explain";
  out.summary = "Ask a server for the plan of a statement, and say what is wrong with it";
  out.details =
      "Without --analyze the statement is planned, not executed. With it, it is executed in a transaction "
      "that only "
      "reads and is rolled back; what writes, locks rows, or calls a function that may do anything "
      "(volatile) is "
      "refused. It ends after --timeout, or after waiting 200 ms for a lock. What is found rests on the "
      "server's "
      "catalogue too, and on how long the session waited for locks and for a processor meanwhile.";
  out.positionals = {{"STATEMENT",
                      "SQL, - for standard input, or the queryid or fingerprint of one that is kept",
                      cli::Positional::Count::one}};
  out.options = {dsn_option(),
                 {"--analyze", "", "executes it, and measures", {}, false},
                 {"--allow-write",
                  "",
                  "with --analyze: also what writes; it is rolled back, numbers of sequences stay used",
                  {},
                  false},
                 {"--generic", "", "the plan for all values of $1, $2 …", {}, false},
                 {"--params", "JSON", "their values: '[42, \"open\", null]'", {}, false},
                 {"--timeout", "TIME", "how long it may take; 5s by default", {}, false},
                 {"--server", "NAME", "whose statement a key is of, where several are watched", {}, false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
