#include "instruments/profile/kept/profile_shelf.hpp"

#include <algorithm>

namespace signalbox::profile {

Result<ProfileReaders::Turn> ProfileReaders::turn() {
  if (free_.try_acquire_for(wait_max_)) return Turn(&free_);
  return fail(ErrorKind::unavailable, "other profiles are being read", "ask again in a moment");
}

Result<ImportedProfile> ProfileReaders::read(std::string_view octets, std::optional<ProfileFormat> format) {
  SIGNALBOX_TRY(const Turn mine, turn());
  return read_in(mine, octets, format);
}

Result<ImportedProfile> ProfileReaders::read_in(const Turn& /*turn*/, std::string_view octets,
                                                std::optional<ProfileFormat> format) {
  ReadOptions options;
  options.format = format;
  options.max_bytes = kMaxExpandedBytes;
  return import_profile(octets, options);
}

std::shared_ptr<const Profile> ProfileShelf::known(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return place.id == id; });
  if (found == places_.end()) return nullptr;
  places_.splice(places_.begin(), places_, found);
  return found->profile;
}

Result<std::shared_ptr<const Profile>> ProfileShelf::get(const std::string& id,
                                                         std::optional<ProfileFormat> format,
                                                         const Load& load) {
  if (auto profile = known(id)) return profile;
  SIGNALBOX_TRY(const ProfileReaders::Turn turn, readers_->turn());
  if (auto profile = known(id)) return profile;  // whoever had the turn before read it
  SIGNALBOX_TRY(const std::string octets, load());
  SIGNALBOX_TRY(ImportedProfile imported, ProfileReaders::read_in(turn, octets, format));
  auto profile = std::make_shared<const Profile>(std::move(imported.profile));
  const std::lock_guard lock(mutex_);
  places_.push_front({id, profile});
  if (places_.size() > kProfiles) places_.pop_back();
  return profile;
}

}  // namespace signalbox::profile
