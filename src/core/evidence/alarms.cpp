#include "core/evidence/alarms.hpp"

#include <fmt/format.h>

#include "core/evidence/checkpoint.hpp"

namespace signalbox::evidence {
namespace {

using store::Database;
using store::Row;

Result<Checkpoint> checkpoint_in(const std::string& signed_note) {
  SIGNALBOX_TRY(const Note note, parse_note(signed_note));
  return parse_checkpoint(note.text);
}

Alarm alarm_of(const Row& row) {
  Alarm out;
  out.time = Time(Duration(row.integer(0)));
  out.kind = row.text(1) == name_of(Alarm::Kind::rollback) ? Alarm::Kind::rollback : Alarm::Kind::fork;
  out.log = row.text(2);
  out.seen = row.text(3);
  out.shown = row.text(4);
  out.told_by = row.text(5);
  return out;
}

}  // namespace

std::string_view name_of(Alarm::Kind kind) {
  return kind == Alarm::Kind::fork ? "fork" : "rollback";
}

store::Migration alarm_migration() {
  return {
      "evidence", 3, "alarms",
      "create table evidence_alarm (i INTEGER primary key, t INTEGER not null, kind TEXT not null, log TEXT "
      "not null, seen TEXT not null, shown TEXT not null, told_by TEXT not null);"};
}

Result<bool> keep_alarm(Database& database, const Alarm& alarm) {
  bool fresh = false;
  SIGNALBOX_CHECK(database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(
        const auto rows,
        database.query("select count(*), (select count(*) from evidence_alarm where log = ? and seen = ? "
                       "and shown = ?), (select coalesce(max(i), 0) from evidence_alarm) from "
                       "evidence_alarm where log = ?",
                       {alarm.log, alarm.seen, alarm.shown, alarm.log}));
    fresh = rows[0].integer(1) == 0 && rows[0].integer(0) < kMaxAlarms;
    if (!fresh) return {};
    SIGNALBOX_CHECK(database.execute(
        "insert into evidence_alarm (i, t, kind, log, seen, shown, told_by) values (?, ?, ?, ?, ?, ?, ?)",
        {rows[0].integer(2) + 1, std::int64_t{alarm.time.time_since_epoch().count()},
         std::string(name_of(alarm.kind)), alarm.log, alarm.seen, alarm.shown, alarm.told_by}));
    return {};
  }));
  return fresh;
}

Result<std::vector<Alarm>> alarms(Database& database) {
  SIGNALBOX_TRY(const auto rows,
                database.query("select t, kind, log, seen, shown, told_by from evidence_alarm "
                               "order by i desc"));
  std::vector<Alarm> out;
  for (const Row& row : rows) out.push_back(alarm_of(row));
  return out;
}

Status refuse_alarmed(Database& database, const std::string& log_vkey) {
  SIGNALBOX_TRY(const auto rows,
                database.query("select t, kind, log, seen, shown, told_by from evidence_alarm "
                               "where log = ? order by i desc limit 1",
                               {log_vkey}));
  if (rows.empty()) return {};
  const Alarm alarm = alarm_of(rows[0]);
  const auto seen = checkpoint_in(alarm.seen);
  const auto shown = checkpoint_in(alarm.shown);
  return fail(
      ErrorKind::conflict,
      fmt::format("{} of the log: {} holds a checkpoint of {} entries signed by this log, which has {} "
                  "others; found at {}",
                  name_of(alarm.kind), alarm.told_by, seen ? seen->size : 0, shown ? shown->size : 0,
                  to_rfc3339(alarm.time)),
      "restore the newest copy of the store; to go on from this one as another log, with an origin of "
      "its own: signalbox evidence log fork");
}

Result<Statement> conflict_statement(const Alarm& alarm) {
  SIGNALBOX_TRY(const Checkpoint seen, checkpoint_in(alarm.seen));
  SIGNALBOX_TRY(const Checkpoint shown, checkpoint_in(alarm.shown));
  Statement out;
  out.predicate_type = std::string(kPredicatePrefix) + "evidence/log-conflict/v1";
  out.subjects = {{seen.origin, {{"sha256", to_hex(seen.root)}}},
                  {shown.origin, {{"sha256", to_hex(shown.root)}}}};
  out.predicate = Json::object({{"kind", name_of(alarm.kind)},
                                {"log", alarm.log},
                                {"seen", alarm.seen},
                                {"shown", alarm.shown},
                                {"told_by", alarm.told_by},
                                {"found_at", to_rfc3339(alarm.time)}});
  return out;
}

}  // namespace signalbox::evidence
