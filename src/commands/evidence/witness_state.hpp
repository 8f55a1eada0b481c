// Witnesses and alarms as people and programs see them.
#pragma once

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/evidence/witness_book.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence_command {

// How a witness stands to this log's newest checkpoint.
enum class Light {
  good,    // cosigned it
  behind,  // cosigned an older one, or none yet
  bad,     // the last try came to nothing, or it told of a fork or a rollback
};
std::string_view name_of(Light light);
Light light_of(const evidence::AskedWitness& witness, std::uint64_t size, bool alarmed);

// {size, witnessed_size, quorum, witnesses: […], logs: […], alarms: […]}. An alarm is current while its log
// is this one or is witnessed here.
Result<Json> witness_state(store::Database& database, const Clock& clock);

}  // namespace signalbox::evidence_command
