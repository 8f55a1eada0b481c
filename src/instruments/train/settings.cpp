#include "instruments/train/settings.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

// Every key that section `train` may have; those that judge are read by policy.cpp.
const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = {
      "cadence",   "calendar",   "packages",  "package",   "zero",    "routine_types", "expand_squash",
      "changelog", "policy_ref", "gates",     "rubric",    "freeze",  "environment",   "pass_at",
      "driver",    "hooks",      "canary",    "metrics",   "tag",     "boarding",      "flags",
      "approvals", "exceptions", "rehearsal", "preflight", "reviews", "health",        "announcements",
      "channels",  "contacts",   "summaries"};
  return keys;
}

Result<ZeroPolicy> parse_zero(const config::Node& node) {
  SIGNALBOX_TRY(const std::string name, node.text());
  if (name == "shift") return ZeroPolicy::shift;
  if (name == "semver-strict") return ZeroPolicy::semver_strict;
  return node.wrong(fmt::format("`{}` is neither shift nor semver-strict", printable(name)));
}

Result<Settings::Squashed> parse_squashed(const config::Node& node) {
  SIGNALBOX_TRY(const std::string name, node.text());
  if (name == "notes") return Settings::Squashed::notes;
  if (name == "version") return Settings::Squashed::version;
  return node.wrong(fmt::format("`{}` is neither notes nor version", printable(name)));
}

Result<std::vector<std::string>> parse_globs(const config::Node& node) {
  SIGNALBOX_TRY(const std::vector<std::string> globs, node.texts());
  if (globs.empty()) return node.wrong("a package without paths holds nothing");
  for (const std::string& glob : globs) {
    const bool is_outside = glob.starts_with('/') || glob.starts_with("./") || glob.starts_with("../");
    if (glob.empty() || is_outside || glob.ends_with('/'))
      return node.wrong(fmt::format("`{}` is no path from the top of the repository", printable(glob)),
                        "packages/core is all below it, packages/core/** too");
  }
  return globs;
}

Result<std::map<std::string, std::vector<std::string>>> parse_packages(const config::Node& node) {
  std::map<std::string, std::vector<std::string>> out;
  if (!node.exists()) return out;
  if (!node.is_map()) return node.wrong("packages with their paths are expected", "core: packages/core");
  for (const auto& [name, globs] : node.members()) {
    SIGNALBOX_TRY(out[name], parse_globs(globs));
  }
  return out;
}

}  // namespace

Result<Settings> parse_settings(const config::Node& train) {
  Settings settings;
  if (!train.exists()) return settings;
  SIGNALBOX_CHECK(train.only(known_keys()));
  if (const config::Node node = train["package"]; node.exists()) {
    SIGNALBOX_TRY(settings.package, node.text());
  }
  SIGNALBOX_TRY(settings.packages, parse_packages(train["packages"]));
  if (const config::Node node = train["zero"]; node.exists()) {
    SIGNALBOX_TRY(settings.zero, parse_zero(node));
  }
  if (const config::Node node = train["routine_types"]; node.exists()) {
    SIGNALBOX_TRY(settings.routine_types, node.texts());
    for (std::string& type : settings.routine_types) type = to_lower(type);
  }
  if (const config::Node node = train["expand_squash"]; node.exists()) {
    SIGNALBOX_TRY(settings.squashed, parse_squashed(node));
  }
  if (const config::Node node = train["changelog"]; node.exists()) {
    SIGNALBOX_TRY(settings.changelog, node.text());
    if (settings.changelog == "false" || settings.changelog == "no") settings.changelog.clear();
  }
  return settings;
}

}  // namespace signalbox::train
