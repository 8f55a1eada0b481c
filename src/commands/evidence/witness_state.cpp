#include "commands/evidence/witness_state.hpp"

#include <algorithm>

#include "core/evidence/alarms.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/witness.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

Json time_or_null(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

std::uint64_t size_of(const std::string& signed_note) {
  const auto note = ev::parse_note(signed_note);
  const auto checkpoint = note ? ev::parse_checkpoint(note->text) : fail(note.error());
  return checkpoint ? checkpoint->size : 0;
}

}  // namespace

std::string_view name_of(Light light) {
  switch (light) {
    case Light::good:
      return "good";
    case Light::behind:
      return "behind";
    case Light::bad:
      break;
  }
  return "bad";
}

Light light_of(const ev::AskedWitness& witness, std::uint64_t size, bool alarmed) {
  if (alarmed || !witness.problem.empty()) return Light::bad;
  return witness.cosigned && witness.size >= size ? Light::good : Light::behind;
}

Result<Json> witness_state(store::Database& database, const Clock& clock) {
  const auto ledger = ev::Ledger::open_read_only(database);
  const std::uint64_t size = ledger ? ledger->size() : 0;
  const ev::WitnessBook book(database);
  SIGNALBOX_TRY(const std::vector<ev::AskedWitness> asked, book.witnesses());
  SIGNALBOX_TRY(const std::vector<ev::Alarm> found, ev::alarms(database));
  SIGNALBOX_TRY(const int quorum, book.quorum());
  SIGNALBOX_TRY(const std::optional<std::string> witnessed, book.witnessed(0));
  const auto own_key = ledger ? ledger->log_key() : fail(ledger.error());
  const std::string own = own_key ? own_key->vkey() : std::string();
  SIGNALBOX_TRY(const std::vector<ev::WitnessedLog> known, ev::Witness(database, clock).logs());
  Json witnesses = Json::array();
  for (const ev::AskedWitness& one : asked) {
    const bool alarmed = std::any_of(found.begin(), found.end(), [&](const ev::Alarm& alarm) {
      return alarm.log == own && alarm.told_by == one.key.name;
    });
    witnesses.push_back(Json::object({{"name", one.key.name},
                                      {"vkey", one.key.vkey()},
                                      {"url", one.url},
                                      {"size", one.size},
                                      {"cosigned", time_or_null(one.cosigned)},
                                      {"tried", time_or_null(one.tried)},
                                      {"state", name_of(light_of(one, size, alarmed))},
                                      {"problem", one.problem}}));
  }
  Json logs = Json::array();
  for (const ev::WitnessedLog& log : known) {
    logs.push_back(Json::object({{"origin", log.key.name},
                                 {"vkey", log.key.vkey()},
                                 {"size", log.size < 0 ? Json() : Json(log.size)},
                                 {"cosigned", time_or_null(log.time)}}));
  }
  Json alarms = Json::array();
  for (const ev::Alarm& alarm : found) {
    const bool current = alarm.log == own || std::any_of(known.begin(), known.end(), [&](const auto& log) {
                           return log.key.vkey() == alarm.log;
                         });
    alarms.push_back(Json::object({{"kind", name_of(alarm.kind)},
                                   {"current", current},
                                   {"time", to_rfc3339(alarm.time)},
                                   {"log", alarm.log},
                                   {"seen", alarm.seen},
                                   {"shown", alarm.shown},
                                   {"told_by", alarm.told_by}}));
  }
  return Json::object({{"size", size},
                       {"quorum", quorum},
                       {"witnessed_size", witnessed ? Json(size_of(*witnessed)) : Json(0)},
                       {"witnesses", std::move(witnesses)},
                       {"logs", std::move(logs)},
                       {"alarms", std::move(alarms)}});
}

}  // namespace signalbox::evidence_command
