// Several profiles of the same kind as one.
#pragma once

#include <optional>

#include "core/base/result.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Of aggregates, as an agent keeps them: samples have no times. Equal ones are added up. What all say of
// themselves is said of the whole, and what each counts is added up; its time is from the earliest start to
// the latest end.
class Merge {
 public:
  // bad_input where its columns are not those of the first.
  Status add(const Profile& profile);
  // nullopt: nothing was added.
  std::optional<Profile> finish() &&;

 private:
  std::optional<ProfileBuilder> builder_;
  std::int64_t end_unix_ns_ = 0;
};

}  // namespace signalbox::profile
