// What `evidence query` asks of entries beyond what the log's indexes know: who signed them, and what an
// expression says of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::evidence_command {

class EntryFilter {
 public:
  // Of --key and --jq. A key is one as verifier keys and key files have it, or the name or id of a key of
  // this machine or of the trust file; bad_input where nobody knows it.
  static Result<EntryFilter> from(const cli::Arguments& arguments, const cli::Context& context);
  bool lets_all_through() const { return keys_.empty() && !expression_; }

  // Whether one of the keys signed it, which is verified, and the expression is true of it. An erased entry
  // passes neither. bad_input where the expression is wrong, or takes more time or memory than one may.
  Result<bool> lets_through(const evidence::Entry& entry, std::uint64_t log_size);

  // Entries that were passed over although nobody knows whether they belong here.
  struct Unknown {
    std::size_t erased = 0;
    std::size_t undecided = 0;  // the expression said neither yes nor no
    std::string example;        // the first of these, and what jq said
  };
  const Unknown& unknown() const { return unknown_; }

 private:
  Result<bool> is_true_of(const evidence::Entry& entry, const evidence::Envelope& envelope,
                          std::uint64_t log_size);

  std::vector<evidence::PublicKey> keys_;  // empty: whoever signed it
  std::optional<std::string> expression_;
  evidence::Trust trust_;
  Time now_;
  gates::Evaluator evaluator_;
  Unknown unknown_;
};

}  // namespace signalbox::evidence_command
