#include "instruments/profile/analysis/merge.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/profile_copier.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

std::string columns_of(const std::vector<ValueType>& types) {
  std::string out;
  for (const ValueType& type : types)
    out += fmt::format("{}{} in {}", out.empty() ? "" : ", ", type.type, type.unit);
  return out;
}

// What a recording counts of itself.
constexpr std::array kCounts = {
    std::string_view("samples"),   std::string_view("samples.lost"),   std::string_view("samples.truncated"),
    std::string_view("throttled"), std::string_view("cpu.sampled_ns"), std::string_view("cpu.accounted_ns"),
};

std::optional<std::int64_t> count_of(std::string_view key, std::string_view value) {
  if (std::find(kCounts.begin(), kCounts.end(), key) == kCounts.end()) return std::nullopt;
  return parse_integer(value);
}

// What is true of both: what both say, and the sums of what both count.
Annotations common(Annotations whole, const Annotations& part) {
  std::erase_if(whole, [&](auto& each) {
    auto& [key, value] = each;
    const auto other = annotation(part, key);
    if (!other) return true;
    const auto a = count_of(key, value);
    const auto b = count_of(key, *other);
    if (a && b) value = std::to_string(saturating_sum(*a, *b));
    return !(a && b) && value != *other;
  });
  return whole;
}

}  // namespace

Status Merge::add(const Profile& profile) {
  const bool is_first = !builder_;
  if (is_first) builder_.emplace(profile.value_types);
  Profile& whole = builder_->profile();
  if (whole.value_types != profile.value_types)
    return fail(ErrorKind::bad_input,
                fmt::format("profiles of different kinds: {}, and {}", columns_of(whole.value_types),
                            columns_of(profile.value_types)));
  ProfileCopier copier(profile, *builder_);
  if (is_first)
    copier.copy_facts();
  else
    whole.annotations = common(std::move(whole.annotations), profile.annotations);
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Sample& sample = profile.samples[i];
    copier.sample(i, copier.stack(sample.stack), profile.values_of(i));
  }
  whole.start_unix_ns = std::min(whole.start_unix_ns, profile.start_unix_ns);
  end_unix_ns_ = std::max(end_unix_ns_, saturating_sum(profile.start_unix_ns, profile.duration_ns));
  return {};
}

std::optional<Profile> Merge::finish() && {
  if (!builder_) return std::nullopt;
  Profile out = std::move(*builder_).finish();
  out.duration_ns = saturating_difference(end_unix_ns_, out.start_unix_ns);
  return out;
}

}  // namespace signalbox::profile
