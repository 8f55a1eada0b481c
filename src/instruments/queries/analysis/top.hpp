// Which statements cost most, and how much all the others did: the rows add up to what the server counted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

enum class TopOrder { total, mean, calls, p95, rows, read, temp, wal, plan };
std::string_view name_of(TopOrder order);
std::optional<TopOrder> top_order_from(std::string_view name);
std::vector<std::string> top_order_names();

// What rows are of.
enum class TopKey { queryid, fingerprint };

struct TopOptions {
  TopOrder order = TopOrder::total;
  TopKey key = TopKey::queryid;
  std::size_t rows = 20;
  bool nested = false;  // statements inside functions too; their time is in their callers' as well
};

struct TopRow {
  std::string fingerprint;
  std::vector<std::int64_t> queryids;  // without 0; several where rows are of fingerprints
  std::string database;                // empty where the row is of several
  std::string role;
  std::string sql;
  bool toplevel = true;
  bool partial = false;
  std::vector<std::int64_t> statements;  // of the store
  Counters counters;
  // Where it stood in the span of the same length before; 0: it was not there, nullopt: nothing is known of
  // that span.
  std::optional<std::size_t> rank_before;
  std::vector<double> trend;  // execution time in milliseconds, in equal parts of the span
};

struct Top {
  TopOptions options;
  std::vector<TopRow> rows;
  Counters other;  // of all statements that are not in rows
  Counters own;    // of them, those of a watch itself, which have no row
  std::size_t others = 0;
  Counters all;
};

// What `order` sorts by: milliseconds, counts, blocks, octets.
double value_of(const Counters& counters, TopOrder order);

// Rows with the greatest values first; of equals the one with more total time, then the smaller id.
Top top_of(const std::vector<StatementSum>& sums, const TopOptions& options);

// Top of a span with trends and the ranks of the span before it.
Result<Top> ranked(KeptStatements& kept, std::int64_t server, const Span& span, const TopOptions& options);
// Sums of `steps` of a row's statements in `parts` equal parts of the span.
std::vector<double> trend_of(const std::vector<KeptStatements::Step>& steps, const TopRow& row,
                             const Span& span, std::size_t parts);

Report top_report(const Top& top, const KeptServer& server, const SpanTotals& span,
                  const ProcessorUse& processor);
Json to_json(const Counters& counters);

// "of the last 5m 20s", "since the counters were reset at …": what the figures are of, in words.
std::string words_of(const SpanTotals& span);

}  // namespace signalbox::queries
