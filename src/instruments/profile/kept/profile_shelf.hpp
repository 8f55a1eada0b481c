// Profiles that were read lately, whole: whoever looks at one asks many questions about it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kMaxExpandedBytes = std::size_t{256} << 20;  // of a profile that was sent

// What is sent to a server is read by few at a time, and does not become large: senders are many. Whoever
// waits for a turn keeps a thread of the server from all others, and so does not wait long.
class ProfileReaders {
 public:
  explicit ProfileReaders(std::chrono::milliseconds wait_max = kWaitMax) : wait_max_(wait_max) {}

  static constexpr std::ptrdiff_t kAtOnce = 2;
  using Places = std::counting_semaphore<kAtOnce>;
  struct GiveBack {
    void operator()(Places* free) const { free->release(); }
  };
  using Turn = std::unique_ptr<Places, GiveBack>;  // one of the places, while it lives

  // unavailable where none becomes free in time.
  Result<Turn> turn();
  // In a turn of its own. `format`: nullopt: by its content.
  Result<ImportedProfile> read(std::string_view octets, std::optional<ProfileFormat> format = {});
  // In the turn that the caller has.
  static Result<ImportedProfile> read_in(const Turn& turn, std::string_view octets,
                                         std::optional<ProfileFormat> format);

 private:
  static constexpr std::chrono::milliseconds kWaitMax{2'000};
  std::chrono::milliseconds wait_max_;
  Places free_{kAtOnce};
};

// By the ids of kept profiles. Thread-safe.
class ProfileShelf {
 public:
  explicit ProfileShelf(std::shared_ptr<ProfileReaders> readers) : readers_(std::move(readers)) {}

  using Load = std::function<Result<std::string>()>;
  // The profile; where it is not there, of the octets that `load` gives, which are of that format.
  // unavailable where too many are read already.
  Result<std::shared_ptr<const Profile>> get(const std::string& id, std::optional<ProfileFormat> format,
                                             const Load& load);

 private:
  static constexpr std::size_t kProfiles = 4;
  struct Place {
    std::string id;
    std::shared_ptr<const Profile> profile;
  };
  std::shared_ptr<const Profile> known(const std::string& id);

  std::shared_ptr<ProfileReaders> readers_;
  std::mutex mutex_;
  std::list<Place> places_;  // the one that was asked for last comes first
};

}  // namespace signalbox::profile
