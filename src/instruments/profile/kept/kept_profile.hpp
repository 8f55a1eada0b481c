// A profile that is kept: what a list tells of it without reading it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

using KeptLabels = std::vector<std::pair<std::string, std::string>>;

struct KeptProfile {
  std::string id;      // SHA-256 of its octets, hexadecimal
  std::string format;  // "pprof": what its octets are
  std::int64_t bytes = 0;
  std::string service;  // what was profiled
  std::string commit;   // of git; empty: unknown, as are the next ones
  std::string branch;
  std::string host;
  std::string mode;  // "cpu", "off-cpu" …
  std::string command;
  KeptLabels labels;  // that whoever sent it gave
  Time taken;         // when it began; where it does not say, when it was kept
  std::int64_t duration_ms = 0;
  std::string type;  // of what is drawn: "cpu"
  std::string unit;  // "nanoseconds"
  std::int64_t total = 0;
  std::int64_t samples = 0;        // 0: it does not count
  std::optional<double> overhead;  // parts of the target's processor time
  Time kept;
  std::string kept_by;    // who sent it
  std::string thumbnail;  // as thumbnail_json writes it
};

// What is told beside a profile when it is given to be kept.
struct Giving {
  std::string service;  // empty: what the profile says itself
  KeptLabels labels;
  std::optional<Time> taken;  // where the profile does not say
  std::string by;
};

inline constexpr std::size_t kMaxServiceBytes = 200;
inline constexpr std::size_t kMaxLabels = 64;
inline constexpr std::size_t kMaxLabelBytes = 1'000;  // of a name and of a value

// Bad input where names are too long or no text, or where it has no samples.
Result<KeptProfile> describe(const ImportedProfile& imported, std::string_view octets, const Giving& giving,
                             Time now);

// As the API tells it. Without the thumbnail.
Json to_json(const KeptProfile& kept);

Json labels_json(const KeptLabels& labels);
KeptLabels labels_from(const Json& json);

}  // namespace signalbox::profile
