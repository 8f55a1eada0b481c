#include "instruments/queries/analysis/compared_side.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"

namespace signalbox::queries {
namespace {

constexpr std::string_view kFormat = "https://signalbox.dev/queries/snapshot/v1";
constexpr std::size_t kBlocksWanted = 40;
constexpr Duration kShortestBlock{1'000}, kLongestBlock{60'000};
constexpr std::int64_t kMaxBlocks = 100'000;

void add_block(std::vector<Block>& blocks, Time since, Duration length, const KeptStatements::Step& step) {
  const auto index = static_cast<std::size_t>(
      std::max<std::int64_t>(0, ((step.ended - since).count() - 1) / length.count()));
  if (blocks.size() <= index) blocks.resize(index + 1);
  blocks[index].calls += static_cast<double>(step.calls);
  blocks[index].total_ms += step.total_exec_ms;
}

Json json_of(const Counters& counters) {
  Json out = Json::object();
  for (const CountColumn& column : kCountColumns) out.set(std::string(column.name), counters.*column.field);
  for (const TimeColumn& column : kTimeColumns) out.set(std::string(column.name), counters.*column.field);
  return out;
}

Result<Counters> counters_of(const Json& json) {
  Counters out;
  for (const CountColumn& column : kCountColumns) {
    if (!json[column.name].is_integer() || json[column.name].as_integer() < 0)
      return fail(ErrorKind::bad_input, fmt::format("\"{}\" is no count", column.name));
    out.*column.field = json[column.name].as_integer();
  }
  for (const TimeColumn& column : kTimeColumns) {
    if (!json[column.name].is_number() || json[column.name].as_number() < 0)
      return fail(ErrorKind::bad_input, fmt::format("\"{}\" is no time", column.name));
    out.*column.field = json[column.name].as_number();
  }
  return out;
}

// Each block in which anything ran, with its place.
Json json_of(const std::vector<Block>& blocks) {
  Json out = Json::array();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].calls > 0) out.push_back(Json(Json::Array{i, blocks[i].calls, blocks[i].total_ms}));
  }
  return out;
}

Result<std::vector<Block>> blocks_from(const Json& json) {
  std::vector<Block> out;
  if (!json.is_array()) return fail(ErrorKind::bad_input, "\"blocks\" is no list of blocks");
  for (const Json& each : json.items()) {
    const Json::Array& part = each.items();
    const bool good = part.size() == 3 && part[0].is_integer() && part[1].is_number() &&
                      part[2].is_number() && part[1].as_number() > 0 && part[2].as_number() >= 0;
    const std::int64_t place = good ? part[0].as_integer() : -1;
    if (place < static_cast<std::int64_t>(out.size()) || place >= kMaxBlocks)
      return fail(ErrorKind::bad_input,
                  "a block is no place behind the one before, with calls and milliseconds");
    out.resize(static_cast<std::size_t>(place) + 1);
    out.back() = {part[1].as_number(), part[2].as_number(), 0};
  }
  return out;
}

Result<ComparedSide> side_from(const Json& json, std::size_t& statements) {
  if (json["format"].as_string() != kFormat)
    return fail(ErrorKind::bad_input, fmt::format("\"format\" is not {}", kFormat),
                "`signalbox queries snapshot -o FILE` writes one");
  ComparedSide out;
  out.server = json["server"].as_string();
  out.system_identifier = json["system_identifier"].as_string();
  SIGNALBOX_TRY(out.span.since, parse_rfc3339(json["since"].as_string()));
  SIGNALBOX_TRY(out.span.until, parse_rfc3339(json["until"].as_string()));
  const bool good = out.span.since < out.span.until && json["seconds"].as_number(-1) >= 0 &&
                    json["commits"].as_number(-1) >= 0 && json["dealloc"].as_integer(-1) >= 0 &&
                    json["statements"].as_integer(-1) >= 0;
  if (!good) return fail(ErrorKind::bad_input, "the span, or what it counts, is none");
  out.seconds = json["seconds"].as_number();
  out.commits = json["commits"].as_number();
  out.dealloc = json["dealloc"].as_integer();
  statements = static_cast<std::size_t>(json["statements"].as_integer());
  return out;
}

Status add_statement(ComparedSide& side, const Json& json) {
  const std::string fingerprint(json["fp"].as_string());
  if (fingerprint.empty() || side.statements.contains(fingerprint))
    return fail(ErrorKind::bad_input, "\"fp\" is missing, or is there twice");
  SideStatement statement;
  statement.sql = json["sql"].as_string();
  statement.shape = json["plan"].as_string();
  SIGNALBOX_TRY(statement.sum, counters_of(json["counters"]));
  SIGNALBOX_TRY(statement.blocks, blocks_from(json["blocks"]));
  side.all += statement.sum;
  side.statements.emplace(fingerprint, std::move(statement));
  return {};
}

}  // namespace

