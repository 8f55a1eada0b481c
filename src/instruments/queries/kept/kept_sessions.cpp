#include "instruments/queries/kept/kept_sessions.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

using store::Row;
using store::Value;

std::int64_t ms(Time time) {
  return time.time_since_epoch().count();
}
Time time_of(std::int64_t milliseconds) {
  return Time(Duration(milliseconds));
}

constexpr std::string_view kInSpan = "b.server = ? and b.ended_ms > ? and b.ended_ms <= ?";

std::string column_of(SessionDimension by) {
  constexpr const char* kColumns[] = {"wait_type",   "wait_event", "query_id",     "role_name",
                                      "application", "host",       "database_name"};
  return kColumns[static_cast<int>(by)];
}

std::string name_of(const Row& row, std::size_t column, SessionDimension by) {
  if (by == SessionDimension::query)
    return row.integer(column) == 0 ? "" : std::to_string(row.integer(column));
  return row.text(column);
}

std::string of_query(std::optional<std::int64_t> query) {
  return query ? fmt::format(" and a.query_id = {}", *query) : std::string();
}

// What a wait event is called by itself: "Lock:transactionid".
std::string selected(SessionDimension by) {
  return by == SessionDimension::event
             ? "case when a.wait_event = '' then a.wait_type else a.wait_type || ':' || a.wait_event end"
             : "a." + column_of(by);
}

// By what is waited for, the queue for a core is a name of its own.
void tell_queue_apart(std::vector<ActiveShare>& shares) {
  double queued = 0;
  for (ActiveShare& each : shares) {
    each.active -= each.queued;
    queued += std::exchange(each.queued, 0);
  }
  if (queued > 0) shares.push_back({std::string(kRunQueue), queued, queued});
}

constexpr std::string_view kBlocked =
    "at_ms, pid, blockers, database_name, role_name, application, state, wait_type, wait_event, lock_text, "
    "query_id, transaction_s, query_s, sql_text";

BlockedSession blocked_session(const Row& row) {
  BlockedSession out;
  out.at = time_of(row.integer(0));
  SessionSample& session = out.session;
  session.pid = row.integer(1);
  for (const std::string_view pid : split(row.text(2), ',')) {
    if (const auto number = parse_integer(pid)) session.blockers.push_back(*number);
  }
  session.database = row.text(3);
  session.role = row.text(4);
  session.application = row.text(5);
  session.state = row.text(6);
  session.wait_type = row.text(7);
  session.wait_event = row.text(8);
  session.lock = row.text(9);
  session.query_id = row.integer(10);
  session.transaction_s = row.real(11);
  session.query_s = row.real(12);
  session.sql = row.text(13);
  return out;
}

}  // namespace

void SessionBucket::add(const SessionReading& reading) {
  constexpr std::chrono::seconds kBetweenTrees{1};
  ++ticks;
  if (began == Time{}) began = reading.at;
  ended = std::max(ended, reading.at);
  bool anybody_waits = false;
  for (const SessionSample& each : reading.sessions) {
    anybody_waits = anybody_waits || !each.blockers.empty();
    if (!each.is_active()) continue;
    SessionCount& count = active[{each.wait_type, each.wait_event, each.database, each.role, each.application,
                                  each.host, each.query_id}];
    ++count.samples;
    if (!each.queued) continue;
    ++count.told;
    count.queued += *each.queued;
  }
  const bool is_due = blocked.empty() || reading.at - blocked.back().at >= kBetweenTrees;
  if (!anybody_waits || !is_due) return;
  SessionReading tree{reading.at, {}};
  for (const SessionSample& each : reading.sessions) {
    const bool in_the_way =
        std::any_of(reading.sessions.begin(), reading.sessions.end(), [&](const SessionSample& other) {
          return std::find(other.blockers.begin(), other.blockers.end(), each.pid) != other.blockers.end();
        });
    if (!each.blockers.empty() || in_the_way) tree.sessions.push_back(each);
  }
  blocked.push_back(std::move(tree));
}

