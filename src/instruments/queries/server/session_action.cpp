#include "instruments/queries/server/session_action.hpp"

#include <thread>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/sql/fingerprint.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::milliseconds kLookAgain{50};
constexpr std::string_view kStarted = "(extract(epoch from backend_start) * 1000000)::bigint";
constexpr std::string_view kClients = "backend_type = 'client backend' and pid <> pg_backend_pid()";

struct Identity {
  std::int64_t started_us = 0, query_id = 0;
};

Result<Identity> identity_from(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto started = parse_integer(text.substr(0, dot));
  const auto query = dot == std::string_view::npos ? std::nullopt : parse_integer(text.substr(dot + 1));
  if (!started || !query)
    return fail(ErrorKind::bad_input, fmt::format("{} is no identity of a session", printable(text)),
                "the same command without --confirm says it");
  return Identity{*started, *query};
}

}  // namespace

std::string_view name_of(SessionAction action) {
  return action == SessionAction::cancel ? "cancel" : "terminate";
}

std::string SessionTarget::identity() const {
  return fmt::format("{}.{}", started_us, query_id);
}

Result<SessionTarget> read_target(ServerLink& link, std::int64_t pid) {
  SIGNALBOX_TRY(
      const auto rows,
      link.query(
          fmt::format("select {}, coalesce(query_id, 0), coalesce(datname::text, ''), "
                      "coalesce(usename::text, ''), coalesce(application_name, ''), "
                      "coalesce(host(client_addr), ''), coalesce(state, ''), "
                      "coalesce(wait_event_type || ':' || wait_event, ''), "
                      "coalesce(extract(epoch from clock_timestamp() - xact_start), 0)::float8, "
                      "coalesce(extract(epoch from clock_timestamp() - query_start), 0)::float8, "
                      "coalesce(query, ''), backend_type is null from pg_stat_activity where pid = ? and "
                      "(backend_type is null or {})",
                      kStarted, kClients),
          {pid}));
  if (rows.empty())
    return fail(ErrorKind::not_found, fmt::format("no client's session has the process {}", pid),
                "`signalbox queries locks` and pg_stat_activity list them");
  const store::Row& row = rows[0];
  if (row.integer(11) != 0)
    return fail(ErrorKind::denied, fmt::format("the server does not tell this user of the process {}", pid),
                "GRANT pg_monitor, pg_signal_backend TO the role that asks");
  SessionTarget out{
      pid,         row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5),
      row.text(6), row.text(7),    row.real(8),    row.real(9), {},          {},          {}};
  if (const std::string& sql = row.text(10); !sql.empty() && !sql.starts_with("<insufficient")) {
    StatementText text = read_statement(sql);
    out.fingerprint = std::move(text.fingerprint);
    out.sql = std::move(text.text);
  }
  SIGNALBOX_TRY(const auto waiting,
                link.query("select pid from pg_stat_activity where wait_event_type = 'Lock' and ? = "
                           "any(pg_blocking_pids(pid)) order by pid",
                           {pid}));
  for (const store::Row& each : waiting) out.in_its_way.push_back(each.integer(0));
  return out;
}

Status act(ServerLink& link, SessionAction action, std::int64_t pid, std::string_view identity) {
  SIGNALBOX_TRY(const Identity wanted, identity_from(identity));
  const char* const function = action == SessionAction::cancel ? "pg_cancel_backend" : "pg_terminate_backend";
  auto rows = link.query(fmt::format("select {}(pid) from pg_stat_activity where pid = ? and {} = ? and "
                                     "coalesce(query_id, 0) = ? and {}",
                                     function, kStarted, kClients),
                         {pid, wanted.started_us, wanted.query_id});
  if (!rows) return fail(std::move(rows).error());
  if (rows->empty())
    return fail(ErrorKind::conflict,
                fmt::format("the process {} is another session by now, runs another statement, or is gone: "
                            "nothing was done",
                            pid),
                "look again without --confirm");
  return {};
}

Result<bool> wait_until_over(ServerLink& link, SessionAction action, std::int64_t pid,
                             std::string_view identity, std::chrono::milliseconds patience) {
  SIGNALBOX_TRY(const Identity wanted, identity_from(identity));
  const std::string still = action == SessionAction::cancel
                                ? " and state = 'active' and coalesce(query_id, 0) = ?"
                                : std::string(" and coalesce(?, 0) is not null");
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    SIGNALBOX_TRY(const auto rows,
                  link.query(fmt::format("select pid from pg_stat_activity where pid = ? and {} = ?{}",
                                         kStarted, still),
                             {pid, wanted.started_us, wanted.query_id}));
    if (rows.empty()) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace signalbox::queries
