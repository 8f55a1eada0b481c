#include "instruments/queries/analysis/statement_story.hpp"

#include <algorithm>

namespace signalbox::queries {

Result<StatementStory> read_story(store::Database& database, std::int64_t server, std::string_view key,
                                  const Span& span) {
  KeptStatements kept(database);
  StatementStory out;
  SIGNALBOX_TRY(out.statements, kept.find(server, key));
  std::vector<std::int64_t> ids;
  for (const KeptStatement& each : out.statements) ids.push_back(each.id);
  SIGNALBOX_TRY(out.span, kept.totals(server, span));
  SIGNALBOX_TRY(const auto sums, kept.sums(server, span));
  for (const StatementSum& each : sums) {
    if (std::find(ids.begin(), ids.end(), each.statement.id) != ids.end()) out.sum += each.counters;
    if (each.statement.key.toplevel) out.everything += each.counters;
  }
  SIGNALBOX_TRY(out.history, kept.history(server, ids, span));
  std::vector<std::int64_t> query_ids;
  for (const KeptStatement& each : out.statements) query_ids.push_back(each.key.queryid);
  // A plan that stays is kept seldom: which one it was before may be told by an older sample.
  const Span of_plans{span.since - std::chrono::hours(24), span.until};
  SIGNALBOX_TRY(out.plans,
                KeptPlans(database).list(server, query_ids, out.statements.front().fingerprint, of_plans));
  SIGNALBOX_TRY(out.waits,
                KeptSessions(database).shares(server, span, SessionDimension::event, query_ids.front()));
  return out;
}

}  // namespace signalbox::queries
