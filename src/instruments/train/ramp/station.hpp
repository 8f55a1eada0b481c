// What the commands of a ramp begin with: a train by its name, its events, the policy that judges it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"
#include "core/git/repository.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/ramp/ramp_runner.hpp"
#include "instruments/train/ramp/session.hpp"

namespace signalbox::train::ramp {

// The train that a command is about, and where it stands. Of a train without a ramp the phase is none.
struct Station {
  evidence::EvidenceBook book;
  evidence::Trust trust;  // of the policy of HEAD: what counts as an event
  Ramp ramp;
};
enum class Access { read, append };
// Without a name: the train whose ramp is under way or was the last. not_found where there is none.
Result<Station> find_train(cli::Context& context, const std::optional<std::string>& train, Access access);

// The policy that judges the attempt that has begun, and with it whoever goes on with it.
Result<Policy> policy_of(const cli::Context& context, const git::Repository& repository, const Begin& begin);

// Runs the attempt that is under way to its end, showing it on standard error, and reports it.
Result<cli::Outcome> carry_on(cli::Context& context, evidence::EvidenceBook& book, const Policy& policy,
                              const git::Repository& repository, const std::string& train,
                              const Begin& begin);

// This machine's events count: its key is one of those that the policy trusts. denied otherwise.
Status check_own_key(const evidence::PublicKey& own, const evidence::Trust& trust);

}  // namespace signalbox::train::ramp
