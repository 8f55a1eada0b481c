#include "instruments/queries/watch/statement_collector.hpp"

namespace signalbox::queries {

Result<StatementCollector> StatementCollector::open(ServerLink& link, store::Database& database,
                                                    std::string_view server_name) {
  SIGNALBOX_TRY(StatementReader reader, StatementReader::open(link));
  StatementCollector out(std::move(reader), database);
  SIGNALBOX_TRY(out.server_, out.kept_.server(server_name, link.identity()));
  SIGNALBOX_TRY(out.last_, out.kept_.last(out.server_.id));
  return out;
}

Result<StatementCycle> StatementCollector::cycle() {
  SIGNALBOX_TRY(const StatementReading reading, reader_.read());
  StatementCycle out;
  out.statements = reading.statements.size();
  out.is_first = last_.is_first;
  out.dropped = reading.dealloc - (last_.is_first ? 0 : last_.dealloc);
  out.span = last_.is_first ? Duration(0) : reading.at - last_.at;
  std::vector<StatementKey> fresh;
  for (const auto& [key, counters] : reading.statements) {
    if (!last_.statements.contains(key)) fresh.push_back(key);
  }
  out.added = fresh.size();
  SIGNALBOX_TRY(const auto names, reader_.names(fresh));
  SIGNALBOX_TRY(const KeptStatements::Written written, kept_.write(server_.id, last_, reading, names));
  out.changed = written.changed;
  out.partial = written.partial;
  out.reset = written.reset;
  out.sum = written.sum;
  for (const auto& [key, counters] : written.deltas) {
    if (!key.toplevel) continue;  // its time is in its caller's
    const LastReading::Seen& seen = last_.statements.at(key);
    (seen.own ? out.own : out.by_label[{seen.database, seen.role, key.queryid}]) += counters;
  }
  return out;
}

}  // namespace signalbox::queries
