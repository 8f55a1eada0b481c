// The registry of feature flags: key `flags` of section `train`. Flags decouple deployment from exposure, and
// are to be removed again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/git/repository.hpp"
#include "core/report/report.hpp"

namespace signalbox::train {

struct Flag {
  enum class Kind { release, ops, experiment, permission } kind = Kind::release;
  std::string name;
  bool on_by_default = false;
  std::string owner;
  std::optional<Time> expires;  // every release flag and experiment has it
};
std::string_view name_of(Flag::Kind kind);

// A list of maps with name, default, owner, kind, expires (a day or a time). bad_input for a second flag of a
// name, and for a release flag or experiment that never expires.
Result<std::vector<Flag>> parse_flags(const config::Node& list);
const Flag* find_flag(const std::vector<Flag>& flags, std::string_view name);

// How often the tree of a commit names each flag as a word, the registry and the passengers' files left out.
Result<std::map<std::string, std::uint64_t>> count_references(const git::Repository& repository,
                                                              const std::string& commit,
                                                              const std::vector<Flag>& flags);

// Findings train/flag-expired and train/flag-unreferenced.
std::vector<Finding> judge_flags(const std::vector<Flag>& flags,
                                 const std::map<std::string, std::uint64_t>& references, Time now);

}  // namespace signalbox::train
