#include <algorithm>
#include <array>
#include <cstdint>

#include "core/base/text.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/perf_data.hpp"
#include "instruments/profile/formats/perf_script.hpp"
#include "instruments/profile/formats/text_encoding.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kLookedAt = std::size_t{64} << 10;
constexpr std::size_t kLinesLookedAt = 200;

// The first fields of pprof's Profile, in the order that writers have them: sample_type, sample, mapping,
// location, function, string_table or one of the numbers.
bool is_pprof(std::string_view octets) {
  if (octets.size() < 2) return false;
  const auto tag = static_cast<unsigned char>(octets[0]);
  return (tag == 0x0a || tag == 0x12 || tag == 0x1a || tag == 0x22 || tag == 0x2a || tag == 0x32 ||
          tag == 0x48 || tag == 0x50 || tag == 0x5a || tag == 0x60) &&
         octets.substr(0, kLookedAt).find_first_of(std::string_view("\0\1\2\3\4\5\6\7\x08\x10", 10)) !=
             std::string_view::npos;
}

// The number at the start, taken away from there; nullopt where it does not end.
std::optional<std::uint64_t> take_varint(std::string_view& octets) {
  constexpr std::size_t kMostOctets = 10;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < std::min(octets.size(), kMostOctets); ++i) {
    const auto octet = static_cast<unsigned char>(octets[i]);
    if (i + 1 < kMostOctets) value |= std::uint64_t{octet & 0x7fU} << (7 * i);
    if (octet >= 0x80) continue;
    octets.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

// ProfilesData of OpenTelemetry is resource_profiles (1) and one dictionary (2), and both are messages. A
// pprof begins so too, but has texts (6) behind.
bool is_otlp(std::string_view octets) {
  constexpr unsigned char kResource = 0x0a;
  constexpr unsigned char kDictionary = 0x12;
  std::size_t dictionaries = 0;
  while (!octets.empty()) {
    const auto tag = static_cast<unsigned char>(octets.front());
    if (tag != kResource && tag != kDictionary) return false;
    octets.remove_prefix(1);
    const auto length = take_varint(octets);
    if (!length || *length > octets.size()) return false;
    octets.remove_prefix(static_cast<std::size_t>(*length));
    if (tag == kDictionary) ++dictionaries;
  }
  return dictionaries == 1;
}

struct Key {
  std::string_view text;
  ProfileFormat format;
};
// What only documents of one format have near their beginning, the surest first.
constexpr std::array<Key, 7> kKeys{{{"speedscope.app/file-format-schema", ProfileFormat::speedscope},
                                    {"\"preprocessedProfileVersion\"", ProfileFormat::firefox},
                                    {"\"traceEvents\"", ProfileFormat::chrome_trace},
                                    {"\"callFrame\"", ProfileFormat::cpuprofile},
                                    {"\"callUID\"", ProfileFormat::cpuprofile},
                                    {"\"hitCount\"", ProfileFormat::cpuprofile},
                                    {"\"ph\"", ProfileFormat::chrome_trace}}};

// Members stand in any order, so a key may be at the end of a long document.
std::optional<ProfileFormat> json_format(std::string_view text) {
  for (const std::string_view part :
       {text.substr(0, kLookedAt), text.substr(text.size() - std::min(text.size(), kLookedAt))}) {
    for (const Key& key : kKeys) {
      if (part.find(key.text) != std::string_view::npos) return key.format;
    }
  }
  return std::nullopt;
}

std::optional<ProfileFormat> text_format(std::string_view text) {
  std::size_t seen = 0;
  for (const std::string_view line : lines(text)) {
    if (++seen > kLinesLookedAt) break;
    if (is_perf_script_header(line) || is_perf_script_header(trim(line))) return ProfileFormat::perf_script;
    const std::size_t space = line.find_last_of(" \t");
    if (line.starts_with('#') || space == std::string_view::npos || space == 0) continue;
    if (parse_integer(trim(line.substr(space + 1)))) return ProfileFormat::folded;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ProfileFormat> detect_format(std::string_view octets) {
  if (is_perf_data(octets)) return ProfileFormat::perf_data;
  if (is_otlp(octets)) return ProfileFormat::otlp;
  std::string storage;
  const std::string_view text = as_utf8(octets.substr(0, kLookedAt), storage);
  if (text.data() == octets.data() && is_pprof(octets)) return ProfileFormat::pprof;
  if (const std::string_view start = trim(text); start.starts_with('{') || start.starts_with('['))
    return json_format(octets);
  return text_format(text);
}

}  // namespace signalbox::profile
