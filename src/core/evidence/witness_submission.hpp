// A log's side of tlog-witness: its newest checkpoint is shown to a witness, with the proof that it extends
// what that witness saw, and what it answers is kept.
#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/witness_book.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

// How a witness is reached; implemented over core/http. An Error: it was not reached.
class WitnessChannel {
 public:
  struct Answer {
    int status = 0;
    std::string content_type;
    std::string body;
  };
  virtual ~WitnessChannel() = default;
  virtual Result<Answer> add_checkpoint(std::string_view body) = 0;
  virtual Result<Answer> checkpoint_of(std::string_view origin_hash) = 0;
};

struct Asked {
  enum class Outcome {
    cosigned,
    problem,  // unreachable, refused, or not to be believed: it may be well another time
    alarm,    // it holds a checkpoint of this log that this log does not extend
  } outcome = Outcome::problem;
  std::string what;  // for people
};

// Shows the ledger's newest checkpoint to `witness` and keeps its cosignature, or what hindered it, or the
// alarm, in `database`, which is the ledger's. not_found while the log is empty. An Error is one of the store
// alone.
Result<Asked> ask_witness(store::Database& database, const Ledger& ledger, const AskedWitness& witness,
                          WitnessChannel& channel, const Clock& clock);

}  // namespace signalbox::evidence
