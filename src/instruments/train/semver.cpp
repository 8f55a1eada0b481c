#include "instruments/train/semver.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxVersionBytes = 4096;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_number(std::string_view text) {
  return is_digits(text) && (text.size() == 1 || text.front() != '0');
}

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

std::strong_ordering compare_text(std::string_view a, std::string_view b) {
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return compare_text(a, b);
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_number = is_digits(a);
  const bool b_number = is_digits(b);
  if (a_number && b_number) return compare_numbers(a, b);
  if (a_number != b_number) return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
  return compare_text(a, b);
}

std::string plus_one(std::string number) {
  for (auto digit = number.rbegin(); digit != number.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return number;
    }
    *digit = '0';
  }
  return "1" + number;
}

}  // namespace

std::string Version::text() const {
  std::string out = major + "." + minor + "." + patch;
  if (!prerelease.empty()) out += "-" + join(prerelease, ".");
  if (!build.empty()) out += "+" + build;
  return out;
}

std::optional<Version> parse_version(std::string_view text) {
  if (text.size() > kMaxVersionBytes) return std::nullopt;
  Version version;
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos) {
    version.build = text.substr(plus + 1);
    for (const std::string_view part : split(version.build, '.')) {
      if (!is_identifier(part)) return std::nullopt;
    }
    text = text.substr(0, plus);
  }
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    for (const std::string_view part : split(text.substr(dash + 1), '.')) {
      if (!is_identifier(part) || (is_digits(part) && !is_number(part))) return std::nullopt;
      version.prerelease.emplace_back(part);
    }
    text = text.substr(0, dash);
  }
  const std::vector<std::string_view> core = split(text, '.');
  if (core.size() != 3 || !std::all_of(core.begin(), core.end(), is_number)) return std::nullopt;
  version.major = core[0];
  version.minor = core[1];
  version.patch = core[2];
  return version;
}

std::strong_ordering compare(const Version& a, const Version& b) {
  if (const auto order = compare_numbers(a.major, b.major); order != 0) return order;
  if (const auto order = compare_numbers(a.minor, b.minor); order != 0) return order;
  if (const auto order = compare_numbers(a.patch, b.patch); order != 0) return order;
  if (a.is_stable() != b.is_stable())
    return a.is_stable() ? std::strong_ordering::greater : std::strong_ordering::less;
  const std::size_t shared = std::min(a.prerelease.size(), b.prerelease.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (const auto order = compare_identifiers(a.prerelease[i], b.prerelease[i]); order != 0) return order;
  }
  return a.prerelease.size() <=> b.prerelease.size();
}

std::string_view name_of(Bump bump) {
  switch (bump) {
    case Bump::none:
      return "none";
    case Bump::patch:
      return "patch";
    case Bump::minor:
      return "minor";
    case Bump::major:
      return "major";
  }
  return "";
}

Version raised(const Version& version, Bump bump, ZeroPolicy policy) {
  Version out{version.major, version.minor, version.patch, {}, {}};
  if (version.major == "0" && policy == ZeroPolicy::shift) {
    if (bump == Bump::major) {
      bump = Bump::minor;
    } else if (bump == Bump::minor) {
      bump = Bump::patch;
    }
  }
  switch (bump) {
    case Bump::none:
      break;
    case Bump::patch:
      out.patch = plus_one(out.patch);
      break;
    case Bump::minor:
      out.minor = plus_one(out.minor);
      out.patch = "0";
      break;
    case Bump::major:
      out.major = plus_one(out.major);
      out.minor = out.patch = "0";
      break;
  }
  return out;
}

}  // namespace signalbox::train
