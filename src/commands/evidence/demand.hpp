// What has to hold of an envelope for `evidence verify`: who must have signed it, about what, how long ago.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/evidence/asked_condition.hpp"
#include "core/cli/command.hpp"
#include "core/evidence/redaction.hpp"
#include "core/evidence/statement.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/condition_input.hpp"

namespace signalbox::evidence_command {

struct Demand {
  evidence::Trust trust;
  std::vector<evidence::PublicKey> log_keys;   // that may sign checkpoints, or once might
  std::vector<evidence::PublicKey> witnesses;  // whose cosignatures count
  std::size_t quorum = 0;                      // how many distinct ones a checkpoint must carry
  std::optional<evidence::Subject> subject;
  std::optional<std::string> type;
  std::optional<std::string> role;  // that signers must have
  std::optional<Duration> max_age;
  std::size_t threshold = 1;                  // distinct keys
  std::shared_ptr<AskedCondition> condition;  // null: none is asked
  Time now;
};

std::vector<cli::Option> demand_options();
Result<Demand> demand_from(const cli::Arguments& arguments, const cli::Context& context);

// One envelope against the demand; `vouched` where a log vouches for its time. The error: it can be read in
// two ways (bad_input), whoever signed it, or the condition is none.
Result<Check> judge(const std::string& name, std::string_view envelope,
                    const std::optional<gates::Vouched>& vouched, const Demand& demand);

// How many trusted witnesses cosigned a checkpoint.
std::size_t witnesses_under(const std::string& signed_note, const Demand& demand);

// Why a statement of erasure does not count: no valid signature is of the key that it names as its approver,
// or trust does not give that key the role. Keys of this machine, where no trust file is, and those that are
// given on the command line may approve. Empty where it counts.
std::string why_not_approved(const evidence::Envelope& envelope, const evidence::Statement& statement,
                             const evidence::ErasureOrder& order, Time logged, const evidence::Trust& trust);

// Whether enough witnesses cosigned a checkpoint. Nothing where none is asked for and none did.
std::optional<Check> judge_witnesses(const std::string& name, const std::string& signed_note,
                                     const Demand& demand);

}  // namespace signalbox::evidence_command
