// The record that is hashed into the log for an envelope: canonical JSON, at most 65,535 octets.
// systems/evidence, "Log record".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence {

inline constexpr std::size_t kMaxRecordBytes = 65'535;
inline constexpr std::size_t kMaxRecordSubjects = 64;

// An envelope that may be appended: parsed once, with what the record and the indexes need.
struct Candidate {
  std::string envelope;  // as it came
  std::string type;
  std::vector<std::string> subjects;  // "alg:hex", sorted, each once
  std::vector<std::string> keys;      // the envelope's own key ids: hints
};

// Size, DSSE, at least one signature, a Statement inside. Anything else is bad_input.
Result<Candidate> read_candidate(const std::string& envelope);

// `previous`: for each subject the index of the entry before this one about it, -1 for none.
Result<std::string> write_record(const Candidate& candidate, const std::string& salt, Time time,
                                 const std::map<std::string, std::int64_t>& previous);

// "sha256:<hex of salt ‖ envelope>": what a record says of its envelope.
std::string envelope_commitment(const std::string& salt, const std::string& envelope);

}  // namespace signalbox::evidence
