#include "instruments/queries/server/setup.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/store/looked_at.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kThreshold_s = 0.25;
constexpr double kSampled = 0.1;
constexpr double kPlanBytes = 8'192;
constexpr double kMuchBytes = 5e6;  // a second

constexpr std::string_view kLoad = "LOAD 'auto_explain';";

// "ALTER SYSTEM SET name = …": ALTER SYSTEM RESET name. Of what is made and granted nothing is undone here.
std::string undo_of(const std::string& sql) {
  constexpr std::string_view kSet = "ALTER SYSTEM SET ";
  if (!sql.starts_with(kSet)) return {};
  const std::size_t end = sql.find(' ', kSet.size());
  return fmt::format("ALTER SYSTEM RESET {};", sql.substr(kSet.size(), end - kSet.size()));
}

bool has_statement(const std::vector<SetupStep>& steps, std::string_view setting) {
  return std::any_of(steps.begin(), steps.end(), [&](const SetupStep& each) {
    return each.sql.starts_with(fmt::format("ALTER SYSTEM SET {} ", setting));
  });
}

Json step_json(const SetupStep& step) {
  return Json::object({{"why", step.why}, {"sql", step.sql}, {"undo", step.undo}, {"restart", step.restart}});
}

Report report_of(const ServerIdentity& server, const PlanVolume& volume) {
  Report out;
  out.instrument = "queries";
  out.title = "Settings of " + server.address;
  if (!volume.is_known) return out;
  out.facts.push_back({"plans in its log, at most",
                       text_of_bytes(static_cast<std::int64_t>(volume.bytes_a_second)), "a second"});
  if (volume.bytes_a_second > kMuchBytes) {
    out.findings.push_back(
        {"queries/much_log", Severity::warning,
         fmt::format("statements execute for {:.1f} s in a second: plans of those over 250 ms could "
                     "fill the log with {} a second",
                     volume.busy, text_of_bytes(static_cast<std::int64_t>(volume.bytes_a_second))),
         std::nullopt, "a higher auto_explain.log_min_duration, or a lower sample_rate"});
  }
  return out;
}

}  // namespace

std::vector<SetupStep> setup_steps(const ServerFacts& facts) {
  std::vector<SetupStep> out;
  for (const Prerequisite& each : judge(facts)) {
    if (each.verdict == Verdict::pass || each.fix.empty()) continue;
    // What has to be installed first is no statement alone.
    const std::size_t statement = each.fix.find("ALTER SYSTEM SET");
    const std::string sql = statement == std::string::npos ? each.fix : each.fix.substr(statement);
    out.push_back({fmt::format("{}: {}", each.name, each.found), sql, undo_of(sql), each.restart});
  }
  struct Setting {
    const char *name, *usual, *wanted, *why;
  };
  constexpr Setting kPlans[] = {
      {"auto_explain.log_min_duration", "-1", "250ms", "plans of statements that take longer"},
      {"auto_explain.log_analyze", "off", "on", "rows and times in them"},
      {"auto_explain.log_buffers", "off", "on", "blocks in them"},
      {"auto_explain.log_format", "text", "json", "for programs to read"},
      {"auto_explain.sample_rate", "1", "0.1", "one statement in ten is measured: what is measured costs"},
  };
  for (const Setting& each : kPlans) {
    const auto found = facts.settings.find(each.name);
    const std::string value = found == facts.settings.end() ? each.usual : found->second;
    if (value != each.usual || has_statement(out, each.name)) continue;
    const std::string sql = fmt::format("ALTER SYSTEM SET {} = '{}';", each.name, each.wanted);
    out.push_back({each.why, sql, undo_of(sql), false});
  }
  // The server takes no setting of a library that it does not know.
  const bool sets_plans = std::any_of(out.begin(), out.end(), [](const SetupStep& each) {
    return each.sql.find(" auto_explain.") != std::string::npos;
  });
  if (sets_plans && !facts.settings.contains("auto_explain.log_min_duration"))
    out.insert(out.begin(),
               {"so that its settings are known to this session", std::string(kLoad), "", false});
  return out;
}

