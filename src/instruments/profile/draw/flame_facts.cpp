#include "instruments/profile/draw/flame_facts.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "instruments/profile/draw/amount_text.hpp"

namespace signalbox::profile {

FlameFacts facts_of(const Profile& profile, std::int64_t samples) {
  constexpr double kNanosecondsInSecond = 1e9;
  FlameFacts facts = profile.annotations;
  const auto add = [&](std::string_view key, std::string text) {
    const bool is_told =
        std::any_of(facts.begin(), facts.end(), [&](const auto& fact) { return fact.first == key; });
    if (!is_told) facts.emplace_back(key, std::move(text));
  };
  if (profile.duration_ns > 0) add("duration", amount_text(profile.duration_ns, "nanoseconds"));
  if (profile.period > 0 && profile.period_type.unit == "nanoseconds")
    add("rate", fmt::format("{:.0f} Hz", kNanosecondsInSecond / static_cast<double>(profile.period)));
  if (samples > 0) add("samples", amount_text(samples, "count"));
  for (const std::string& comment : profile.comments) facts.emplace_back("comment", comment);
  return facts;
}

}  // namespace signalbox::profile
