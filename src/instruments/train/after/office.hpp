// Where the work after a departure is done: the log, and the policy that says what counts and what is asked.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"
#include "core/git/repository.hpp"
#include "instruments/train/after/aftermath.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train::after {

struct Office {
  std::optional<evidence::EvidenceBook> book;  // absent: nothing was ever recorded
  git::Repository repository;
  Policy policy;  // that judges HEAD
};
enum class Access { read, append };
Result<Office> open_office(cli::Context& context, Access access);

// The policy that judges HEAD.
Result<Policy> policy_at_head(const git::Repository& repository, const Workspace& workspace);

// not_found where the log holds nothing about the train.
Result<TrainEvents> events_of(Office& office, const std::string& train);

// What follows from the train as it stands.
using MakeEvent = std::function<Result<NewEvent>(const TrainEvents& events, const Aftermath& train)>;
// Appends it; where somebody else came first, what follows from the train as it is then. `office` is open to
// append.
Result<evidence::Receipt> append_to(Office& office, const std::string& train, const MakeEvent& make);

cli::Option key_option();  // --key: who signs

}  // namespace signalbox::train::after
