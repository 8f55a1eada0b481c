// Judging a release by what its statements take: compare, and snapshot, which freezes a side of it.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/statement.hpp"
#include "core/recording/recording.hpp"
#include "core/recording/subjects.hpp"
#include "instruments/queries/analysis/regression_evidence.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/server_subject.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxSnapshotBytes = std::size_t{256} << 20;

std::string words_of(const Span& span) {
  return to_rfc3339(span.since) + " to " + to_rfc3339(span.until);
}

Result<double> factor_of(const cli::Arguments& arguments, std::string_view option, double usual, double least,
                         double most) {
  const auto given = arguments.get(option);
  if (!given) return usual;
  char* end = nullptr;
  const double value = std::strtod(given->c_str(), &end);
  if (end == given->c_str() || *end != '\0' || !(value >= least && value <= most))
    return fail(ErrorKind::bad_input,
                fmt::format("{} {}: is no number from {} to {}", option, printable(*given), least, most));
  return value;
}

// A side of the comparison: a file that `snapshot` wrote, or a span of the store.
class Sides {
 public:
  Sides(const cli::Arguments& arguments, const cli::Context& context)
      : arguments_(arguments), context_(context) {}

  Result<ComparedSide> read(std::string_view option) {
    const std::string text = arguments_.get_or(option, "");
    if (text.empty()) {
      return fail(ErrorKind::bad_input, fmt::format("{} is missing", option),
                  "compare --baseline 2h/1h --candidate 30m/0m");
    }
    std::error_code error;
    if (std::filesystem::is_regular_file(text, error)) {
      SIGNALBOX_TRY(const std::string octets, read_file(text, kMaxSnapshotBytes));
      auto side = parse_snapshot(octets);
      if (!side) return fail_in(text, std::move(side).error());
      return side;
    }
    SIGNALBOX_TRY(const Span span, span_of(text, option, context_.clock.now()));
    if (database_ == nullptr) {
      SIGNALBOX_TRY(database_, open_kept_store(context_.workspace, context_.store));
      SIGNALBOX_TRY(server_, KeptStatements(*database_).find_server(arguments_.get_or("--server", "")));
    }
    return read_side(*database_, server_, span);
  }

 private:
  const cli::Arguments& arguments_;
  const cli::Context& context_;
  std::unique_ptr<store::Database> database_;
  KeptServer server_;
};

Status record(const cli::Arguments& arguments, cli::Context& context, Json predicate,
              const ComparedSide& side, Report& report) {
  evidence::Statement statement;
  SIGNALBOX_TRY(statement.subjects, recording::subjects_of(arguments.all("--subject"), context.workspace));
  add_server(statement, side.server, side.system_identifier);
  statement.predicate_type = kRegressionPredicate;
  statement.predicate = std::move(predicate);
  return recording::record_statement(std::move(statement), context, report);
}

Result<CompareOptions> options_of(const cli::Arguments& arguments) {
  CompareOptions out;
  SIGNALBOX_TRY(out.max_mean_ratio, factor_of(arguments, "--max-mean-ratio", out.max_mean_ratio, 1, 1'000));
  SIGNALBOX_TRY(out.max_total_ratio,
                factor_of(arguments, "--max-total-ratio", out.max_total_ratio, 1, 1'000));
  SIGNALBOX_TRY(out.least_share, factor_of(arguments, "--min-share", out.least_share, 0, 1));
  SIGNALBOX_TRY(out.fdr, factor_of(arguments, "--fdr", out.fdr, 0.000001, 0.5));
  SIGNALBOX_TRY(const std::size_t calls, count_of(arguments, "--min-calls", 30, 1'000'000'000));
  out.least_calls = static_cast<std::int64_t>(calls);
  return out;
}

Result<cli::Outcome> run_compare(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const CompareOptions options, options_of(arguments));
  Sides sides(arguments, context);
  SIGNALBOX_TRY(const ComparedSide before, sides.read("--baseline"));
  SIGNALBOX_TRY(const ComparedSide after, sides.read("--candidate"));
  const ComparisonInput input = compared(before, after);
  const Comparison comparison = compare(input, options);
  Report report = compare_report(comparison, input, words_of(before.span), words_of(after.span));
  if (context.record) {
    SIGNALBOX_CHECK(record(arguments, context,
                           regression_predicate(comparison, input, before, after, options), after, report));
  }
  return report;
}

Result<cli::Outcome> run_snapshot(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const ComparedSide side, read_side(*asked.database, asked.server, asked.span));
  if (side.statements.empty())
    return fail(ErrorKind::not_found, "nothing was watched from " + words_of(asked.span),
                "--since and --until say of when");
  return cli::Artifact{write_snapshot(side)};
}

}  // namespace

cli::Command compare_command() {
  cli::Command out;
  out.name = "compare";
  out.summary = "Judge whether statements became slower from one span of time to another";
  out.details =
      "By fingerprint, so that it holds across releases. A statement is slower when its mean surely grew (a "
      "permutation test of blocks "
      "of time, adjusted for many statements) by a fifth and half a millisecond; statements that are new, "
      "read twice the blocks a call, "
      "or are called twice as often a transaction, are told too. Exit 1 on a regression, and when there is "
      "too little to judge by. --record leaves https://signalbox.dev/queries/regression/v1, which a gate of "
      "a "
      "train asks for.";
  out.options = {{"--server", "NAME", "which of several that are watched", {}, false},
                 {"--baseline",
                  "SPAN",
                  "TIME/TIME, each RFC 3339 or so long ago, as 2h/1h; or a file of `snapshot`",
                  {},
                  false},
                 {"--candidate", "SPAN", "what is judged, likewise", {}, false},
                 {"--max-mean-ratio", "X", "1.2 by default", {}, false},
                 {"--max-total-ratio", "X", "1.3 by default", {}, false},
                 {"--min-calls", "N", "on each side, to be judged; 30 by default", {}, false},
                 {"--min-share", "X", "of all time, to matter; 0.005 by default", {}, false},
                 {"--subject",
                  "SUBJECT",
                  "with --record, the release: git:REF, a file, or NAME=ALG:HEX; the commit that is checked "
                  "out by default",
                  {},
                  true},
                 {"--fdr", "Q", "how many of those found may be false; 0.05 by default", {}, false}};
  out.run = run_compare;
  return out;
}

cli::Command snapshot_command() {
  cli::Command out;
  out.name = "snapshot";
  out.summary = "Freeze a span of time as a file that compare reads";
  out.details =
      "JSON lines: the span, then each statement by its fingerprint, without constants, with what it did and "
      "the shape of its plan. It outlives what the store keeps, and is compared with another server's span "
      "as "
      "well.";
  out.options = kept_options();
  out.formats = {"jsonl"};
  out.run = run_snapshot;
  return out;
}

}  // namespace signalbox::queries