Result<ComparedSide> read_side(store::Database& database, const KeptServer& server, const Span& span) {
  KeptStatements kept(database);
  ComparedSide out;
  out.server = server.name;
  out.system_identifier = server.system_identifier;
  out.span = span;
  SIGNALBOX_TRY(const SpanTotals totals, kept.totals(server.id, span));
  if (totals.since_reset || totals.windows == 0) return out;
  out.seconds = std::chrono::duration<double>(totals.covered).count();
  out.dealloc = totals.dealloc;
  KeptSessions sessions(database);
  SIGNALBOX_TRY(const auto instance, sessions.instance(server.id, span));
  if (instance.size() > 1) out.commits = std::max(0.0, instance.back().commits - instance.front().commits);
  SIGNALBOX_TRY(const auto sums, kept.sums(server.id, span));
  std::map<std::int64_t, std::string> fingerprint_of;
  std::vector<std::int64_t> ids;
  for (const StatementSum& each : sums) {
    const bool counts = each.statement.key.toplevel && !each.statement.own;
    if (!counts || each.statement.fingerprint.empty()) continue;
    SideStatement& statement = out.statements[each.statement.fingerprint];
    statement.sql = each.statement.sql;
    statement.sum += each.counters;
    out.all += each.counters;
    fingerprint_of[each.statement.id] = each.statement.fingerprint;
    ids.push_back(each.statement.id);
  }
  const Duration length = std::clamp(Duration(totals.covered / kBlocksWanted), kShortestBlock, kLongestBlock);
  SIGNALBOX_TRY(const auto steps, kept.steps(server.id, ids, span));
  for (const auto& step : steps)
    add_block(out.statements[fingerprint_of[step.statement]].blocks, span.since, length, step);
  KeptPlans plans(database);
  SIGNALBOX_TRY(const auto newest, plans.newest(server.id, span));
  for (const PlanSample& each : newest) {
    if (const auto found = out.statements.find(each.fingerprint); found != out.statements.end())
      found->second.shape = each.shape;
  }
  return out;
}

std::string write_snapshot(const ComparedSide& side) {
  std::string out = Json::object({{"format", kFormat},
                                  {"server", escape_invalid_utf8(side.server)},
                                  {"system_identifier", side.system_identifier},
                                  {"since", to_rfc3339(side.span.since)},
                                  {"until", to_rfc3339(side.span.until)},
                                  {"seconds", side.seconds},
                                  {"commits", side.commits},
                                  {"dealloc", side.dealloc},
                                  {"statements", side.statements.size()}})
                        .dump() +
                    "\n";
  for (const auto& [fingerprint, statement] : side.statements)
    out += Json::object({{"fp", fingerprint},
                         {"sql", escape_invalid_utf8(statement.sql)},
                         {"plan", statement.shape},
                         {"counters", json_of(statement.sum)},
                         {"blocks", json_of(statement.blocks)}})
               .dump() +
           "\n";
  return out;
}

Result<ComparedSide> parse_snapshot(std::string_view text) {
  ComparedSide out;
  std::size_t number = 0, wanted = 0;
  for (const std::string_view line : lines(text)) {
    ++number;
    const auto at_line = [&](Error error) {
      return fail_in(fmt::format("line {}", number), std::move(error));
    };
    auto json = parse_json(line);
    if (!json) return at_line(std::move(json).error());
    if (number == 1) {
      auto side = side_from(*json, wanted);
      if (!side) return at_line(std::move(side).error());
      out = std::move(*side);
    } else if (auto added = add_statement(out, *json); !added) {
      return at_line(std::move(added).error());
    }
  }
  if (number == 0) return fail(ErrorKind::bad_input, "it is empty");
  if (out.statements.size() != wanted)
    return fail(ErrorKind::bad_input,
                fmt::format("it is cut off: {} of {} statements are there", out.statements.size(), wanted));
  return out;
}

ComparisonInput compared(const ComparedSide& before, const ComparedSide& after) {
  ComparisonInput out;
  out.seconds_before = before.seconds;
  out.seconds_after = after.seconds;
  out.commits_before = before.commits;
  out.commits_after = after.commits;
  out.dealloc = before.dealloc + after.dealloc;
  out.all_before = before.all;
  out.all_after = after.all;
  std::map<std::string, ComparedStatement> by_fingerprint;
  for (const auto& [fingerprint, each] : before.statements) {
    ComparedStatement& statement = by_fingerprint[fingerprint];
    statement.sql = each.sql;
    statement.before = each.blocks;
    statement.sum_before = each.sum;
    statement.plan_before = each.shape;
  }
  for (const auto& [fingerprint, each] : after.statements) {
    ComparedStatement& statement = by_fingerprint[fingerprint];
    statement.sql = each.sql;
    statement.after = each.blocks;
    statement.sum_after = each.sum;
    statement.plan_after = each.shape;
  }
  for (auto& [fingerprint, statement] : by_fingerprint) {
    statement.fingerprint = fingerprint;
    out.statements.push_back(std::move(statement));
  }
  return out;
}

std::size_t blocks_of(const ComparedSide& side) {
  std::set<std::size_t> ran;
  for (const auto& [fingerprint, statement] : side.statements) {
    for (std::size_t i = 0; i < statement.blocks.size(); ++i) {
      if (statement.blocks[i].calls > 0) ran.insert(i);
    }
  }
  return ran.size();
}

double watched_share(const ComparedSide& side) {
  const double length = std::chrono::duration<double>(side.span.until - side.span.since).count();
  return length > 0 ? std::min(1.0, side.seconds / length) : 0;
}

}  // namespace signalbox::queries
