// The decision for HEAD, and for trains: judged once for all who ask, and again once what it depends on has
// changed. Not recorded, and commands of a configuration do not run: that takes a person at a command line.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/console/instrument.hpp"
#include "core/gates/condition.hpp"
#include "instruments/train/departure.hpp"

namespace signalbox::train {

class DecisionBoard {
 public:
  struct Answer {
    std::string id;                             // of what it was judged from; empty where that is not known
    std::shared_ptr<const std::string> report;  // JSON; null where there is none
    Error error;
  };

  explicit DecisionBoard(std::shared_ptr<const Services> services) : services_(std::move(services)) {}

  // `train`: the one that would leave; nothing: whatever HEAD is. Thread-safe.
  Answer now(const std::optional<std::string>& train = {});

 private:
  struct Seen {
    std::chrono::steady_clock::time_point looked_at;
    Answer answer;
  };
  Answer answer_to(const std::optional<std::string>& train, const Answer& before);

  std::shared_ptr<const Services> services_;
  std::mutex mutex_;
  gates::Evaluator evaluator_;
  std::map<std::string, Seen> seen_;  // by name of the train; "": HEAD
};

}  // namespace signalbox::train
