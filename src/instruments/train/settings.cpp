#include "instruments/train/settings.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

// Every key that section `train` may have; those that judge are read by policy.cpp.
const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = {
      "package", "zero",        "routine_types", "changelog", "policy_ref", "gates",     "rubric",
      "freeze",  "environment", "pass_at",       "driver",    "hooks",      "canary",    "metrics",
      "tag",     "boarding",    "flags",         "approvals", "exceptions", "rehearsal", "preflight"};
  return keys;
}

Result<ZeroPolicy> parse_zero(const config::Node& node) {
  SIGNALBOX_TRY(const std::string name, node.text());
  if (name == "shift") return ZeroPolicy::shift;
  if (name == "semver-strict") return ZeroPolicy::semver_strict;
  return node.wrong(fmt::format("`{}` is neither shift nor semver-strict", printable(name)));
}

}  // namespace

Result<Settings> parse_settings(const config::Node& train) {
  Settings settings;
  if (!train.exists()) return settings;
  SIGNALBOX_CHECK(train.only(known_keys()));
  if (const config::Node node = train["package"]; node.exists()) {
    SIGNALBOX_TRY(settings.package, node.text());
  }
  if (const config::Node node = train["zero"]; node.exists()) {
    SIGNALBOX_TRY(settings.zero, parse_zero(node));
  }
  if (const config::Node node = train["routine_types"]; node.exists()) {
    SIGNALBOX_TRY(settings.routine_types, node.texts());
    for (std::string& type : settings.routine_types) type = to_lower(type);
  }
  if (const config::Node node = train["changelog"]; node.exists()) {
    SIGNALBOX_TRY(settings.changelog, node.text());
    if (settings.changelog == "false" || settings.changelog == "no") settings.changelog.clear();
  }
  return settings;
}

}  // namespace signalbox::train
