#include "instruments/profile/analysis/signed_difference.hpp"

#include <algorithm>
#include <cmath>

#include "instruments/profile/analysis/profile_copier.hpp"

namespace signalbox::profile {
namespace {

// The columns that both have.
std::vector<SharedValue> shared_values(const Profile& base, const Profile& fresh) {
  std::vector<SharedValue> out;
  for (std::size_t i = 0; i < base.value_types.size(); ++i) {
    const auto found = std::find(fresh.value_types.begin(), fresh.value_types.end(), base.value_types[i]);
    if (found != fresh.value_types.end())
      out.push_back({base.value_types[i], i, static_cast<std::size_t>(found - fresh.value_types.begin())});
  }
  return out;
}

void add_samples(const Profile& from, const std::vector<std::size_t>& columns, double factor,
                 const std::vector<Label>& marks, ProfileBuilder& into) {
  ProfileCopier copier(from, into);
  std::vector<std::int64_t> values(columns.size());
  for (std::size_t i = 0; i < from.samples.size(); ++i) {
    const auto row = from.values_of(i);
    for (std::size_t column = 0; column < columns.size(); ++column)
      values[column] = std::llround(factor * static_cast<double>(row[columns[column]]));
    std::vector<Label> labels = copier.labels_of(from.samples[i].labels);
    labels.insert(labels.end(), marks.begin(), marks.end());
    copier.sample(i, copier.stack(from.samples[i].stack), values, into.labels(std::move(labels)));
  }
}

}  // namespace

Result<Profile> signed_difference(const NamedProfile& base, const NamedProfile& fresh, double base_factor) {
  SIGNALBOX_TRY(const SharedValue main, shared_value(base, fresh, std::nullopt));
  const std::vector<SharedValue> shared = shared_values(*base.profile, *fresh.profile);
  std::vector<ValueType> types;
  std::vector<std::size_t> of_base;
  std::vector<std::size_t> of_fresh;
  std::size_t default_value = 0;
  for (const SharedValue& value : shared) {
    if (value.type == main.type) default_value = types.size();
    types.push_back(value.type);
    of_base.push_back(value.base);
    of_fresh.push_back(value.fresh);
  }
  ProfileBuilder builder(std::move(types));
  ProfileCopier(*fresh.profile, builder).copy_facts();
  builder.profile().default_value = default_value;
  const Label mark{builder.string("pprof::base"), builder.string("true"), 0, {}};
  add_samples(*fresh.profile, of_fresh, 1, {}, builder);
  add_samples(*base.profile, of_base, -base_factor, {mark}, builder);
  return std::move(builder).finish();
}

}  // namespace signalbox::profile
