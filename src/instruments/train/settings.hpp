// How a repository's history is read: section `train` of signalbox.yaml, without what judges (policy.hpp).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "instruments/train/semver.hpp"

namespace signalbox::train {

struct Settings {
  std::optional<std::string> package;  // of the tag series; absent: the repository's own, else the nearest
  // Of a repository with several packages: by name the globs of what each has. A commit that touches none of
  // them is not the package's.
  std::map<std::string, std::vector<std::string>> packages;
  ZeroPolicy zero = ZeroPolicy::shift;
  // Types that passengers need not read about. They are excluded by rule, never dropped.
  std::vector<std::string> routine_types = {"build", "chore", "ci", "style", "test", "tests"};
  // What the commits that a squashed body lists count for: lines in the notes, or the next version too.
  enum class Squashed { notes, version } squashed = Squashed::notes;
  std::string changelog = "CHANGELOG.md";  // path in the repository; empty: none is asked for
};

// bad_input with file:line:column where the section holds an unknown key or a value of another kind.
Result<Settings> parse_settings(const config::Node& train);

}  // namespace signalbox::train