Result<PlanVolume> expected_volume(ServerLink& link) {
  PlanVolume out;
  if (link.statements_schema().empty()) return out;
  SIGNALBOX_TRY(const auto info, link.query("select to_regclass(?)::text",
                                            {link.statements_schema() + "pg_stat_statements_info"}));
  if (info.empty() || info.front().is_null(0)) return out;
  const auto rows =
      link.query(fmt::format("select coalesce(sum(total_exec_time), 0)::float8 / 1000, greatest(1, "
                             "extract(epoch from now() - (select "
                             "stats_reset from {0}pg_stat_statements_info)))::float8 from "
                             "{0}pg_stat_statements(false) where toplevel",
                             link.statements_schema()));
  if (!rows || rows->empty()) return out;  // it is not loaded
  out.busy = rows->front().real(0) / rows->front().real(1);
  out.bytes_a_second = out.busy / kThreshold_s * kSampled * kPlanBytes;
  out.is_known = true;
  return out;
}

Result<std::vector<SetupOutcome>> apply_setup(std::string_view dsn, const std::vector<SetupStep>& steps) {
  store::LookOptions options;
  options.access = store::LookOptions::Access::read_write;
  options.statement_timeout = std::chrono::seconds(30);
  options.sql = store::LookOptions::Sql::as_written;
  SIGNALBOX_TRY(const auto database, store::open_looked_at(dsn, options));
  std::vector<SetupOutcome> out;
  for (const SetupStep& each : steps) {
    const auto done = database->execute(each.sql);
    out.push_back({each, done ? "" : done.error().message});
  }
  SIGNALBOX_CHECK(database->execute("select pg_reload_conf()"));
  return out;
}

std::string setup_script(const std::vector<SetupStep>& steps) {
  std::string out;
  for (const SetupStep& each : steps)
    out += fmt::format("-- {}{}\n{}\n", each.why, each.restart ? "; needs a restart" : "", each.sql);
  if (!out.empty()) out += "SELECT pg_reload_conf();\n";
  return out;
}

Report setup_report(const ServerIdentity& server, const std::vector<SetupStep>& steps,
                    const PlanVolume& volume) {
  Report out = report_of(server, volume);
  const auto restarts =
      std::count_if(steps.begin(), steps.end(), [](const SetupStep& each) { return each.restart; });
  out.verdict = steps.empty() ? Verdict::pass : Verdict::warn;
  out.summary = steps.empty() ? "there is nothing to change"
                              : counted(steps.size(), "statement") + " would set it up; nothing was changed";
  Table table;
  table.title = "What would be changed";
  table.columns = {{"statement"}, {"restart"}, {"why"}};
  Json list = Json::array();
  for (const SetupStep& each : steps) {
    table.rows.push_back(
        {each.sql, each.restart ? Cell("needed", Tone::caution) : Cell(""), printable(each.why)});
    list.push_back(step_json(each));
  }
  if (!steps.empty()) out.tables.push_back(std::move(table));
  if (!steps.empty()) out.next = {"signalbox queries setup --apply"};
  out.data = Json::object({{"steps", std::move(list)},
                           {"restart", restarts > 0},
                           {"script", setup_script(steps)},
                           {"plan_bytes_a_second", volume.is_known ? Json(volume.bytes_a_second) : Json()}});
  return out;
}

Report applied_report(const ServerIdentity& server, const std::vector<SetupOutcome>& done,
                      const PlanVolume& volume) {
  Report out = report_of(server, volume);
  std::size_t failed = 0;
  bool restart = false;
  Table table;
  table.title = "What was changed";
  table.columns = {{"statement"}, {"done"}, {"undone by"}};
  Json list = Json::array();
  for (const SetupOutcome& each : done) {
    failed += each.error.empty() ? 0 : 1;
    restart = restart || (each.error.empty() && each.step.restart);
    table.rows.push_back({each.step.sql,
                          each.error.empty() ? Cell(each.step.restart ? "after a restart" : "yes", Tone::good)
                                             : Cell("no: " + printable(each.error), Tone::bad),
                          each.step.undo});
    Json step = step_json(each.step);
    step.set("error", each.error.empty() ? Json() : Json(printable(each.error)));
    list.push_back(std::move(step));
  }
  out.verdict = failed > 0 ? Verdict::fail : restart ? Verdict::warn : Verdict::pass;
  out.summary = failed > 0     ? fmt::format("{} of {} failed", failed, counted(done.size(), "statement"))
                : done.empty() ? "there is nothing to change"
                : restart ? "restart the server, then look again: settings of what is loaded then may be left"
                          : "it is set up";
  if (!done.empty()) out.tables.push_back(std::move(table));
  // What belongs to a library can be set once it is loaded.
  out.next = {restart ? "signalbox queries setup" : "signalbox queries doctor"};
  out.data = Json::object({{"steps", std::move(list)}, {"restart", restart}});
  return out;
}

}  // namespace signalbox::queries
