#include "instruments/queries/server/prerequisites.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

constexpr long long kStatementsMax = 10'000;
constexpr long long kQuerySize = 4'096;
constexpr int kFirstWithQueryId = 140'000;

// Judges the settings one by one.
class Judge {
 public:
  explicit Judge(const ServerFacts& facts) : facts_(facts) {}

  std::vector<Prerequisite> run() && {
    version();
    privilege();
    preloaded();
    extension();
    query_id();
    tracking();
    room();
    one_of("I/O times", "track_io_timing", {"on"}, "on", Needs::reload,
           "first see that pg_test_timing, run on the server's machine, tells of less than 100 ns");
    at_least("length of current statements", "track_activity_query_size", kQuerySize);
    plans_in_log();
    log_format();
    log_collector();
    return std::move(out_);
  }

 private:
  enum class Needs { reload, restart };

  const std::string* setting(std::string_view name) const {
    const auto found = facts_.settings.find(name);
    return found == facts_.settings.end() ? nullptr : &found->second;
  }
  void add(std::string name, Verdict verdict, std::string found, std::string fix = {},
           Needs needs = Needs::reload) {
    const bool restart = !fix.empty() && needs == Needs::restart;
    out_.push_back({std::move(name), verdict, std::move(found), std::move(fix), restart});
  }
  static std::string set(std::string_view name, std::string_view value) {
    return fmt::format("ALTER SYSTEM SET {} = '{}';", name, value);
  }
  bool loads(std::string_view list, std::string_view library) const {
    const std::string* const value = setting(list);
    if (value == nullptr) return false;
    const auto names = split(*value, ',');
    return std::any_of(names.begin(), names.end(), [&](std::string_view each) {
      const std::string_view name = trim(each);
      return name == library || name.ends_with(fmt::format("/{}", library));
    });
  }

  void version() {
    add("server", facts_.version < kFirstWithQueryId ? Verdict::warn : Verdict::pass,
        fmt::format("PostgreSQL {}.{}{}", facts_.version / 10'000, facts_.version % 10'000,
                    facts_.version < kFirstWithQueryId
                        ? ": sessions and log lines do not name their statement, which 14 and later do"
                        : ""));
  }
  void privilege() {
    if (facts_.sees_everything) return add("privileges", Verdict::pass, facts_.user + " sees all statements");
    add("privileges", Verdict::fail,
        fmt::format("{} sees statements of its own alone; those of others have neither id nor text",
                    facts_.user),
        fmt::format("GRANT pg_monitor TO {};", quoted_name(facts_.user)));
  }
  void preloaded() {
    const std::string* const value = setting("shared_preload_libraries");
    if (loads("shared_preload_libraries", "pg_stat_statements"))
      return add("pg_stat_statements is loaded", Verdict::pass, "shared_preload_libraries = " + *value);
    // The list is hidden from users without privileges; what the library brings is not.
    if (value == nullptr && setting("pg_stat_statements.max") != nullptr)
      return add("pg_stat_statements is loaded", Verdict::pass, "its settings are there");
    const std::string before = value == nullptr || value->empty() ? "" : *value + ", ";
    add("pg_stat_statements is loaded", Verdict::fail, "it is not in shared_preload_libraries",
        facts_.statements_newest.empty()
            ? "install the server's contrib package first; then ALTER SYSTEM SET shared_preload_libraries = "
              "'pg_stat_statements';"
            // A list: each of its names is a word of its own.
            : fmt::format("ALTER SYSTEM SET shared_preload_libraries = {}pg_stat_statements;", before),
        Needs::restart);
  }
  void extension() {
    const std::string name = "pg_stat_statements is made";
    if (facts_.statements_version.empty()) {
      return add(name, Verdict::fail, fmt::format("not in database {}", facts_.database),
                 "CREATE EXTENSION pg_stat_statements;");
    }
    if (facts_.statements_version != facts_.statements_newest && !facts_.statements_newest.empty()) {
      return add(name, Verdict::warn,
                 fmt::format("version {} in database {}; the server has {}", facts_.statements_version,
                             facts_.database, facts_.statements_newest),
                 "ALTER EXTENSION pg_stat_statements UPDATE;");
    }
    add(name, Verdict::pass,
        fmt::format("version {} in database {}", facts_.statements_version, facts_.database));
  }
  void query_id() {
    if (facts_.version < kFirstWithQueryId) return;
    const std::string* const value = setting("compute_query_id");
    const std::string found = value == nullptr ? "unknown" : *value;
    if (found != "off") return add("ids of statements", Verdict::pass, "compute_query_id = " + found);
    add("ids of statements", Verdict::fail, "compute_query_id = off: nothing is counted",
        set("compute_query_id", "auto"));
  }
  void tracking() {
    const std::string* const value = setting("pg_stat_statements.track");
    if (value == nullptr) return;
    if (*value == "none")
      return add("what is counted", Verdict::fail, "pg_stat_statements.track = none",
                 set("pg_stat_statements.track", "top"));
    add("what is counted", Verdict::pass,
        fmt::format("pg_stat_statements.track = {}{}", *value,
                    *value == "all"
                        ? ": statements inside functions too, whose time is in their callers' as well"
                        : ""));
  }
  void room() {
    const std::string* const value = setting("pg_stat_statements.max");
    if (value == nullptr) return;
    const long long most = parse_integer(*value).value_or(0);
    const bool enough = most >= kStatementsMax;
    add("room for statements", enough && facts_.statements_dropped == 0 ? Verdict::pass : Verdict::warn,
        fmt::format("pg_stat_statements.max = {}; statements were dropped for want of room {}", most,
                    facts_.statements_dropped == 0 ? "never" : counted(facts_.statements_dropped, "time")),
        enough && facts_.statements_dropped == 0
            ? ""
            : set("pg_stat_statements.max", std::to_string(std::max(kStatementsMax, enough ? most * 2 : 0))),
        Needs::restart);
  }
  void one_of(std::string name, std::string_view key, std::initializer_list<std::string_view> good,
              std::string_view advised, Needs needs, std::string_view remark = {}) {
    const std::string* const value = setting(key);
    if (value == nullptr) return;
    const bool is_good = std::find(good.begin(), good.end(), *value) != good.end();
    add(std::move(name), is_good ? Verdict::pass : Verdict::warn,
        fmt::format("{} = {}{}{}", key, *value, is_good || remark.empty() ? "" : "; ", is_good ? "" : remark),
        is_good ? "" : set(key, advised), needs);
  }
  void at_least(std::string name, std::string_view key, long long least) {
    const std::string* const value = setting(key);
    if (value == nullptr) return;
    const bool is_good = parse_integer(*value).value_or(0) >= least;
    add(std::move(name), is_good ? Verdict::pass : Verdict::warn, fmt::format("{} = {}", key, *value),
        is_good ? "" : set(key, std::to_string(least)), Needs::restart);
  }

