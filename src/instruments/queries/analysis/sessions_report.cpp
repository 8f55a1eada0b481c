#include "instruments/queries/analysis/sessions_report.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kShown = 20;
constexpr std::size_t kSeries = 6;
constexpr std::size_t kShownSql = 90;
constexpr std::size_t kMaxTreeRows = 500;

std::string shown_name(const std::string& name, SessionDimension by) {
  if (!name.empty()) return printable(escape_invalid_utf8(name));
  return by == SessionDimension::query  ? "no statement"
         : by == SessionDimension::host ? "this machine"
                                        : "none";
}

std::string one_line(std::string_view sql) {
  std::string out;
  for (const char c : sql.substr(0, 4 * kShownSql)) out += c == '\n' || c == '\t' ? ' ' : c;
  return cut_to_width(printable(escape_invalid_utf8(out)), kShownSql);
}

Chart chart_of(const std::vector<ActiveShare>& shares, const std::vector<ActivePoint>& timeline) {
  Chart out;
  out.title = "Active sessions";
  out.x_label = "minutes before the end";
  out.y_label = "sessions";
  for (std::size_t i = 0; i < std::min(kSeries, shares.size()); ++i) {
    Series series;
    series.name = shares[i].name.empty() ? "none" : shares[i].name;
    for (const ActivePoint& point : timeline) {
      const auto found = point.active.find(shares[i].name);
      series.x.push_back(
          -std::chrono::duration<double, std::ratio<60>>(timeline.back().ended - point.ended).count());
      series.y.push_back(found == point.active.end() ? 0 : found->second);
    }
    out.series.push_back(std::move(series));
  }
  return out;
}

}  // namespace

Report active_report(const std::vector<ActiveShare>& shares, const std::vector<ActivePoint>& timeline,
                     SessionDimension by, const ProcessorUse& processor, const KeptServer& server,
                     const Span& span) {
  Report report;
  report.instrument = "queries";
  report.title =
      fmt::format("Active sessions of {} by {}", server.name, kSessionDimensions[static_cast<int>(by)]);
  double all = 0;
  for (const ActiveShare& each : shares) all += each.active;
  report.summary =
      shares.empty()
          ? "nobody was at work"
          : fmt::format(
                "{:.2f} on average{}", all,
                processor.queued > 0 ? fmt::format(", {:.2f} of it for a core", processor.queued) : "");
  std::int64_t ticks = 0;
  for (const ActivePoint& each : timeline) ticks += each.ticks;
  report.facts = {{"average active sessions", fmt::format("{:.2f}", all), ""}, {"samples", ticks, ""}};
  for (Fact& fact : processor_facts(processor)) report.facts.push_back(std::move(fact));
  Table table;
  table.title = "Average active sessions";
  table.columns = {{std::string(kSessionDimensions[static_cast<int>(by)])},
                   {"active", Column::Align::right},
                   {"share", Column::Align::right}};
  const bool is_wait = by == SessionDimension::wait || by == SessionDimension::event;
  const bool shows_queue = !is_wait && processor.queued > 0;
  if (shows_queue) table.columns.push_back({"for a core", Column::Align::right});
  table.columns.push_back({""});
  for (std::size_t i = 0; i < std::min(kShown, shares.size()); ++i) {
    const double share = all > 0 ? shares[i].active / all : 0;
    std::string bar;
    for (long part = 0; part < std::lround(share * 30); ++part) bar += "█";
    table.rows.push_back(
        {shown_name(shares[i].name, by), fmt::format("{:.2f}", shares[i].active), text_of_share(share)});
    if (shows_queue) table.rows.back().push_back(fmt::format("{:.2f}", shares[i].queued));
    table.rows.back().push_back(Cell(bar, Tone::quiet));
  }
  report.tables.push_back(std::move(table));
  if (timeline.size() > 1) report.charts.push_back(chart_of(shares, timeline));
  Json list = Json::array();
  for (const ActiveShare& each : shares)
    list.push_back(Json::object(
        {{"name", escape_invalid_utf8(each.name)}, {"active", each.active}, {"queued", each.queued}}));
  report.data = Json::object({{"since", to_rfc3339(span.since)},
                              {"until", to_rfc3339(span.until)},
                              {"active", all},
                              {"samples", ticks},
                              {"processor", processor_json(processor)},
                              {"shares", std::move(list)},
                              {"timeline", timeline_json(timeline)}});
  return report;
}

std::vector<Fact> processor_facts(const ProcessorUse& use) {
  std::vector<Fact> out;
  if (!use.not_told.empty()) {
    out.push_back({"sessions waiting for a core", "not told: " + printable(use.not_told), ""});
    return out;
  }
  if (use.running + use.queued + use.untold <= 0) return out;
  out.push_back({"sessions running on a core", fmt::format("{:.2f}", use.running), ""});
  out.push_back({"sessions waiting for a core", fmt::format("{:.2f}", use.queued), ""});
  if (use.untold > 0)
    out.push_back({"sessions doing one or the other", fmt::format("{:.2f}", use.untold), ""});
  if (use.cores > 0) out.push_back({"cores", use.cores, ""});
  return out;
}

