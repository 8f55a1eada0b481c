// GET /api/v1/evidence/timeline: the checkpoints that the log signed, how it grew, and its last audit.
#include <algorithm>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/ledger_commit.hpp"
#include "core/evidence/tile_edge.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::int64_t kEntriesLookedAt = 5'000;  // the newest, for their checkpoints
constexpr std::size_t kCheckpoints = 100;
constexpr std::size_t kAuditsLookedAt = 50;
constexpr std::uint64_t kPoints = 120;  // of the growth since the first entry

// The entries of one commit have one time, and each commit signs one checkpoint. Newest first.
Result<Json> checkpoints_of(store::Database& database, std::uint64_t size) {
  struct Signed {
    std::int64_t time = 0;
    std::uint64_t size = 0, entries = 0;
  };
  std::vector<Signed> newest;
  const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(size) - kEntriesLookedAt);
  SIGNALBOX_CHECK(
      database.for_each("select t, max(i), count(*) from evidence_entry where i >= ? and i < ? group by t "
                        "order by t desc limit ?",
                        {first, static_cast<std::int64_t>(size), static_cast<std::int64_t>(kCheckpoints)},
                        [&](const store::Row& row) {
                          newest.push_back({row.integer(0), static_cast<std::uint64_t>(row.integer(1)) + 1,
                                            static_cast<std::uint64_t>(row.integer(2))});
                          return true;
                        }));
  const bool is_cut =
      !newest.empty() && first > 0 && newest.back().size - newest.back().entries == std::uint64_t(first);
  if (is_cut) newest.pop_back();  // its first entries were not looked at
  const ev::HashReader hashes = ev::hashes_of_tiles(ev::tiles_in(database));
  Json out = Json::array();
  for (const Signed& one : newest) {
    SIGNALBOX_TRY(const Sha256 root, ev::tree_root(one.size, hashes));
    out.push_back(Json::object({{"size", one.size},
                                {"entries", one.entries},
                                {"time", to_rfc3339(Time(Duration(one.time)))},
                                {"root", to_hex(root)}}));
  }
  return out;
}

// Sizes at evenly many entries, with the time at which the log had them; oldest first.
Result<Json> growth_of(store::Database& database, std::uint64_t size) {
  Json out = Json::array();
  std::uint64_t before = 0;
  for (std::uint64_t point = 1; point <= kPoints; ++point) {
    const std::uint64_t at = std::max<std::uint64_t>(1, size * point / kPoints);
    if (at == before) continue;
    before = at;
    SIGNALBOX_TRY(const auto rows, database.query("select t from evidence_entry where i = ?",
                                                  {static_cast<std::int64_t>(at - 1)}));
    if (rows.empty()) continue;
    out.push_back(Json::object({{"size", at}, {"time", to_rfc3339(Time(Duration(rows[0].integer(0))))}}));
  }
  return out;
}

// What the newest recorded audit of this log came to; null where there is none among the newest. Audits of
// other logs are recorded here, too.
Result<Json> last_audit(const ev::Ledger& ledger) {
  SIGNALBOX_TRY(const ev::PublicKey log, ledger.log_key());
  ev::Query query;
  query.type = whole_type("evidence/log-audit/v1");
  query.limit = kAuditsLookedAt;
  SIGNALBOX_TRY(const std::vector<ev::Entry> found, ledger.query(query));
  for (const ev::Entry& entry : found) {
    const auto envelope = ev::parse_envelope(entry.envelope);
    const auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
    if (!statement || statement->predicate["origin"].as_string() != log.name) continue;
    return Json::object({{"index", entry.index},
                         {"time", to_rfc3339(entry.time)},
                         {"origin", statement->predicate["origin"]},
                         {"size", statement->predicate["size"]},
                         {"failures", statement->predicate["failures"]},
                         {"forks", statement->predicate["forks"]}});
  }
  return Json();
}

Result<http::Response> timeline(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  const auto ledger = ev::Ledger::open_read_only(*database);
  if (!ledger && ledger.error().kind != ErrorKind::not_found) return fail(ledger.error());
  const std::uint64_t size = ledger ? ledger->size() : 0;
  if (size == 0)
    return http::Response::json(Json::object(
        {{"size", 0}, {"checkpoints", Json::array()}, {"growth", Json::array()}, {"audit", nullptr}}));
  SIGNALBOX_TRY(Json checkpoints, checkpoints_of(*database, size));
  SIGNALBOX_TRY(Json growth, growth_of(*database, size));
  SIGNALBOX_TRY(Json audit, last_audit(*ledger));
  return http::Response::json(Json::object({{"size", size},
                                            {"checkpoints", std::move(checkpoints)},
                                            {"growth", std::move(growth)},
                                            {"audit", std::move(audit)}}));
}

}  // namespace

http::Route timeline_route(std::shared_ptr<const Services> services) {
  http::Route route;
  route.path = "/api/v1/evidence/timeline";
  route.summary = "The newest checkpoints with their roots, how the log grew, and its last recorded audit";
  route.handle = [services = std::move(services)](const http::Request&) { return timeline(*services); };
  return route;
}

}  // namespace signalbox::evidence_command
