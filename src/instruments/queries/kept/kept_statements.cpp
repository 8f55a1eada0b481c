#include "instruments/queries/kept/kept_statements.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/sql/fingerprint.hpp"

namespace signalbox::queries {
namespace {

using store::Row;
using store::Value;

constexpr std::string_view kInterval = "interval";
constexpr std::string_view kSinceReset = "since reset";
constexpr std::string_view kInSpan = "w.server = ? and w.ended_ms > ? and w.ended_ms <= ?";

std::int64_t ms(Time time) {
  return time.time_since_epoch().count();
}
Time time_of(std::int64_t milliseconds) {
  return Time(Duration(milliseconds));
}

void append(std::vector<Value>& values, const Counters& counters) {
  for (const CountColumn& column : kCountColumns) values.emplace_back(counters.*column.field);
  for (const TimeColumn& column : kTimeColumns) values.emplace_back(counters.*column.field);
}

Counters counters_of(const Row& row, std::size_t first) {
  Counters out;
  for (const CountColumn& column : kCountColumns) out.*column.field = row.integer(first++);
  for (const TimeColumn& column : kTimeColumns) out.*column.field = row.real(first++);
  return out;
}

std::vector<std::string> names_of_columns(std::vector<std::string> first) {
  for (const CountColumn& column : kCountColumns) first.emplace_back(column.name);
  for (const TimeColumn& column : kTimeColumns) first.emplace_back(column.name);
  return first;
}

std::string questions(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

// All executions that a reading adds up, for windows whose statements are summed: Σ S²/n, from which the
// squares about the common mean follow.
constexpr std::string_view kMeanSquares =
    "sum(case when d.calls > 0 then d.total_exec_ms * d.total_exec_ms / d.calls else 0 end)";

// Sums of a group with `mean_squares`; the squares are those about the mean of the whole group.
Counters grouped(const Row& row, std::size_t first, double mean_squares) {
  Counters out = counters_of(row, first);
  if (out.calls > 0) {
    out.exec_m2_ms2 +=
        std::max(0.0, mean_squares - out.total_exec_ms * out.total_exec_ms / static_cast<double>(out.calls));
  }
  return out;
}

constexpr std::string_view kStatementColumns =
    "s.id, s.userid, s.dbid, s.queryid, s.toplevel, s.role_name, s.database_name, s.fingerprint, s.sql_text, "
    "s.own";
constexpr std::size_t kStatementColumnCount = 10;

KeptStatement statement_of(const Row& row) {
  return {row.integer(0),     {row.integer(1), row.integer(2), row.integer(3), row.integer(4) != 0},
          row.text(5),        row.text(6),
          row.text(7),        row.text(8),
          row.integer(9) != 0};
}

bool is_own(std::string_view sql) {
  return sql.ends_with(kOwnMark);
}

std::string list_of(const std::vector<std::int64_t>& ids) {
  return fmt::format("{}", fmt::join(ids, ", "));
}

}  // namespace

Result<std::int64_t> KeptStatements::next_id(std::string_view table) {
  SIGNALBOX_TRY(const auto rows,
                database_.query(fmt::format("select coalesce(max(id), 0) + 1 from {}", table)));
  return rows.at(0).integer(0);
}

Result<KeptServer> KeptStatements::server(std::string_view name, const ServerIdentity& identity) {
  KeptServer out{0, std::string(name), identity.address, identity.version, {}, identity.system_identifier};
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows,
                  database_.query("select id, system_identifier, seen_ms from queries_server "
                                  "where name = ?",
                                  {out.name}));
    if (rows.empty()) {
      SIGNALBOX_TRY(out.id, next_id("queries_server"));
      return database_.insert_many(
          "queries_server",
          {"id", "name", "system_identifier", "address", "version", "seen_ms", "stats_reset_ms", "dealloc"},
          {{out.id, out.name, identity.system_identifier, out.address, std::int64_t{out.version},
            std::int64_t{0}, std::int64_t{0}, std::int64_t{0}}});
    }
    out.id = rows[0].integer(0);
    out.seen = time_of(rows[0].integer(2));
    const std::string& kept = rows[0].text(1);
    if (!kept.empty() && !identity.system_identifier.empty() && kept != identity.system_identifier) {
      return fail(ErrorKind::conflict,
                  fmt::format("{} is the name of another server, whose files are not these", name),
                  "--server NAME gives this one its own");
    }
    SIGNALBOX_CHECK(database_.execute("update queries_server set address = ?, version = ? where id = ?",
                                      {out.address, std::int64_t{out.version}, out.id}));
    return {};
  }));
  return out;
}

Status KeptStatements::set_cores(std::int64_t server, int cores) {
  SIGNALBOX_CHECK(
      database_.execute("update queries_server set cores = ? where id = ?", {std::int64_t{cores}, server}));
  return {};
}

