#include "instruments/profile/analysis/comparable.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

std::string columns_of(const Profile& profile) {
  std::vector<std::string> out;
  for (const ValueType& type : profile.value_types) out.push_back(fmt::format("{}/{}", type.type, type.unit));
  return join(out, ", ");
}

tl::unexpected<Error> differ(std::string_view what, const NamedProfile& base, std::string_view of_base,
                             const NamedProfile& fresh, std::string_view of_fresh) {
  return fail(ErrorKind::bad_input,
              fmt::format("{} and {} differ in {}: {} and {}", printable(base.name), printable(fresh.name),
                          what, printable(of_base), printable(of_fresh)),
              "record both in the same way");
}

// Where both say something of it, they must say the same.
Status same_annotation(const NamedProfile& base, const NamedProfile& fresh, std::string_view key) {
  const auto of_base = annotation(base.profile->annotations, key);
  const auto of_fresh = annotation(fresh.profile->annotations, key);
  if (of_base && of_fresh && *of_base != *of_fresh) return differ(key, base, *of_base, fresh, *of_fresh);
  return {};
}

Status same_period(const NamedProfile& base, const NamedProfile& fresh) {
  const ValueType& of_base = base.profile->period_type;
  const ValueType& of_fresh = fresh.profile->period_type;
  if (of_base.type.empty() || of_fresh.type.empty() || of_base == of_fresh) return {};
  return differ("event", base, fmt::format("{}/{}", of_base.type, of_base.unit), fresh,
                fmt::format("{}/{}", of_fresh.type, of_fresh.unit));
}

std::optional<std::size_t> find_column(const Profile& profile, const ValueType& type) {
  const auto found = std::find(profile.value_types.begin(), profile.value_types.end(), type);
  if (found == profile.value_types.end()) return std::nullopt;
  return static_cast<std::size_t>(found - profile.value_types.begin());
}

// The base's columns in the order in which they are wanted.
std::vector<std::size_t> wanted(const Profile& base, const std::optional<std::string>& name) {
  std::vector<std::size_t> out;
  if (!name) out.push_back(base.default_value);
  for (std::size_t i = 0; i < base.value_types.size(); ++i) {
    if (name ? base.value_types[i].type == *name : i != base.default_value) out.push_back(i);
  }
  return out;
}

}  // namespace

Result<SharedValue> shared_value(const NamedProfile& base, const NamedProfile& fresh,
                                 const std::optional<std::string>& name) {
  SIGNALBOX_CHECK(same_annotation(base, fresh, "mode"));
  SIGNALBOX_CHECK(same_annotation(base, fresh, "event"));
  SIGNALBOX_CHECK(same_period(base, fresh));
  for (const std::size_t column : wanted(*base.profile, name)) {
    const ValueType& type = base.profile->value_types[column];
    if (const auto found = find_column(*fresh.profile, type)) return SharedValue{type, column, *found};
  }
  if (name) {
    return fail(
        ErrorKind::bad_input,
        fmt::format("{} and {} have no values `{}` in common", printable(base.name), printable(fresh.name),
                    printable(*name)),
        fmt::format("the one has {}; the other {}", columns_of(*base.profile), columns_of(*fresh.profile)));
  }
  return differ("unit", base, columns_of(*base.profile), fresh, columns_of(*fresh.profile));
}

Status same_rate(const NamedProfile& base, const NamedProfile& fresh, const ValueType& type) {
  const std::int64_t of_base = base.profile->period;
  const std::int64_t of_fresh = fresh.profile->period;
  if (type.unit != "count" || of_base <= 0 || of_fresh <= 0 || of_base == of_fresh) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("{} and {} differ in period: {} and {}", printable(base.name),
                          printable(fresh.name), of_base, of_fresh),
              "counts of samples compare as shares alone: diff --normalize samples, check without --work");
}

}  // namespace signalbox::profile