  void plans_in_log() {
    const bool shared = loads("shared_preload_libraries", "auto_explain");
    if (!shared && !loads("session_preload_libraries", "auto_explain")) {
      const std::string* const value = setting("session_preload_libraries");
      const std::string before = value == nullptr || value->empty() ? "" : *value + ", ";
      return add("plans in the log", Verdict::warn,
                 "auto_explain is not loaded: plans are those that are asked for",
                 fmt::format("ALTER SYSTEM SET session_preload_libraries = {}auto_explain;", before));
    }
    const std::string* const threshold = setting("auto_explain.log_min_duration");
    if (threshold == nullptr) {
      return add("plans in the log", Verdict::pass,
                 "auto_explain is loaded by sessions; its settings are not told here");
    }
    add("plans in the log", *threshold == "-1" ? Verdict::warn : Verdict::pass,
        fmt::format("auto_explain.log_min_duration = {}{}", *threshold, *threshold == "-1" ? ": off" : " ms"),
        *threshold == "-1" ? set("auto_explain.log_min_duration", "250ms") : "");
    one_of("rows and times in plans", "auto_explain.log_analyze", {"on"}, "on", Needs::reload);
    one_of("blocks in plans", "auto_explain.log_buffers", {"on"}, "on", Needs::reload);
    one_of("plans that programs read", "auto_explain.log_format", {"json"}, "json", Needs::reload);
    const std::string* const rate = setting("auto_explain.sample_rate");
    const std::string* const analyze = setting("auto_explain.log_analyze");
    if (rate != nullptr && analyze != nullptr && *analyze == "on" && *rate == "1") {
      add("share of statements measured", Verdict::warn,
          "auto_explain.sample_rate = 1: every statement is measured, also those under the threshold",
          set("auto_explain.sample_rate", "0.1"));
    }
  }
  void log_format() {
    const std::string* const destination = setting("log_destination");
    if (destination == nullptr) return;
    const auto names = split(*destination, ',');
    const auto has = [&](std::string_view name) {
      return std::any_of(names.begin(), names.end(),
                         [&](std::string_view each) { return trim(each) == name; });
    };
    if (has("jsonlog") || has("csvlog"))
      return add("log", Verdict::pass, "log_destination = " + *destination);
    const std::string* const prefix = setting("log_line_prefix");
    const bool has_id = prefix != nullptr && prefix->find("%Q") != std::string::npos;
    if (has_id) return add("log", Verdict::pass, "log_line_prefix = " + printable(*prefix));
    if (facts_.version >= 150'000) {
      return add("log", Verdict::warn,
                 "log_destination = " + *destination + ": its lines do not name their statement",
                 set("log_destination", "jsonlog"));
    }
    add("log", Verdict::warn, "log_line_prefix has no %Q: lines do not name their statement",
        "ALTER SYSTEM SET log_line_prefix = '%m [%p] %u@%d %a %Q ';");
  }