Result<std::vector<KeptServer>> KeptStatements::servers() {
  SIGNALBOX_TRY(
      const auto rows,
      database_.query(
          "select id, name, address, version, seen_ms, system_identifier, cores from queries_server "
          "order by name"));
  std::vector<KeptServer> out;
  for (const Row& row : rows) {
    out.push_back({row.integer(0), row.text(1), row.text(2), static_cast<int>(row.integer(3)),
                   time_of(row.integer(4)), row.text(5), static_cast<int>(row.integer(6))});
  }
  return out;
}

Result<KeptServer> KeptStatements::find_server(std::string_view name) {
  constexpr const char* kWatch = "signalbox queries watch --dsn postgresql://USER@HOST/DATABASE";
  SIGNALBOX_TRY(auto all, servers());
  if (all.empty()) return fail(ErrorKind::not_found, "no server was watched yet", kWatch);
  if (name.empty() && all.size() == 1) return std::move(all.front());
  std::vector<std::string> names;
  for (KeptServer& each : all) {
    if (each.name == name) return std::move(each);
    names.push_back(each.name);
  }
  if (name.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} servers are watched: {}", names.size(), join(names, ", ")),
                "--server NAME says which one");
  }
  return fail(ErrorKind::not_found, fmt::format("no server is called {}", printable(name)),
              "there are: " + join(names, ", "));
}

Result<LastReading> KeptStatements::last(std::int64_t server) {
  LastReading out;
  SIGNALBOX_TRY(
      const auto rows,
      database_.query("select seen_ms, stats_reset_ms, dealloc from queries_server where id = ?", {server}));
  if (rows.empty() || rows[0].integer(0) == 0) return out;
  out.is_first = false;
  out.at = time_of(rows[0].integer(0));
  out.stats_reset_ms = rows[0].integer(1);
  out.dealloc = rows[0].integer(2);
  constexpr std::size_t kKeyColumns = 8;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select s.userid, s.dbid, s.queryid, s.toplevel, s.id, s.database_name, s.role_name, "
                  "s.own, {} from "
                  "queries_statement s join "
                  "queries_last l on l.statement = s.id where s.server = ?",
                  counter_columns()),
      {server}, [&](const Row& row) {
        const StatementKey key{row.integer(0), row.integer(1), row.integer(2), row.integer(3) != 0};
        out.statements[key] = {row.integer(4), counters_of(row, kKeyColumns), row.text(5), row.text(6),
                               row.integer(7) != 0};
        return true;
      }));
  return out;
}

Result<ByStatement<std::int64_t>> KeptStatements::add_statements(std::int64_t server, const LastReading& last,
                                                                 const StatementReading& reading,
                                                                 const std::vector<StatementName>& names) {
  ByStatement<std::int64_t> added;
  ByStatement<const StatementName*> named;
  for (const StatementName& each : names) named.emplace(each.key, &each);
  std::vector<std::vector<Value>> rows;
  std::int64_t id = 0;
  for (const auto& [key, counters] : reading.statements) {
    if (last.statements.contains(key)) continue;
    if (id == 0) {
      SIGNALBOX_TRY(id, next_id("queries_statement"));
    }
    const auto found = named.find(key);
    const StatementName none;
    const StatementName& name = found == named.end() ? none : *found->second;
    StatementText text;
    if (!name.sql.empty()) text = read_statement(name.sql);
    rows.push_back({id, server, key.userid, key.dbid, key.queryid, std::int64_t{key.toplevel ? 1 : 0},
                    name.role, name.database, text.fingerprint, text.text,
                    std::int64_t{is_own(name.sql) ? 1 : 0}});
    added.emplace(key, id++);
  }
  SIGNALBOX_CHECK(database_.insert_many("queries_statement",
                                        {"id", "server", "userid", "dbid", "queryid", "toplevel", "role_name",
                                         "database_name", "fingerprint", "sql_text", "own"},
                                        rows));
  return added;
}

Status KeptStatements::put_last(std::int64_t statement, const Counters& counters) {
  std::string updates;
  for (const CountColumn& column : kCountColumns)
    updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", column.name, column.name);
  for (const TimeColumn& column : kTimeColumns)
    updates += fmt::format(", {} = excluded.{}", column.name, column.name);
  std::vector<Value> values{statement};
  append(values, counters);
  SIGNALBOX_CHECK(database_.execute(
      fmt::format(
          "insert into queries_last (statement, {}) values ({}) on conflict (statement) do update set {}",
          counter_columns(), questions(values.size()), updates),
      values));
  return {};
}

