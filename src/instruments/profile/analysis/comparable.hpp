// Whether two profiles measured the same thing, so that their difference means something.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// How a profile is called in messages, and itself.
struct NamedProfile {
  std::string name;
  const Profile* profile = nullptr;  // not owned
};

// A column that two profiles share: its place in each.
struct SharedValue {
  ValueType type;
  std::size_t base = 0;
  std::size_t fresh = 0;
};

// The column `name`, by default what both draw by default, else the first that both have. bad_input that
// names both profiles where they have none, or differ in mode, event, or what their period counts.
Result<SharedValue> shared_value(const NamedProfile& base, const NamedProfile& fresh,
                                 const std::optional<std::string>& name);

// Counts of samples that were taken after periods that differ are not of one unit: bad_input.
Status same_rate(const NamedProfile& base, const NamedProfile& fresh, const ValueType& type);

}  // namespace signalbox::profile
