#include "instruments/queries/server/server_link.hpp"

#include <fmt/format.h>
#include <sched.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/store/looked_at.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::seconds kStatementTimeout{5};
constexpr std::chrono::milliseconds kLockTimeout{200};
constexpr int kOldestVersion = 130'000;

// The store's hints are about keeping data there.
Error for_reading(Error error) {
  if (error.kind == ErrorKind::denied && error.message.find("permission") != std::string::npos) {
    error.hint = "GRANT pg_monitor TO this user, as a superuser";
  } else if (error.kind == ErrorKind::unavailable) {
    error.hint = "is the server running, and is this its address? --dsn, or PGHOST, PGPORT, PGSERVICE …";
  }
  return error;
}

std::string marked(std::string_view sql) {
  return fmt::format("{} {}", sql, kOwnMark);
}

// A process of that number that is none of PostgreSQL is in another container.
int cores_of_session(std::int64_t pid) {
  const auto title = read_file(fmt::format("/proc/{}/cmdline", pid));
  if (!title || title->find("postgres") == std::string::npos) return 0;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(static_cast<pid_t>(pid), sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
}

}  // namespace

bool is_of_this_machine(const ServerIdentity& server) {
  return server.address.starts_with("localhost:") || server.address.starts_with("127.") ||
         server.address.starts_with("::1:");
}

std::vector<std::string> list_in(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view each : split(text, kListSeparator)) out.emplace_back(each);
  return out;
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

Result<ServerLink> ServerLink::open(std::string_view dsn) {
  store::LookOptions options;
  options.lock_timeout = kLockTimeout;
  options.statement_timeout = kStatementTimeout;
  options.mark = kOwnMark;
  auto database = store::open_looked_at(dsn, options);
  if (!database) return fail(for_reading(std::move(database).error()));
  ServerLink out(std::move(*database));
  SIGNALBOX_CHECK(out.identify());
  SIGNALBOX_CHECK(out.find_statements_schema());
  return out;
}

Status ServerLink::identify() {
  SIGNALBOX_TRY(
      const auto rows,
      query(
          "select current_setting('server_version_num')::int, current_database()::text, current_user::text, "
          "coalesce(host(inet_server_addr()), 'localhost') || ':' || current_setting('port'), "
          "(extract(epoch from pg_postmaster_start_time()) * 1000)::bigint, "
          "case when has_function_privilege('pg_control_system()', 'execute') then 1 else 0 end, "
          "pg_backend_pid()::bigint"));
  const store::Row& row = rows.at(0);
  identity_.version = static_cast<int>(row.integer(0));
  identity_.database = row.text(1);
  identity_.user = row.text(2);
  identity_.address = row.text(3);
  identity_.started = Time(std::chrono::milliseconds(row.integer(4)));
  if (identity_.version < kOldestVersion) {
    return fail(ErrorKind::unavailable,
                fmt::format("{}: PostgreSQL {} keeps no times of execution apart from those of planning",
                            identity_.address, identity_.version / 10'000),
                "PostgreSQL 13 or newer is needed");
  }
  if (is_of_this_machine(identity_)) identity_.cores = cores_of_session(row.integer(6));
  if (row.integer(5) != 0) {
    SIGNALBOX_TRY(const auto control, query("select system_identifier::text from pg_control_system()"));
    identity_.system_identifier = control.at(0).text(0);
  }
  return {};
}

Status ServerLink::find_statements_schema() {
  SIGNALBOX_TRY(const auto rows,
                query("select n.nspname::text from pg_extension e join pg_namespace n on n.oid = "
                      "e.extnamespace where e.extname = 'pg_stat_statements'"));
  statements_schema_ = rows.empty() ? std::string() : quoted_name(rows.front().text(0)) + ".";
  return {};
}

Result<std::vector<store::Row>> ServerLink::query(std::string_view sql,
                                                  const std::vector<store::Value>& parameters) {
  auto rows = database_->query(marked(sql), parameters);
  if (!rows) return fail(for_reading(std::move(rows).error()));
  return rows;
}

Status ServerLink::for_each(std::string_view sql, const std::function<bool(const store::Row&)>& visit) {
  auto done = database_->for_each(marked(sql), {}, visit);
  if (!done) return fail(for_reading(std::move(done).error()));
  return done;
}

}  // namespace signalbox::queries