Json processor_json(const ProcessorUse& use) {
  return Json::object({{"running", use.running},
                       {"queued", use.queued},
                       {"untold", use.untold},
                       {"cores", use.cores == 0 ? Json() : Json(use.cores)},
                       {"not_told", use.not_told.empty() ? Json() : Json(use.not_told)}});
}

Json timeline_json(const std::vector<ActivePoint>& points) {
  Json out = Json::array();
  for (const ActivePoint& each : points) {
    Json active = Json::object();
    for (const auto& [name, value] : each.active) active.set(escape_invalid_utf8(name), value);
    out.push_back(Json::object({{"began", to_rfc3339(each.began)},
                                {"ended", to_rfc3339(each.ended)},
                                {"ticks", each.ticks},
                                {"active", std::move(active)}}));
  }
  return out;
}

std::vector<BlockingNode> blocking_tree(const std::vector<BlockedSession>& sessions) {
  const auto waits_for = [&](std::size_t waiter, std::int64_t pid) {
    const auto& blockers = sessions[waiter].session.blockers;
    return std::find(blockers.begin(), blockers.end(), pid) != blockers.end();
  };
  std::vector<BlockingNode> out;
  std::set<std::size_t> told;
  const auto tell = [&](std::size_t root) {
    std::vector<BlockingNode> stack{{root, 0}};
    std::set<std::pair<std::size_t, std::size_t>> edges;  // each way is gone once
    while (!stack.empty() && out.size() < kMaxTreeRows) {
      const BlockingNode next = stack.back();
      stack.pop_back();
      out.push_back(next);
      told.insert(next.session);
      for (std::size_t i = sessions.size(); i-- > 0;) {
        if (waits_for(i, sessions[next.session].session.pid) && edges.emplace(next.session, i).second)
          stack.push_back({i, next.depth + 1});
      }
    }
  };
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (sessions[i].session.blockers.empty()) tell(i);
  }
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (!told.contains(i)) tell(i);
  }
  return out;
}

Json blocking_json(const std::vector<BlockedSession>& sessions) {
  Json out = Json::array();
  for (const BlockingNode& node : blocking_tree(sessions)) {
    const SessionSample& each = sessions[node.session].session;
    out.push_back(
        Json::object({{"pid", each.pid},
                      {"depth", static_cast<std::int64_t>(node.depth)},
                      {"state", each.state},
                      {"database", escape_invalid_utf8(each.database)},
                      {"user", escape_invalid_utf8(each.role)},
                      {"application", escape_invalid_utf8(each.application)},
                      {"wait", each.wait_type},
                      {"event", each.wait_event},
                      {"lock", escape_invalid_utf8(each.lock)},
                      {"queryid", each.query_id == 0 ? Json() : Json(std::to_string(each.query_id))},
                      {"transaction_s", each.transaction_s},
                      {"query_s", each.query_s},
                      {"statement", escape_invalid_utf8(each.sql)}}));
  }
  return out;
}

Report blocking_report(const std::vector<BlockedSession>& sessions, const std::vector<Time>& moments,
                       const KeptServer& server) {
  Report report;
  report.instrument = "queries";
  report.title = "Who waits for whom on " + server.name;
  if (sessions.empty()) {
    report.summary = "nobody was seen to wait for another";
    report.data = Json::object({{"tree", Json::array()}, {"moments", Json::array()}});
    return report;
  }
  const auto waiting = std::count_if(sessions.begin(), sessions.end(),
                                     [](const auto& each) { return !each.session.blockers.empty(); });
  report.summary = fmt::format("at {}: {} for {}", to_rfc3339(sessions.front().at),
                               counted(static_cast<std::uint64_t>(waiting), "session waits", "sessions wait"),
                               counted(sessions.size() - static_cast<std::size_t>(waiting), "other"));
  report.facts = {{"moments with somebody waiting", static_cast<std::int64_t>(moments.size()), ""}};
  Table table;
  table.title = "Blocking tree";
  table.columns = {{"pid"},  {"state"},     {"for", Column::Align::right},
                   {"user"}, {"waits for"}, {"statement, or its last one"}};
  for (const BlockingNode& node : blocking_tree(sessions)) {
    const SessionSample& each = sessions[node.session].session;
    const std::string indent =
        node.depth == 0 ? "" : std::string(2 * std::min<std::size_t>(node.depth - 1, 20), ' ') + "└ ";
    const bool idle = each.state.starts_with("idle");
    table.rows.push_back(
        {indent + std::to_string(each.pid), Cell(each.state, idle ? Tone::caution : Tone::plain),
         text_of_ms(1000 * (idle || each.blockers.empty() ? each.transaction_s : each.query_s)),
         printable(escape_invalid_utf8(each.role)),
         each.lock.empty() ? each.wait_event : printable(escape_invalid_utf8(each.lock)),
         one_line(each.sql)});
  }
  report.tables.push_back(std::move(table));
  Json times = Json::array();
  for (const Time each : moments) times.push_back(to_rfc3339(each));
  report.data = Json::object({{"at", to_rfc3339(sessions.front().at)},
                              {"tree", blocking_json(sessions)},
                              {"moments", std::move(times)}});
  return report;
}

}  // namespace signalbox::queries
