#include "instruments/queries/analysis/load.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/sessions_report.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxPoints = 240;
constexpr std::size_t kShown = 10;
constexpr std::size_t kMaxBlocked = 20'000;  // rows that are looked at for blockers

// How many wait behind each root of one moment, by its place among the sessions.
std::map<std::size_t, std::size_t> waiting_by_root(const std::vector<BlockedSession>& sessions) {
  std::map<std::size_t, std::set<std::size_t>> behind;
  std::size_t root = 0;
  for (const BlockingNode& node : blocking_tree(sessions)) {
    if (node.depth == 0) {
      root = node.session;
    } else {
      behind[root].insert(node.session);
    }
  }
  std::map<std::size_t, std::size_t> out;
  for (const auto& [each, waiting] : behind) out[each] = waiting.size();
  return out;
}

// The first of them, and how much is left.
Json shares_json(const std::vector<ActiveShare>& shares, std::size_t shown) {
  Json list = Json::array();
  double other = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (i < shown) {
      list.push_back(
          Json::object({{"name", escape_invalid_utf8(shares[i].name)}, {"active", shares[i].active}}));
    } else {
      other += shares[i].active;
    }
  }
  return Json::object({{"first", std::move(list)}, {"other", other}});
}

Json statements_json(const std::vector<LoadStatement>& statements) {
  Json list = Json::array();
  double other = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const LoadStatement& each = statements[i];
    if (i >= kShown) {
      other += each.active;
      continue;
    }
    list.push_back(
        Json::object({{"queryid", each.query_id == 0 ? Json() : Json(std::to_string(each.query_id))},
                      {"fingerprint", each.fingerprint},
                      {"statement", escape_invalid_utf8(each.sql)},
                      {"active", each.active}}));
  }
  return Json::object({{"first", std::move(list)}, {"other", other}});
}

Json blockers_json(const std::vector<Blocker>& blockers) {
  Json out = Json::array();
  for (std::size_t i = 0; i < std::min(kShown, blockers.size()); ++i) {
    const Blocker& each = blockers[i];
    const SessionSample& session = each.session;
    out.push_back(
        Json::object({{"pid", session.pid},
                      {"user", escape_invalid_utf8(session.role)},
                      {"application", escape_invalid_utf8(session.application)},
                      {"database", escape_invalid_utf8(session.database)},
                      {"state", session.state},
                      {"statement", escape_invalid_utf8(session.sql)},
                      {"queryid", session.query_id == 0 ? Json() : Json(std::to_string(session.query_id))},
                      {"transaction_s", session.transaction_s},
                      {"first", to_rfc3339(each.first)},
                      {"last", to_rfc3339(each.last)},
                      {"moments", each.moments},
                      {"most_waiting", static_cast<std::int64_t>(each.most_waiting)}}));
  }
  return out;
}

}  // namespace

std::vector<Blocker> blockers_of(const std::vector<BlockedSession>& sessions) {
  std::map<std::tuple<std::int64_t, std::string, std::string, std::string>, Blocker> found;
  for (auto from = sessions.begin(); from != sessions.end();) {
    const auto to =
        std::find_if(from, sessions.end(), [&](const BlockedSession& each) { return each.at != from->at; });
    const std::vector<BlockedSession> moment(from, to);
    for (const auto& [root, waiting] : waiting_by_root(moment)) {
      const SessionSample& session = moment[root].session;
      Blocker& blocker = found[{session.pid, session.role, session.application, session.database}];
      if (blocker.moments++ == 0) blocker.first = from->at;
      blocker.last = from->at;
      blocker.session = session;
      blocker.most_waiting = std::max(blocker.most_waiting, waiting);
    }
    from = to;
  }
  std::vector<Blocker> out;
  for (auto& [key, blocker] : found) out.push_back(std::move(blocker));
  std::stable_sort(out.begin(), out.end(),
                   [](const Blocker& a, const Blocker& b) { return a.moments > b.moments; });
  return out;
}

std::vector<ActivePoint> coarser(std::vector<ActivePoint> points, std::size_t most) {
  if (points.size() <= most) return points;
  const Time began = points.front().ended;
  const Duration length = (points.back().ended - began) / static_cast<int>(most) + Duration(1);
  std::vector<ActivePoint> out;
  std::int64_t part = -1;
  for (const ActivePoint& each : points) {
    const std::int64_t in = (each.ended - began) / length;
    if (out.empty() || in != part) {
      part = in;
      out.push_back({each.began, each.ended, 0, {}});
    }
    ActivePoint& sum = out.back();
    sum.ended = each.ended;
    sum.ticks += each.ticks;
    for (const auto& [name, active] : each.active)
      sum.active[name] += active * static_cast<double>(each.ticks);
  }
  for (ActivePoint& each : out) {
    for (auto& [name, active] : each.active)
      active /= static_cast<double>(std::max<std::int64_t>(1, each.ticks));
  }
  return out;
}

Result<Load> read_load(store::Database& database, const KeptServer& server, const Span& span) {
  KeptSessions kept(database);
  Load out;
  out.span = span;
  out.cores = server.cores;
  SIGNALBOX_TRY(const auto points, kept.timeline(server.id, span, SessionDimension::wait));
  for (const ActivePoint& each : points) out.ticks += each.ticks;
  out.timeline = coarser(points, kMaxPoints);
  SIGNALBOX_TRY(out.waits, kept.shares(server.id, span, SessionDimension::wait));
  for (const ActiveShare& each : out.waits) out.active += each.active;
  SIGNALBOX_TRY(out.users, kept.shares(server.id, span, SessionDimension::role));
  SIGNALBOX_TRY(out.applications, kept.shares(server.id, span, SessionDimension::application));
  SIGNALBOX_TRY(const auto queries, kept.shares(server.id, span, SessionDimension::query));
  KeptStatements statements(database);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    LoadStatement statement;
    statement.active = queries[i].active;
    statement.query_id = parse_integer(queries[i].name).value_or(0);
    // What is sampled before its first reading, and has gone since, has no text.
    if (statement.query_id != 0 && i < kShown) {
      if (const auto found = statements.find(server.id, queries[i].name); found && !found->empty()) {
        statement.fingerprint = found->front().fingerprint;
        statement.sql = found->front().sql;
      }
    }
    out.statements.push_back(std::move(statement));
  }
  SIGNALBOX_TRY(const auto blocked, kept.blocked(server.id, span, kMaxBlocked));
  out.blockers = blockers_of(blocked);
  if (!blocked.empty()) {
    SIGNALBOX_TRY(const auto before,
                  kept.blocked_moments(server.id, {span.since, blocked.front().at - Duration(1)}, 1));
    if (!before.empty()) out.blockers_from = blocked.front().at;
  }
  return out;
}

Json load_json(const Load& load, const KeptServer& server) {
  return Json::object(
      {{"server", server.name},
       {"since", to_rfc3339(load.span.since)},
       {"until", to_rfc3339(load.span.until)},
       {"cores", load.cores == 0 ? Json() : Json(std::int64_t{load.cores})},
       {"samples", load.ticks},
       {"active", load.active},
       {"timeline", timeline_json(load.timeline)},
       {"waits", shares_json(load.waits, load.waits.size())},
       {"statements", statements_json(load.statements)},
       {"users", shares_json(load.users, kShown)},
       {"applications", shares_json(load.applications, kShown)},
       {"blockers", blockers_json(load.blockers)},
       {"blockers_from", load.blockers_from ? Json(to_rfc3339(*load.blockers_from)) : Json()}});
}

}  // namespace signalbox::queries
