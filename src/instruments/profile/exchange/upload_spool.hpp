// Uploads that their receiver did not take yet: kept in a folder, in order, each in a file of its own, until
// it does.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/exchange/upload.hpp"

namespace signalbox::profile {

inline constexpr std::uint64_t kMaxSpoolBytes = std::uint64_t{256} << 20;

// One receiver's. Each file is there whole or not at all, whenever we are killed; killed between an answer
// and what follows of it, an upload is sent a second time. Several processes may share it: one at a time
// sends.
class UploadSpool {
 public:
  // `spool` has a folder for each receiver and address.
  static UploadSpool of(const std::filesystem::path& spool, const Destination& destination,
                        std::uint64_t max_bytes = kMaxSpoolBytes);

  const std::filesystem::path& folder() const { return folder_; }

  struct Kept {
    std::filesystem::path file;
    std::size_t dropped = 0;  // uploads that waited, and made room for it
  };
  // At the end of the line; durable once this returns. An upload that waits already is not kept twice. Where
  // all that lies there is more than fits, the oldest makes room: what waits, what was refused, what a killed
  // writer left half done. One that never fits: bad_input.
  Result<Kept> keep(const Upload& upload);
  // The same of each, in order; none makes room for another of them. Where they do not fit together,
  // bad_input, and none is kept.
  Result<std::vector<Kept>> keep_all(std::span<const Upload> uploads);
  Result<std::vector<std::filesystem::path>> waiting() const;  // first come first

  struct Refused {
    std::filesystem::path file;  // as it was called; it lies there with ".refused" behind
    std::string why;
  };
  struct Drained {
    std::size_t sent = 0;
    std::vector<Refused> refused;
    Answer last;  // away or denied: why what waits still waits; yes: nothing waits
  };
  using Send = std::function<Answer(const Upload&)>;
  // Sends all that waits, first come first, and forgets what was taken. unavailable: another process has been
  // sending for so long; one that goes through all its retries does for minutes.
  Result<Drained> drain(const Send& send, std::chrono::milliseconds patience = std::chrono::minutes(4)) const;

 private:
  UploadSpool(std::filesystem::path folder, std::uint64_t max_bytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}
  using Digests = std::set<std::string>;
  Result<Kept> keep_beside(const Upload& upload, const Digests& staying) const;
  // How many that waited are gone for it; of those that stay, none.
  Result<std::size_t> make_room(std::uint64_t bytes, const Digests& staying) const;

  std::filesystem::path folder_;
  std::uint64_t max_bytes_;
};

}  // namespace signalbox::profile
