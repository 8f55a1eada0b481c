#include "instruments/queries/kept/kept_incidents.hpp"

#include <fmt/format.h>

namespace signalbox::queries {
namespace {

using store::Row;

std::int64_t ms(Time time) {
  return time.time_since_epoch().count();
}

Incident incident_of(const Row& row) {
  Incident out;
  out.id = row.integer(0);
  out.name = row.text(1);
  out.began = Time(Duration(row.integer(2)));
  if (row.integer(3) != 0) out.ended = Time(Duration(row.integer(3)));
  return out;
}

}  // namespace

Result<Incident> KeptIncidents::start(std::int64_t server, std::string_view name, Time began) {
  Incident out{0, std::string(name), began, std::nullopt, {}, {}};
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows, database_.query("select coalesce(max(id), 0) + 1 from queries_incident"));
    out.id = rows.at(0).integer(0);
    return database_.insert_many(
        "queries_incident", {"id", "server", "name", "began_ms", "ended_ms", "ticket_text", "bundle_text"},
        {{out.id, server, out.name, ms(began), std::int64_t{0}, std::string(), std::string()}});
  }));
  return out;
}

Status KeptIncidents::stop(const Incident& incident) {
  SIGNALBOX_CHECK(database_.execute(
      "update queries_incident set ended_ms = ?, ticket_text = ?, bundle_text = ? where id = ?",
      {ms(incident.ended.value_or(incident.began)), incident.ticket, incident.bundle, incident.id}));
  return {};
}

Result<std::vector<Incident>> KeptIncidents::list(std::int64_t server) {
  std::vector<Incident> out;
  SIGNALBOX_CHECK(database_.for_each(
      "select id, name, began_ms, ended_ms from queries_incident where server = ? order by id", {server},
      [&](const Row& row) {
        out.push_back(incident_of(row));
        return true;
      }));
  return out;
}

Result<Incident> KeptIncidents::find(std::int64_t server, std::optional<std::int64_t> id) {
  SIGNALBOX_TRY(const auto rows,
                database_.query("select id, name, began_ms, ended_ms, ticket_text, bundle_text from "
                                "queries_incident where server = ? and (id = ? or ? = 0) order by id desc "
                                "limit 1",
                                {server, id.value_or(0), id.value_or(0)}));
  if (rows.empty())
    return fail(ErrorKind::not_found,
                id ? fmt::format("no incident has the number {}", *id) : "there is no incident",
                id ? "`signalbox queries incident list` has them" : "signalbox queries incident start NAME");
  Incident out = incident_of(rows[0]);
  out.ticket = rows[0].text(4);
  out.bundle = rows[0].text(5);
  return out;
}

}  // namespace signalbox::queries
