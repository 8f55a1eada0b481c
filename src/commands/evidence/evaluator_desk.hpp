// What routes need that try conditions: the log with who is trusted, and a turn at an evaluator.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "commands/evidence/commands.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::evidence_command {

// The log of a server's workspace, and whom it trusts, as one request sees them.
struct LogInSight {
  evidence::Trust trust;
  std::optional<evidence::Ledger> ledger;  // nothing where nothing was ever recorded
};
inline Result<LogInSight> log_in_sight(const Services& services) {
  LogInSight out;
  SIGNALBOX_TRY(out.trust, workspace_trust(services.workspace));
  SIGNALBOX_TRY(store::Database* const database, services.database());
  auto ledger = evidence::Ledger::open_read_only(*database);
  if (ledger) {
    out.ledger.emplace(std::move(*ledger));
  } else if (ledger.error().kind != ErrorKind::not_found) {
    return fail(std::move(ledger).error());
  }
  return out;
}

// One evaluator of conditions for all who ask a route: they take turns, so that nobody takes all processors,
// and whoever waits too long is told so.
class EvaluatorDesk {
 public:
  explicit EvaluatorDesk(gates::EvaluatorOptions options = {}) : evaluator_(options) {}

  // Whoever holds it may evaluate. The desk outlives it.
  class Turn {
   public:
    gates::Evaluator& evaluator() const { return *evaluator_; }

   private:
    friend class EvaluatorDesk;
    Turn(std::unique_lock<std::timed_mutex> lock, gates::Evaluator& evaluator)
        : lock_(std::move(lock)), evaluator_(&evaluator) {}
    std::unique_lock<std::timed_mutex> lock_;
    gates::Evaluator* evaluator_;
  };

  // unavailable where others still evaluate after `kPatience`.
  Result<Turn> take_turn() {
    std::unique_lock lock(mutex_, kPatience);
    if (!lock.owns_lock())
      return fail(ErrorKind::unavailable, "other conditions are being evaluated", "ask again");
    return Turn(std::move(lock), evaluator_);
  }

 private:
  static constexpr std::chrono::seconds kPatience{5};

  std::timed_mutex mutex_;
  gates::Evaluator evaluator_;
};

}  // namespace signalbox::evidence_command
