#include "instruments/profile/analysis/merge.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "instruments/profile/analysis/profile_copier.hpp"

namespace signalbox::profile {
namespace {

std::string columns_of(const std::vector<ValueType>& types) {
  std::string out;
  for (const ValueType& type : types)
    out += fmt::format("{}{} in {}", out.empty() ? "" : ", ", type.type, type.unit);
  return out;
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
  if (is_first) copier.copy_facts();
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Sample& sample = profile.samples[i];
    copier.sample(i, copier.stack(sample.stack), profile.values_of(i));
  }
  whole.start_unix_ns = std::min(whole.start_unix_ns, profile.start_unix_ns);
  end_unix_ns_ = std::max(end_unix_ns_, profile.start_unix_ns + profile.duration_ns);
  return {};
}

std::optional<Profile> Merge::finish() && {
  if (!builder_) return std::nullopt;
  Profile out = std::move(*builder_).finish();
  out.duration_ns = end_unix_ns_ - out.start_unix_ns;
  return out;
}

}  // namespace signalbox::profile
