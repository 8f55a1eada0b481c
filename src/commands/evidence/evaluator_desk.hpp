// One evaluator of conditions for all who ask over HTTP: they take turns, so that nobody takes all
// processors, and whoever waits too long is told so.
#pragma once

#include <chrono>
#include <mutex>

#include "core/gates/condition.hpp"

namespace signalbox::evidence_command {

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
