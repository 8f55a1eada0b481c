#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/regression.hpp"
#include "instruments/queries/analysis/triage.hpp"
#include "instruments/queries/commands.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::minutes kUsualRecent{5};
constexpr std::chrono::minutes kUsualBefore{30};

Result<cli::Outcome> run_triage(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const Duration recent,
                duration_of(arguments, "--recent", kUsualRecent, std::chrono::seconds(2)));
  SIGNALBOX_TRY(const Duration earlier,
                duration_of(arguments, "--before", kUsualBefore, std::chrono::seconds(2)));
  const Span after{asked.span.until - recent, asked.span.until};
  const Span before{after.since - earlier, after.since};
  SIGNALBOX_TRY(const TriageInput input, read_triage(*asked.database, asked.server.id, before, after));
  return triage_report(triage(input), input, asked.server);
}

// "TIME/TIME": each RFC 3339, or so long ago.
Result<Span> span_of(const cli::Arguments& arguments, std::string_view option, Time now) {
  const std::string text = arguments.get_or(option, "");
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos)
    return fail(ErrorKind::bad_input, fmt::format("{} {}: is no span", option, printable(text)),
                "for example 2h/1h, or two RFC 3339 times with / between");
  Span out;
  SIGNALBOX_TRY(out.since, time_of(text.substr(0, slash), option, now));
  SIGNALBOX_TRY(out.until, time_of(text.substr(slash + 1), option, now));
  if (out.since >= out.until)
    return fail(ErrorKind::bad_input, fmt::format("{} {}: ends before it begins", option, printable(text)));
  return out;
}

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

Result<cli::Outcome> run_compare(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  const Time now = context.clock.now();
  SIGNALBOX_TRY(const Span before, span_of(arguments, "--baseline", now));
  SIGNALBOX_TRY(const Span after, span_of(arguments, "--candidate", now));
  CompareOptions options;
  SIGNALBOX_TRY(options.max_mean_ratio,
                factor_of(arguments, "--max-mean-ratio", options.max_mean_ratio, 1, 1'000));
  SIGNALBOX_TRY(options.max_total_ratio,
                factor_of(arguments, "--max-total-ratio", options.max_total_ratio, 1, 1'000));
  SIGNALBOX_TRY(options.fdr, factor_of(arguments, "--fdr", options.fdr, 0.000001, 0.5));
  SIGNALBOX_TRY(const std::size_t calls, count_of(arguments, "--min-calls", 30, 1'000'000'000));
  options.least_calls = static_cast<std::int64_t>(calls);
  SIGNALBOX_TRY(const ComparisonInput input,
                read_comparison(*asked.database, asked.server.id, before, after));
  return compare_report(compare(input, options), input, words_of(before), words_of(after));
}

}  // namespace

cli::Command triage_command() {
  cli::Command out;
  out.name = "triage";
  out.summary = "Walk from `it became slow` to the statement, the reason and the remedy";
  out.details =
      "Compares the last minutes with those before: which statement made the difference, whether its plan "
      "changed, what it waits "
      "for, whether it is one statement or all of them, and what to do. Exit 1 where something became slow.";
  out.options = {{"--server", "NAME", "which of several that are watched", {}, false},
                 {"--until", "TIME", "as it was then, instead of now", {}, false},
                 {"--recent", "TIME", "how long the last minutes are; 5m by default", {}, false},
                 {"--before", "TIME", "how long what they are compared with is; 30m by default", {}, false}};
  out.run = run_triage;
  return out;
}

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
      "too little to judge by.";
  out.options = {{"--server", "NAME", "which of several that are watched", {}, false},
                 {"--baseline", "TIME/TIME", "from and to: RFC 3339, or so long ago as 2h/1h", {}, false},
                 {"--candidate", "TIME/TIME", "the span that is judged", {}, false},
                 {"--max-mean-ratio", "X", "1.2 by default", {}, false},
                 {"--max-total-ratio", "X", "1.3 by default", {}, false},
                 {"--min-calls", "N", "on each side, to be judged; 30 by default", {}, false},
                 {"--fdr", "Q", "how many of those found may be false; 0.05 by default", {}, false}};
  out.run = run_compare;
  return out;
}

}  // namespace signalbox::queries