Result<KeptStatements::Written> KeptStatements::write(std::int64_t server, LastReading& last,
                                                      const StatementReading& reading,
                                                      const std::vector<StatementName>& names) {
  Written out;
  out.reset = !last.is_first && last.stats_reset_ms != reading.stats_reset_ms;
  const std::int64_t dropped = out.reset || last.is_first ? reading.dealloc : reading.dealloc - last.dealloc;
  const Continuity continuity = out.reset     ? Continuity::reset
                                : dropped > 0 ? Continuity::dropping
                                              : Continuity::whole;
  // A clock that was set back makes no window that ends before it began.
  const Time at = last.is_first ? reading.at : std::max(reading.at, last.at + Duration(1));
  std::vector<std::pair<StatementKey, LastReading::Seen>> seen_now;
  std::vector<std::vector<Value>> rows;
  const Status written = database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(out.window, next_id("queries_window"));
    SIGNALBOX_TRY(const auto added, add_statements(server, last, reading, names));
    for (const auto& [key, counters] : reading.statements) {
      const auto known = last.statements.find(key);
      const bool is_new = known == last.statements.end();
      if (!is_new && known->second.counters == counters && !out.reset) continue;
      const std::int64_t statement = is_new ? added.at(key) : known->second.statement;
      const Delta delta = delta_between(is_new ? nullptr : &known->second.counters, counters,
                                        last.is_first ? Continuity::whole : continuity);
      seen_now.emplace_back(key, LastReading::Seen{statement, counters, {}, {}, false});
      if (!is_new) {
        seen_now.back().second.database = known->second.database;
        seen_now.back().second.role = known->second.role;
        seen_now.back().second.own = known->second.own;
      }
      SIGNALBOX_CHECK(put_last(statement, counters));
      if (delta.counters == Counters{}) continue;
      out.sum += delta.counters;
      out.deltas.emplace_back(key, delta.counters);
      out.partial += delta.partial ? 1 : 0;
      rows.push_back({out.window, statement, std::int64_t{delta.partial ? 1 : 0}});
      append(rows.back(), delta.counters);
    }
    const std::int64_t began = last.is_first ? reading.stats_reset_ms : ms(last.at);
    SIGNALBOX_CHECK(database_.insert_many("queries_window",
                                          {"id", "server", "began_ms", "ended_ms", "kind", "dealloc"},
                                          {{out.window, server, began, ms(at),
                                            std::string(last.is_first ? kSinceReset : kInterval), dropped}}));
    SIGNALBOX_CHECK(database_.insert_many("queries_delta",
                                          names_of_columns({"window_id", "statement", "partial"}), rows));
    SIGNALBOX_CHECK(database_.execute(
        "update queries_server set seen_ms = ?, stats_reset_ms = ?, dealloc = ? where id = ?",
        {ms(at), reading.stats_reset_ms, reading.dealloc, server}));
    return {};
  });
  if (!written) return fail(written.error());
  out.changed = rows.size();
  for (auto& [key, seen] : seen_now) last.statements[key] = std::move(seen);
  for (const StatementName& each : names) {
    const auto found = last.statements.find(each.key);
    if (found == last.statements.end()) continue;
    found->second.database = each.database;
    found->second.role = each.role;
    found->second.own = is_own(each.sql);
  }
  last.is_first = false;
  last.at = at;
  last.stats_reset_ms = reading.stats_reset_ms;
  last.dealloc = reading.dealloc;
  return out;
}

Result<std::int64_t> KeptStatements::forget_before(std::int64_t server, Time time) {
  std::int64_t gone = 0;
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(
        database_.execute("delete from queries_delta where window_id in (select id from queries_window "
                          "where server = ? and ended_ms < ?)",
                          {server, ms(time)}));
    SIGNALBOX_TRY(gone, database_.execute("delete from queries_window where server = ? and ended_ms < ?",
                                          {server, ms(time)}));
    return {};
  }));
  return gone;
}

Result<SpanTotals> KeptStatements::totals(std::int64_t server, const Span& span) {
  const auto of_kind = [&](std::string_view kind) {
    return database_.query(
        fmt::format("select count(*), min(w.began_ms), max(w.ended_ms), sum(w.ended_ms - w.began_ms), "
                    "sum(w.dealloc) from queries_window w where {} and w.kind = ?",
                    kInSpan),
        {server, ms(span.since), ms(span.until), std::string(kind)});
  };
  SpanTotals out;
  SIGNALBOX_TRY(auto rows, of_kind(kInterval));
  if (rows.at(0).integer(0) == 0) {
    SIGNALBOX_TRY(rows, of_kind(kSinceReset));
    out.since_reset = rows.at(0).integer(0) > 0;
  }
  const Row& row = rows.at(0);
  out.windows = row.integer(0);
  out.began = time_of(row.integer(1));
  out.ended = time_of(row.integer(2));
  out.covered = Duration(row.integer(3));
  out.dealloc = row.integer(4);
  return out;
}

