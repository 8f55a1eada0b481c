// The record that is hashed into the log for an envelope: canonical JSON, at most 65,535 octets.
// systems/evidence, "Log record".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence {

inline constexpr std::size_t kMaxRecordBytes = 65'535;
inline constexpr std::size_t kMaxRecordSubjects = 64;

inline constexpr std::size_t kMaxSubjectBytes = 1024;  // of "alg:hex": what the indexes of every store take

// An envelope that may be appended: parsed once, with what the record and the indexes need, and committed to.
struct Candidate {
  std::string envelope;    // as it came
  std::string salt;        // 16 random octets
  std::string commitment;  // "sha256:<hex of salt ‖ envelope>": what the record says of the envelope
  std::string type;
  std::vector<std::string> subjects;  // "alg:hex", sorted, each once
  std::vector<std::string> keys;      // the envelope's own key ids: hints
  // The parts of the record that are known before its place in the log, as canonical JSON: made by the thread
  // that appends, so that the one that writes only joins them.
  std::vector<std::string> quoted_subjects;
  std::string keys_json, type_json;
};

// What is asked of an envelope beyond its form before it may enter the log; its error keeps it out. Called by
// several threads at once. Empty: nothing is asked.
using Admission = std::function<Status(const Envelope& envelope, const Statement& statement)>;

// Size, DSSE, at least one signature, a Statement inside, and admitted. Anything else is bad_input.
Result<Candidate> read_candidate(std::string envelope, const Admission& admission = {});
// All of them, many on several threads, or the error of the first that is none: "envelope 3: …".
Result<std::vector<Candidate>> read_candidates(std::vector<std::string> envelopes,
                                               const Admission& admission = {});

// `previous`: for each of the candidate's subjects, in their order, the index of the entry before this one
// about it; -1, or left out at the end: none. A record over the limit is bad_input.
Result<std::string> write_record(const Candidate& candidate, Time time,
                                 const std::vector<std::int64_t>& previous);

std::string envelope_commitment(const std::string& salt, const std::string& envelope);

}  // namespace signalbox::evidence