Status KeptSessions::write(std::int64_t server, const SessionBucket& bucket) {
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows, database_.query("select coalesce(max(id), 0) + 1 from queries_bucket"));
    const std::int64_t id = rows.at(0).integer(0);
    std::int64_t connections = 0, active = 0, idle = 0, locks = 0, waiting = 0;
    for (const auto& each : bucket.instance.connections) {
      connections += each.count;
      if (each.what == "active") active += each.count;
      if (each.what.starts_with("idle in transaction")) idle += each.count;
    }
    for (const auto& each : bucket.instance.locks) locks += each.count;
    double commits = 0, rollbacks = 0;
    for (const auto& each : bucket.instance.databases) {
      commits += each.counters[1];
      rollbacks += each.counters[2];
    }
    for (const SessionReading& tree : bucket.blocked) {
      const auto count = std::count_if(tree.sessions.begin(), tree.sessions.end(),
                                       [](const auto& each) { return !each.blockers.empty(); });
      waiting = std::max<std::int64_t>(waiting, count);
    }
    SIGNALBOX_CHECK(database_.insert_many(
        "queries_bucket",
        {"id", "server", "began_ms", "ended_ms", "ticks", "missed", "connections", "active",
         "idle_in_transaction", "max_connections", "locks", "waiting", "commits", "rollbacks",
         "longest_transaction_s", "not_told"},
        {{id, server, ms(bucket.began), ms(bucket.ended), bucket.ticks, bucket.missed, connections, active,
          idle, bucket.instance.max_connections, locks, waiting, commits, rollbacks,
          bucket.instance.longest_transaction_s, bucket.not_told}}));
    std::vector<std::vector<Value>> samples;
    for (const auto& [key, count] : bucket.active) {
      samples.push_back({id, key.wait_type, key.wait_event, key.database, key.role, key.application, key.host,
                         key.query_id, count.samples, count.told, count.queued});
    }
    SIGNALBOX_CHECK(database_.insert_many("queries_active",
                                          {"bucket", "wait_type", "wait_event", "database_name", "role_name",
                                           "application", "host", "query_id", "samples", "told", "queued"},
                                          samples));
    std::vector<std::vector<Value>> blocked;
    for (const SessionReading& tree : bucket.blocked) {
      for (const SessionSample& each : tree.sessions) {
        blocked.push_back({server, ms(tree.at), each.pid, fmt::format("{}", fmt::join(each.blockers, ",")),
                           each.database, each.role, each.application, each.state, each.wait_type,
                           each.wait_event, each.lock, each.query_id, each.transaction_s, each.query_s,
                           each.sql});
      }
    }
    return database_.insert_many(
        "queries_blocked",
        {"server", "at_ms", "pid", "blockers", "database_name", "role_name", "application", "state",
         "wait_type", "wait_event", "lock_text", "query_id", "transaction_s", "query_s", "sql_text"},
        blocked);
  });
}

Status KeptSessions::forget_before(std::int64_t server, Time time) {
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database_.execute(
        "delete from queries_active where bucket in (select id from queries_bucket where server = ? and "
        "ended_ms < ?)",
        {server, ms(time)}));
    SIGNALBOX_CHECK(database_.execute("delete from queries_bucket where server = ? and ended_ms < ?",
                                      {server, ms(time)}));
    SIGNALBOX_CHECK(
        database_.execute("delete from queries_blocked where server = ? and at_ms < ?", {server, ms(time)}));
    return {};
  });
}

Result<std::vector<ActiveShare>> KeptSessions::shares(std::int64_t server, const Span& span,
                                                      SessionDimension by,
                                                      std::optional<std::int64_t> query) {
  const std::vector<Value> in_span{server, ms(span.since), ms(span.until)};
  SIGNALBOX_TRY(
      const auto ticks,
      database_.query(fmt::format("select sum(b.ticks) from queries_bucket b where {}", kInSpan), in_span));
  const auto all = static_cast<double>(ticks.at(0).integer(0));
  std::vector<ActiveShare> out;
  if (all == 0) return out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select {0}, sum(a.samples), sum(a.queued) from queries_bucket b join queries_active a "
                  "on a.bucket = b.id where {1}{2} group by {0}",
                  selected(by), kInSpan, of_query(query)),
      in_span, [&](const Row& row) {
        out.push_back({name_of(row, 0, by), static_cast<double>(row.integer(1)) / all, row.real(2) / all});
        return true;
      }));
  if (by == SessionDimension::wait || by == SessionDimension::event) tell_queue_apart(out);
  std::stable_sort(out.begin(), out.end(), [](const ActiveShare& a, const ActiveShare& b) {
    return a.active != b.active ? a.active > b.active : a.name < b.name;
  });
  return out;
}

Result<std::vector<ActivePoint>> KeptSessions::timeline(std::int64_t server, const Span& span,
                                                        SessionDimension by,
                                                        std::optional<std::int64_t> query) {
  const bool by_wait = by == SessionDimension::wait || by == SessionDimension::event;
  std::vector<ActivePoint> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select b.id, b.began_ms, b.ended_ms, b.ticks, {0}, sum(a.samples), sum(a.queued) from "
                  "queries_bucket b left join queries_active a on "
                  "a.bucket = b.id{2} where {1} group by b.id, b.began_ms, b.ended_ms, "
                  "b.ticks, {0} order by b.ended_ms, b.id",
                  selected(by), kInSpan, of_query(query)),
      {server, ms(span.since), ms(span.until)}, [&](const Row& row) {
        const Time ended = time_of(row.integer(2));
        if (out.empty() || out.back().ended != ended)
          out.push_back({time_of(row.integer(1)), ended, row.integer(3), {}});
        if (row.is_null(5) || row.integer(3) == 0) return true;
        const auto ticks = static_cast<double>(row.integer(3));
        const double queued = by_wait ? row.real(6) / ticks : 0;
        out.back().active[name_of(row, 4, by)] += static_cast<double>(row.integer(5)) / ticks - queued;
        if (queued > 0) out.back().active[std::string(kRunQueue)] += queued;
        return true;
      }));
  return out;
}