Result<std::vector<StatementSum>> KeptStatements::sums(std::int64_t server, const Span& span) {
  SIGNALBOX_TRY(const SpanTotals whole, totals(server, span));
  std::vector<StatementSum> out;
  // Sums are grouped by the statement's number alone, before its text is looked up.
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format(
          "select {}, g.* from (select d.statement as statement, max(d.partial) as partial, {} as "
          "mean_squares, {} from queries_window w join queries_delta d on d.window_id = w.id where {} and "
          "w.kind = ? group by d.statement) g join queries_statement s on s.id = g.statement",
          kStatementColumns, kMeanSquares, summed_counters("d"), kInSpan),
      {server, ms(span.since), ms(span.until), std::string(whole.since_reset ? kSinceReset : kInterval)},
      [&](const Row& row) {
        constexpr std::size_t kFirst = kStatementColumnCount + 3;
        out.push_back(
            {statement_of(row), grouped(row, kFirst, row.real(kFirst - 1)), row.integer(kFirst - 2) != 0});
        return true;
      }));
  return out;
}

Result<std::vector<KeptStatement>> KeptStatements::find(std::int64_t server, std::string_view key) {
  const auto number = parse_integer(key);
  const std::string where = number ? "s.queryid = ?" : "s.fingerprint = ?";
  const Value asked = number ? Value(std::int64_t{*number}) : Value(std::string(key));
  std::vector<KeptStatement> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select {} from queries_statement s where s.server = ? and {} order by s.id",
                  kStatementColumns, where),
      {server, asked}, [&](const Row& row) {
        out.push_back(statement_of(row));
        return true;
      }));
  // A fingerprint of digits alone looks like a number.
  constexpr std::size_t kFingerprintDigits = 16;
  if (out.empty() && number && key.size() == kFingerprintDigits) {
    SIGNALBOX_CHECK(database_.for_each(
        fmt::format(
            "select {} from queries_statement s where s.server = ? and s.fingerprint = ? order by s.id",
            kStatementColumns),
        {server, std::string(key)}, [&](const Row& row) {
          out.push_back(statement_of(row));
          return true;
        }));
  }
  if (out.empty())
    return fail(ErrorKind::not_found,
                fmt::format("no statement has the queryid or fingerprint {}", printable(key)),
                "`signalbox queries top` lists both");
  return out;
}

Result<std::vector<HistoryPoint>> KeptStatements::timeline(std::int64_t server, const Span& span) {
  std::vector<HistoryPoint> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format(
          "select w.began_ms, w.ended_ms, {}, {} from queries_window w left join (queries_delta d join "
          "queries_statement s on s.id = d.statement and s.toplevel = 1) on d.window_id = w.id where {} "
          "and w.kind = ? group by w.id, w.began_ms, w.ended_ms order by w.ended_ms",
          kMeanSquares, summed_counters("d"), kInSpan),
      {server, ms(span.since), ms(span.until), std::string(kInterval)}, [&](const Row& row) {
        out.push_back({time_of(row.integer(0)), time_of(row.integer(1)), grouped(row, 3, row.real(2))});
        return true;
      }));
  return out;
}

Result<std::vector<KeptStatements::Step>> KeptStatements::steps(std::int64_t server,
                                                                const std::vector<std::int64_t>& statements,
                                                                const Span& span) {
  std::vector<Step> out;
  if (statements.empty()) return out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format(
          "select d.statement, w.ended_ms, d.calls, d.total_exec_ms from queries_window w join "
          "queries_delta d on d.window_id = w.id where d.statement in ({}) and {} and w.kind = ? order by "
          "w.ended_ms",
          list_of(statements), kInSpan),
      {server, ms(span.since), ms(span.until), std::string(kInterval)}, [&](const Row& row) {
        out.push_back({row.integer(0), time_of(row.integer(1)), row.integer(2), row.real(3)});
        return true;
      }));
  return out;
}

Result<std::vector<HistoryPoint>> KeptStatements::history(std::int64_t server,
                                                          const std::vector<std::int64_t>& statements,
                                                          const Span& span) {
  std::vector<HistoryPoint> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format(
          "select w.began_ms, w.ended_ms, {}, {} from queries_window w left join queries_delta d on "
          "d.window_id = w.id and d.statement in ({}) where {} and w.kind = ? group by w.id, w.began_ms, "
          "w.ended_ms order by w.ended_ms",
          kMeanSquares, summed_counters("d"), list_of(statements), kInSpan),
      {server, ms(span.since), ms(span.until), std::string(kInterval)}, [&](const Row& row) {
        out.push_back({time_of(row.integer(0)), time_of(row.integer(1)), grouped(row, 3, row.real(2))});
        return true;
      }));
  return out;
}

}  // namespace signalbox::queries
