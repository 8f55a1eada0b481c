// Top of a span, beside the span before it.
#include <algorithm>
#include <limits>
#include <map>

#include "instruments/queries/analysis/top.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kTrendParts = 12;

// What a row is of, in every span.
std::string name_of_group(const TopRow& row, TopKey key) {
  if (key == TopKey::fingerprint && !row.fingerprint.empty()) return row.fingerprint;
  return std::to_string(row.statements.front());
}

void add_ranks(Top& top, const Top& before) {
  std::map<std::string, std::size_t> ranks;
  for (std::size_t i = 0; i < before.rows.size(); ++i)
    ranks.emplace(name_of_group(before.rows[i], top.options.key), i + 1);
  for (TopRow& row : top.rows) {
    const auto found = ranks.find(name_of_group(row, top.options.key));
    row.rank_before = found == ranks.end() ? 0 : found->second;
  }
}

}  // namespace

std::vector<double> trend_of(const std::vector<KeptStatements::Step>& steps, const TopRow& row,
                             const Span& span, std::size_t parts) {
  std::vector<double> out(parts, 0.0);
  const auto length = static_cast<double>((span.until - span.since).count());
  for (const KeptStatements::Step& step : steps) {
    if (std::find(row.statements.begin(), row.statements.end(), step.statement) == row.statements.end())
      continue;
    // A window counts where it ended: after `since`, so the first part is open at its beginning.
    const auto at = static_cast<double>((step.ended - span.since).count() - 1);
    const auto part = static_cast<std::size_t>(std::max(0.0, at * static_cast<double>(parts) / length));
    out[std::min(part, parts - 1)] += step.total_exec_ms;
  }
  return out;
}

Result<Top> ranked(KeptStatements& kept, std::int64_t server, const Span& span, const TopOptions& options) {
  SIGNALBOX_TRY(const auto sums, kept.sums(server, span));
  Top out = top_of(sums, options);
  SIGNALBOX_TRY(const SpanTotals totals, kept.totals(server, span));
  if (totals.since_reset || totals.windows == 0) return out;

  const Span before{span.since - (span.until - span.since), span.since};
  SIGNALBOX_TRY(const SpanTotals totals_before, kept.totals(server, before));
  if (totals_before.windows > 0 && !totals_before.since_reset) {
    TopOptions all = options;
    all.rows = std::numeric_limits<std::size_t>::max();
    SIGNALBOX_TRY(const auto sums_before, kept.sums(server, before));
    add_ranks(out, top_of(sums_before, all));
  }

  std::vector<std::int64_t> shown;
  for (const TopRow& row : out.rows) shown.insert(shown.end(), row.statements.begin(), row.statements.end());
  SIGNALBOX_TRY(const auto steps, kept.steps(server, shown, span));
  const Span watched{std::max(span.since, totals.began), totals.ended};
  for (TopRow& row : out.rows) row.trend = trend_of(steps, row, watched, kTrendParts);
  return out;
}

}  // namespace signalbox::queries
