// Semantic Versioning 2.0.0: reading, precedence, the next version. Numbers may be longer than 64 bits.
// https://semver.org/spec/v2.0.0.html
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::train {

struct Version {
  std::string major = "0", minor = "0", patch = "0";  // decimal, no leading zero
  std::vector<std::string> prerelease;                // dot-separated identifiers; empty: a stable version
  std::string build;                                  // after '+', without it; no part of precedence

  bool is_stable() const { return prerelease.empty(); }
  std::string text() const;  // "1.2.3-next.1+build"
};

// Exactly the grammar of the specification, section "Backus-Naur Form": no "v", nothing around it.
std::optional<Version> parse_version(std::string_view text);

// Precedence, specification section 11. Equal does not mean identical: build metadata is ignored.
std::strong_ordering compare(const Version& a, const Version& b);

enum class Bump { none, patch, minor, major };
std::string_view name_of(Bump bump);

// What a breaking change and a feature mean while the major version is 0.
enum class ZeroPolicy {
  shift,          // breaking → minor, feature → patch
  semver_strict,  // as from 1.0.0 on: breaking → 1.0.0
};

// `version` without pre-release and build, raised by `bump`. `none` leaves it.
Version raised(const Version& version, Bump bump, ZeroPolicy policy);

}  // namespace signalbox::train