Result<ProcessorUse> KeptSessions::processor(std::int64_t server, const Span& span,
                                             std::optional<std::int64_t> query) {
  const std::vector<Value> in_span{server, ms(span.since), ms(span.until)};
  ProcessorUse out;
  SIGNALBOX_TRY(const auto ticks, database_.query(fmt::format("select sum(b.ticks) from queries_bucket b "
                                                              "where {}",
                                                              kInSpan),
                                                  in_span));
  const auto all = static_cast<double>(ticks.at(0).integer(0));
  if (all == 0) return out;
  SIGNALBOX_TRY(const auto sums,
                database_.query(fmt::format("select coalesce(sum(a.samples), 0), coalesce(sum(a.told), 0), "
                                            "coalesce(sum(a.queued), 0) from queries_bucket b join "
                                            "queries_active a on a.bucket = b.id where {} and a.wait_type = "
                                            "'{}'{}",
                                            kInSpan, kOnCpu, of_query(query)),
                                in_span));
  const auto samples = static_cast<double>(sums.at(0).integer(0)),
             told = static_cast<double>(sums.at(0).integer(1));
  out.queued = sums.at(0).real(2) / all;
  out.running = told / all - out.queued;
  out.untold = (samples - told) / all;
  SIGNALBOX_TRY(
      const auto last,
      database_.query(fmt::format("select coalesce((select s.cores from queries_server s where s.id = "
                                  "b.server), 0), b.not_told from queries_bucket b where {} order "
                                  "by b.ended_ms desc, b.id desc limit 1",
                                  kInSpan),
                      in_span));
  out.cores = static_cast<int>(last.at(0).integer(0));
  out.not_told = last.at(0).text(1);
  return out;
}

Result<std::vector<InstancePoint>> KeptSessions::instance(std::int64_t server, const Span& span) {
  std::vector<InstancePoint> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select b.ended_ms, b.connections, b.active, b.idle_in_transaction, b.max_connections, "
                  "b.locks, b.waiting, b.commits, "
                  "b.rollbacks, b.longest_transaction_s from queries_bucket b where {} order by b.ended_ms",
                  kInSpan),
      {server, ms(span.since), ms(span.until)}, [&](const Row& row) {
        out.push_back({time_of(row.integer(0)), row.integer(1), row.integer(2), row.integer(3),
                       row.integer(4), row.integer(5), row.integer(6), row.real(7), row.real(8),
                       row.real(9)});
        return true;
      }));
  return out;
}

Result<std::vector<Time>> KeptSessions::blocked_moments(std::int64_t server, const Span& span,
                                                        std::size_t most) {
  SIGNALBOX_TRY(const auto rows,
                database_.query(fmt::format("select distinct at_ms from queries_blocked where server = ? and "
                                            "at_ms > ? and at_ms <= ? order "
                                            "by at_ms desc limit {}",
                                            most),
                                {server, ms(span.since), ms(span.until)}));
  std::vector<Time> out;
  for (const Row& row : rows) out.push_back(time_of(row.integer(0)));
  std::reverse(out.begin(), out.end());
  return out;
}

Result<std::vector<BlockedSession>> KeptSessions::blocked_at(std::int64_t server, Time at) {
  std::vector<BlockedSession> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select {} from queries_blocked where server = ? and at_ms = ? order by pid", kBlocked),
      {server, ms(at)}, [&](const Row& row) {
        out.push_back(blocked_session(row));
        return true;
      }));
  return out;
}

Result<std::vector<BlockedSession>> KeptSessions::blocked(std::int64_t server, const Span& span,
                                                          std::size_t most) {
  std::vector<BlockedSession> out;
  SIGNALBOX_CHECK(database_.for_each(
      fmt::format("select {} from queries_blocked where server = ? and at_ms > ? and at_ms <= ? "
                  "order by at_ms desc, pid desc limit {}",
                  kBlocked, most + 1),
      {server, ms(span.since), ms(span.until)}, [&](const Row& row) {
        out.push_back(blocked_session(row));
        return true;
      }));
  if (out.size() > most) {
    const Time cut = out.back().at;
    while (!out.empty() && out.back().at == cut) out.pop_back();
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace signalbox::queries
