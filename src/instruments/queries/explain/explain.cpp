#include "instruments/queries/explain/explain.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/store/looked_at.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_report.hpp"
#include "instruments/queries/server/backend_watch.hpp"
#include "instruments/queries/sql/names.hpp"
#include "instruments/queries/sql/statement_kind.hpp"

namespace signalbox::queries {
namespace {

using How = ExplainRequest::How;
using Does = StatementKind::Does;

constexpr std::chrono::milliseconds kLockTimeout{200};

// What stands before a bracket in the expressions of a plan: views and functions that are written out there
// call what the statement does not name.
void add_calls(std::string_view text, std::set<std::string>& out) {
  const auto is_in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1)) {
    std::size_t begin = at;
    if (at > 0 && text[at - 1] == '"') {
      begin = text.rfind('"', at - 2);
      if (at < 2 || begin == std::string_view::npos) continue;
      out.emplace(text.substr(begin + 1, at - begin - 2));
      continue;
    }
    while (begin > 0 && is_in_name(text[begin - 1])) --begin;
    if (begin < at) out.emplace(text.substr(begin, at - begin));
  }
}

std::set<std::string> calls_of(const Plan& plan) {
  std::set<std::string> out;
  for (const PlanNode& node : plan.nodes) {
    for (const std::string* text : {&node.filter, &node.join_filter, &node.index_cond, &node.recheck_cond,
                                    &node.hash_cond, &node.merge_cond})
      add_calls(*text, out);
    for (const auto* texts : {&node.output, &node.sort_keys, &node.group_keys}) {
      for (const std::string& text : *texts) add_calls(text, out);
    }
    for (const auto& [name, text] : node.details) {
      add_calls(text, out);
      if (name == "Function Name") out.insert(text);
    }
  }
  return out;
}

class Explaining {
 public:
  Explaining(std::string_view dsn, const ExplainRequest& request, StatementKind kind)
      : dsn_(dsn), request_(request), kind_(std::move(kind)) {}

  Result<Explained> run() && {
    store::LookOptions options;
    options.access =
        request_.may_write ? store::LookOptions::Access::read_write : store::LookOptions::Access::read_only;
    options.lock_timeout = kLockTimeout;
    options.statement_timeout = request_.timeout;
    options.sql = store::LookOptions::Sql::as_written;
    SIGNALBOX_TRY(database_, store::open_looked_at(dsn_, options));
    if (kind_.parameters > 0) SIGNALBOX_CHECK(prepare());
    SIGNALBOX_TRY(Plan planned, plan("verbose, format json"));
    Explained out;
    if (request_.how == How::executed) {
      if (!request_.may_write) SIGNALBOX_CHECK(refuse_volatile(planned));
      SIGNALBOX_CHECK(execute(out));
    } else {
      out.plan = std::move(planned);
    }
    SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_));
    SIGNALBOX_TRY(out.catalog, read_plan_catalog(link, out.plan));
    return out;
  }

 private:
  Status prepare() {
    // What the server makes of it when it knows no values.
    if (request_.how == How::generic) SIGNALBOX_CHECK(run("set plan_cache_mode = force_generic_plan"));
    if (request_.how != How::generic) SIGNALBOX_CHECK(run("set plan_cache_mode = force_custom_plan"));
    return run("prepare signalbox_explained as " + request_.sql);
  }
  std::string statement() const {
    if (kind_.parameters == 0) return request_.sql;
    std::vector<std::string> values = request_.values.value_or(std::vector<std::string>());
    values.resize(kind_.parameters, "null");
    return fmt::format("execute signalbox_explained({})", fmt::join(values, ", "));
  }
  Status run(const std::string& sql) {
    SIGNALBOX_CHECK(database_->execute(sql));
    return {};
  }

  // In a transaction that is rolled back, whatever comes of it.
  Result<Plan> plan(std::string_view options) {
    Result<Plan> out = fail(ErrorKind::internal, "nothing was explained");
    const auto access = request_.may_write ? store::Database::Access::write : store::Database::Access::read;
    const Status ended = database_->transaction(access, [&]() -> Status {
      out = [&]() -> Result<Plan> {
        SIGNALBOX_TRY(const auto rows,
                      database_->query(fmt::format("explain ({}) {}", options, statement())));
        return read_plan(rows.at(0).text(0));
      }();
      return fail(ErrorKind::internal, "it was tried, and is taken back");
    });
    // The transaction could not be begun.
    if (!out && out.error().message == "nothing was explained") return fail(ended.error());
    return out;
  }

  Status refuse_volatile(const Plan& planned) {
    std::set<std::string> calls = calls_of(planned);
    calls.insert(kind_.functions.begin(), kind_.functions.end());
    const std::string names = join({calls.begin(), calls.end()}, std::string_view(&kListSeparator, 1));
    SIGNALBOX_TRY(
        const auto rows,
        database_->query("select distinct p.proname::text from pg_proc p where p.proname = any "
                         "(string_to_array($1, chr(31))) and p.provolatile = 'v' and p.prokind = 'f' and not "
                         "(p.pronamespace = 'pg_catalog'::regnamespace and p.proname in ('random', "
                         "'clock_timestamp', 'timeofday', 'gen_random_uuid')) order by 1",
                         {names}));
    if (rows.empty()) return {};
    std::vector<std::string> found;
    for (const store::Row& row : rows) found.push_back(printable(row.text(0)));
    return fail(ErrorKind::bad_input,
                fmt::format("it is not executed: {} may do anything, what is not rolled back too",
                            fmt::join(found, ", ")),
                "without --analyze it is planned only; --allow-write executes it");
  }

  Status execute(Explained& out) {
    SIGNALBOX_TRY(const auto pid, database_->query("select pg_backend_pid()::bigint"));
    // It tells more, and is not needed: a server may be out of connections.
    const auto watch = BackendWatch::start(dsn_, pid.at(0).integer(0));
    auto executed = plan("analyze, verbose, buffers, format json");
    out.surroundings = request_.usual;
    if (watch && executed) {
      const BackendObservation seen = (*watch)->stop();
      const double all_ms = executed->execution_ms.value_or(0) + executed->planning_ms.value_or(0);
      out.surroundings.lock_share = seen.lock_share();
      out.surroundings.blocker = seen.blocker;
      if (seen.queued_ms && all_ms > 0) out.surroundings.run_queue_share = *seen.queued_ms / all_ms;
    }
    if (!executed) return fail(std::move(executed).error());
    out.plan = std::move(*executed);
    out.wrote = kind_.does == Does::write;
    return {};
  }

  std::string dsn_;
  const ExplainRequest& request_;
  StatementKind kind_;
  std::unique_ptr<store::Database> database_;
};

