#include "instruments/profile/agent/profile_ring.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/folder.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 14;  // milliseconds since 1970, so that names are in order
constexpr std::string_view kEnding = ".pb.gz";
constexpr std::size_t kNameLength = 2 * kDigits + 1 + kEnding.size();

std::optional<Time> time_of(std::string_view digits) {
  const auto number = parse_integer(digits);
  if (!number || *number < 0) return std::nullopt;
  return Time(std::chrono::milliseconds(*number));
}

// "<start>-<end>.pb.gz".
std::optional<ProfileRing::Entry> entry_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.size() != kNameLength || !name.ends_with(kEnding) || name[kDigits] != '-') return std::nullopt;
  const auto start = time_of(std::string_view(name).substr(0, kDigits));
  const auto end = time_of(std::string_view(name).substr(kDigits + 1, kDigits));
  if (!start || !end) return std::nullopt;
  return ProfileRing::Entry{file, *start, *end, 0};
}

}  // namespace

Status ProfileRing::tidy() {
  SIGNALBOX_TRY(const std::vector<fs::path> files, files_in(folder_));
  for (const fs::path& file : files) {
    if (!entry_of(file)) SIGNALBOX_CHECK(remove_if_there(file));
  }
  SIGNALBOX_TRY(const std::vector<Entry> entries, list());
  kept_.assign(entries.begin(), entries.end());
  bytes_ = 0;
  for (const Entry& entry : kept_) bytes_ += entry.bytes;
  return {};
}

Status ProfileRing::drop_oldest() {
  SIGNALBOX_CHECK(remove_if_there(kept_.front().file));
  bytes_ -= kept_.front().bytes;
  kept_.pop_front();
  return {};
}

Result<fs::path> ProfileRing::put(Time start, Time end, std::string_view octets) {
  while (!kept_.empty() && (bytes_ + octets.size() > limits_.bytes || end - kept_.front().end > limits_.age))
    SIGNALBOX_CHECK(drop_oldest());
  const auto digits = [](Time time) {
    return fmt::format("{:0{}}", time.time_since_epoch().count(), kDigits);
  };
  const fs::path file = folder_ / fmt::format("{}-{}{}", digits(start), digits(end), kEnding);
  SIGNALBOX_CHECK(write_file_atomically(file, octets, 0600));
  // At its place in the order of names, also where the clock was set back.
  const auto place =
      std::lower_bound(kept_.begin(), kept_.end(), file,
                       [](const Entry& entry, const fs::path& name) { return entry.file < name; });
  bytes_ += octets.size();
  if (place != kept_.end() && place->file == file) {
    bytes_ -= place->bytes;
    place->bytes = octets.size();
  } else {
    kept_.insert(place, Entry{file, start, end, octets.size()});
  }
  return file;
}

Result<std::vector<ProfileRing::Entry>> ProfileRing::list(std::optional<Time> since) const {
  SIGNALBOX_TRY(const std::vector<fs::path> files, files_in(folder_));
  std::vector<Entry> out;
  for (const fs::path& file : files) {
    auto entry = entry_of(file);
    if (!entry || (since && entry->end <= *since)) continue;
    std::error_code gone;
    const std::uintmax_t size = fs::file_size(file, gone);
    if (gone) continue;
    entry->bytes = size;
    out.push_back(std::move(*entry));
  }
  return out;
}

}  // namespace signalbox::profile
