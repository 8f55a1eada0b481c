// Compiled zone files, RFC 8536: a header, a body with times of 32 bits, then both again with times of 64
// bits, then the rule for what comes after.
#include <algorithm>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/calendar/zone.hpp"

namespace signalbox::calendar {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxZoneFileBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxChanges = 20'000;
constexpr std::size_t kMaxRegimes = 256;  // an index is one octet
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxNamesListed = 5000;
constexpr std::size_t kHeaderBytes = 44;
constexpr std::string_view kUtc = "UTC";  // is there without any file

tl::unexpected<Error> broken(std::string_view name, std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("zone file {}: {}", printable(name), what),
              "apt-get install --reinstall tzdata");
}

struct Header {
  int version = 1;
  std::size_t ut_flags = 0, wall_flags = 0, leap_seconds = 0, changes = 0, regimes = 0, name_bytes = 0;

  std::size_t body_bytes(std::size_t time_bytes) const {
    return changes * (time_bytes + 1) + regimes * 6 + name_bytes + leap_seconds * (time_bytes + 4) +
           wall_flags + ut_flags;
  }
};

// Numbers are big-endian.
std::uint64_t number_at(std::string_view octets, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(octets[at + i]);
  return value;
}

std::optional<Header> read_header(std::string_view octets) {
  if (octets.size() < kHeaderBytes || !octets.starts_with("TZif")) return std::nullopt;
  const auto count = [&](std::size_t i) { return number_at(octets, 20 + 4 * i, 4); };
  Header out;
  out.version = octets[4] == '\0' ? 1 : octets[4] - '0';
  out.ut_flags = count(0);
  out.wall_flags = count(1);
  out.leap_seconds = count(2);
  out.changes = count(3);
  out.regimes = count(4);
  out.name_bytes = count(5);
  const bool bounded = out.changes <= kMaxChanges && out.regimes >= 1 && out.regimes <= kMaxRegimes &&
                       out.name_bytes <= kMaxZoneFileBytes && out.leap_seconds <= kMaxChanges &&
                       out.wall_flags <= kMaxRegimes && out.ut_flags <= kMaxRegimes;
  if (!bounded) return std::nullopt;
  return out;
}

std::vector<Regime> read_regimes(std::string_view table, std::string_view names, std::size_t count) {
  std::vector<Regime> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto offset = static_cast<std::int32_t>(number_at(table, 6 * i, 4));
    Regime regime;
    regime.offset = std::chrono::seconds(offset);
    regime.daylight = table[6 * i + 4] != 0;
    const std::size_t name = static_cast<unsigned char>(table[6 * i + 5]);
    if (name < names.size()) {
      const std::string_view rest = names.substr(name);
      regime.abbreviation = printable(rest.substr(0, rest.find('\0')));
    }
    out.push_back(std::move(regime));
  }
  return out;
}

Result<Zone> read_body(std::string_view body, const Header& header, std::size_t time_bytes,
                       std::string_view footer, std::string name) {
  if (header.leap_seconds > 0) return broken(name, "it counts leap seconds, which UTC here does not");
  const std::string_view indexes = body.substr(header.changes * time_bytes);
  const std::string_view table = indexes.substr(header.changes);
  const std::string_view names = table.substr(header.regimes * 6, header.name_bytes);
  std::vector<Change> changes;
  for (std::size_t i = 0; i < header.changes; ++i) {
    std::int64_t at = static_cast<std::int64_t>(number_at(body, i * time_bytes, time_bytes));
    if (time_bytes == 4) at = static_cast<std::int32_t>(at);
    changes.push_back({Instant(std::chrono::seconds(at)), static_cast<std::uint8_t>(indexes[i])});
  }
  std::optional<ZoneRule> rule;
  if (!footer.empty()) {
    auto parsed = parse_zone_rule(footer);
    if (!parsed) return broken(name, parsed.error().message);
    rule = std::move(*parsed);
  }
  auto zone = Zone::of(name, read_regimes(table, names, header.regimes), std::move(changes), std::move(rule));
  if (!zone) return broken(name, zone.error().message);
  return zone;
}

bool is_zone_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '_' || c == '/';
  };
  return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '/' && name.back() != '/' &&
         name.find("//") == std::string_view::npos && std::all_of(name.begin(), name.end(), fits);
}

// The same zones again by other clocks, and what is another zone on another machine.
bool is_left_out(std::string_view name) {
  return name.starts_with("posix/") || name.starts_with("right/") || name == "localtime" ||
         name == "posixrules";
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; entry != end && !error;
       entry.increment(error)) {
    const std::string name = entry->path().lexically_relative(folder).string();
    if (is_left_out(name + "/") || out.size() >= kMaxNamesListed) {
      entry.disable_recursion_pending();
    } else if (is_zone_name(name) && !is_left_out(name) && entry->is_regular_file(error)) {
      out.push_back(name);
    }
  }
  return out;
}

tl::unexpected<Error> unknown_zone(std::string_view name, const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return fail(ErrorKind::unavailable, fmt::format("{}: the time zones' data is not there", folder.string()),
                "apt-get install tzdata");
  }
  const auto near = nearest(name, names_in(folder));
  return fail(ErrorKind::bad_input, fmt::format("there is no time zone `{}`", printable(name)),
              near ? fmt::format("did you mean {}?", *near) : "a name such as Europe/Berlin, or UTC");
}

}  // namespace

Result<Zone> parse_zone_file(std::string_view octets, std::string name) {
  if (octets.size() > kMaxZoneFileBytes) return broken(name, "it is too large");
  auto header = read_header(octets);
  if (!header) return broken(name, "it is no compiled zone file");
  std::size_t time_bytes = 4;
  std::string_view rest = octets.substr(kHeaderBytes);
  if (header->version >= 2) {
    const std::size_t skipped = header->body_bytes(time_bytes);
    if (rest.size() < skipped) return broken(name, "it ends too early");
    rest.remove_prefix(skipped);
    header = read_header(rest);
    if (!header) return broken(name, "its second part has no header");
    rest.remove_prefix(kHeaderBytes);
    time_bytes = 8;
  }
  const std::size_t size = header->body_bytes(time_bytes);
  if (rest.size() < size) return broken(name, "it ends too early");
  std::string_view footer = rest.substr(size);
  if (time_bytes == 8) {
    const std::size_t end = footer.find('\n', 1);
    if (!footer.starts_with('\n') || end == std::string_view::npos)
      return broken(name, "it has no last line");
    footer = footer.substr(1, end - 1);
  } else {
    footer = {};
  }
  return read_body(rest.substr(0, size), *header, time_bytes, footer, std::move(name));
}

bool has_zone(std::string_view name, const fs::path& folder) {
  if (name == kUtc) return true;
  std::error_code error;
  return is_zone_name(name) && !is_left_out(name) && fs::is_regular_file(folder / name, error);
}

Result<Zone> read_zone(std::string_view name, const fs::path& folder) {
  if (name == kUtc) return Zone::utc();
  if (!has_zone(name, folder)) return unknown_zone(name, folder);
  SIGNALBOX_TRY(const std::string octets, read_file(folder / name, kMaxZoneFileBytes));
  return parse_zone_file(octets, std::string(name));
}

}  // namespace signalbox::calendar