Status refuse(const ExplainRequest& request, const StatementKind& kind) {
  if (kind.does == Does::other) {
    return fail(ErrorKind::bad_input, "the statement is none that is planned",
                "SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE, without EXPLAIN before it");
  }
  if (kind.does == Does::write && request.how == How::executed && !request.may_write) {
    return fail(
        ErrorKind::bad_input, "it is not executed: it writes, or locks rows",
        "without --analyze it is planned only; --allow-write executes it and rolls it back; numbers of "
        "sequences and what it does to other servers stay");
  }
  const std::size_t given = request.values ? request.values->size() : 0;
  if (kind.parameters == 0 || request.how == How::generic) {
    if (given == 0) return {};
    return fail(ErrorKind::bad_input, "--params: the statement takes none here");
  }
  if (given == kind.parameters) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("the statement has {}, and {} given", counted(kind.parameters, "parameter"),
                          given == 1 ? "1 value is" : fmt::format("{} values are", given)),
              "--params '[…]' gives the values in their order; --generic plans for all values");
}

}  // namespace

Result<Explained> explain(std::string_view dsn, const ExplainRequest& request) {
  SIGNALBOX_TRY(StatementKind kind, kind_of_statement(request.sql));
  SIGNALBOX_CHECK(refuse(request, kind));
  return Explaining(dsn, request, std::move(kind)).run();
}

Result<std::vector<std::string>> sql_values(std::string_view json) {
  auto parsed = parse_json(json);
  if (!parsed) return fail_in("--params", std::move(parsed).error());
  std::vector<std::string> out;
  bool good = parsed->is_array();
  for (const Json& each : parsed->items()) {
    good = good && !each.is_array() && !each.is_object();
    out.push_back(each.is_null()     ? "null"
                  : each.is_string() ? sql_literal(each.as_string())
                  : each.is_bool()   ? (each.as_bool() ? "true" : "false")
                                     : each.dump());
  }
  if (!good)
    return fail(ErrorKind::bad_input, "--params: is no array of plain values",
                R"(for example '[42, "open", null]')");
  return out;
}

Report explain_report(const Explained& explained, const ExplainRequest& request) {
  const std::string title = request.how == How::generic ? "Plan for all values" : "Plan";
  Report out = plan_report(explained.plan, title,
                           request.how == How::executed ? ShowDiagnoses::yes : ShowDiagnoses::no,
                           diagnose(explained.plan, explained.catalog, explained.surroundings));
  if (explained.wrote) out.facts.push_back({"what it wrote", "was rolled back", ""});
  if (request.how == How::executed) {
    out.facts.push_back({"waited for locks", explained.surroundings.lock_share, "of its time"});
    out.data.set("lock_share", explained.surroundings.lock_share);
    out.data.set("run_queue_share", explained.surroundings.run_queue_share);
  }
  out.data.set("rolled_back", explained.wrote);
  return out;
}

}  // namespace signalbox::queries
