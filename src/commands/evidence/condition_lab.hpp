// A condition tried on what the log holds: what it says of each statement, and which of its parts says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::evidence_command {

// The parts of `a and b and c` that all have to hold, as they are written; the whole where it is anything
// else at its outermost level.
std::vector<std::string> conjuncts_of(std::string_view expression);

struct Trial {
  std::string require;  // jq
  std::string type;     // the whole URI
  std::optional<evidence::Subject> subject;
};

struct Tried {
  std::uint64_t index = 0;
  Time time;
  Json input;
  gates::Answer answer;
  std::vector<gates::Answer> parts;  // of Trials::parts; none where the whole was refused or stopped
};

struct Trials {
  std::vector<std::string> parts;
  std::vector<Tried> tried;  // newest first
  gates::Lint lint;          // on the newest statement of which it says yes
};
// On the newest statements that can be read.
Result<Trials> try_condition(const evidence::Ledger& ledger, const evidence::Trust& trust, const Trial& trial,
                             Time now, gates::Evaluator& evaluator);

Json to_json(const Trials& trials);

}  // namespace signalbox::evidence_command