  // Without it the server writes neither JSON nor CSV, whatever its destination says.
  void log_collector() {
    const std::string* const collector = setting("logging_collector");
    const std::string* const destination = setting("log_destination");
    if (collector == nullptr || destination == nullptr) return;
    const bool is_wanted = std::any_of(out_.begin(), out_.end(), [](const Prerequisite& each) {
      return each.fix.starts_with("ALTER SYSTEM SET log_destination");
    });
    const bool is_set =
        destination->find("jsonlog") != std::string::npos || destination->find("csvlog") != std::string::npos;
    if (!is_wanted && !is_set) return;
    const bool on = *collector == "on";
    add("who writes the log", on ? Verdict::pass : Verdict::warn, "logging_collector = " + *collector,
        on ? "" : set("logging_collector", "on"), Needs::restart);
  }

  const ServerFacts& facts_;
  std::vector<Prerequisite> out_;
};

}  // namespace

Result<ServerFacts> read_facts(ServerLink& link) {
  ServerFacts out;
  out.version = link.identity().version;
  out.user = link.identity().user;
  out.database = link.identity().database;
  SIGNALBOX_TRY(
      const auto role,
      link.query("select pg_has_role(current_user, 'pg_read_all_stats', 'usage') or (select rolsuper from "
                 "pg_roles where rolname = current_user)"));
  out.sees_everything = role.at(0).integer(0) != 0;
  SIGNALBOX_TRY(
      const auto settings,
      link.query(
          "select name::text, setting::text from pg_settings where name like 'pg_stat_statements.%' or "
          "name like 'auto_explain.%' or name in ('shared_preload_libraries', "
          "'session_preload_libraries', 'compute_query_id', 'track_io_timing', "
          "'track_activity_query_size', 'log_destination', 'log_line_prefix', 'logging_collector')"));
  for (const store::Row& row : settings) out.settings[row.text(0)] = row.text(1);
  SIGNALBOX_TRY(
      const auto extension,
      link.query("select coalesce(installed_version::text, ''), coalesce(default_version::text, '') from "
                 "pg_available_extensions where name = 'pg_stat_statements'"));
  if (!extension.empty()) {
    out.statements_version = extension[0].text(0);
    out.statements_newest = extension[0].text(1);
  }
  const bool counts = out.settings.contains("pg_stat_statements.max");
  if (out.version >= kFirstWithQueryId && !out.statements_version.empty() && counts) {
    if (const auto info =
            link.query("select dealloc from " + link.statements_schema() + "pg_stat_statements_info"))
      out.statements_dropped = info->at(0).integer(0);
  }
  return out;
}

std::vector<Prerequisite> judge(const ServerFacts& facts) {
  return Judge(facts).run();
}

Report doctor_report(const ServerIdentity& server, const std::vector<Prerequisite>& all) {
  Report report;
  report.instrument = "queries";
  report.title = fmt::format("What can be told of the queries of {}", server.address);
  const auto count = [&](Verdict verdict) {
    return std::count_if(all.begin(), all.end(),
                         [&](const Prerequisite& each) { return each.verdict == verdict; });
  };
  for (const Prerequisite& each : all) {
    Check check;
    check.name = each.name;
    check.verdict = each.verdict;
    check.answer = each.found;
    if (each.verdict != Verdict::pass) {
      check.reason = "setting";
      check.remedy = each.fix + (each.restart ? "  -- then restart the server" : "");
    }
    report.checks.push_back(std::move(check));
  }
  report.verdict = count(Verdict::fail) > 0   ? Verdict::fail
                   : count(Verdict::warn) > 0 ? Verdict::warn
                                              : Verdict::pass;
  report.summary = report.verdict == Verdict::fail ? "its queries cannot be told of yet"
                   : report.verdict == Verdict::warn
                       ? fmt::format("works; {} would tell more", counted(count(Verdict::warn), "setting"))
                       : "everything is there";
  report.facts.push_back({"database", server.database, ""});
  report.facts.push_back({"user", server.user, ""});
  if (report.verdict != Verdict::fail) report.next = {"signalbox queries watch"};
  return report;
}

std::string fix_script(const std::vector<Prerequisite>& all) {
  std::string now, later;
  for (const Prerequisite& each : all) {
    if (each.verdict == Verdict::pass || each.fix.empty()) continue;
    (each.restart ? later : now) += fmt::format("-- {}: {}\n{}\n", each.name, each.found, each.fix);
  }
  std::string out;
  if (!now.empty()) out += now + "SELECT pg_reload_conf();\n";
  if (!later.empty()) out += later + "-- These need a restart of the server.\n";
  return out;
}

}  // namespace signalbox::queries
