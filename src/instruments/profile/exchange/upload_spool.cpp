#include "instruments/profile/exchange/upload_spool.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/folder.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNumberDigits = 20;  // nanoseconds since 1970, so that names are in order
constexpr std::size_t kDigestDigits = 64;
constexpr std::string_view kEnding = ".upload";
constexpr std::size_t kNameLength = kNumberDigits + 1 + kDigestDigits + kEnding.size();
constexpr std::size_t kFolderDigits = 16;
constexpr std::string_view kLock = "lock";
constexpr unsigned kOwnerOnly = 0600;

bool is_waiting(const std::string& name) {
  return name.size() == kNameLength && name.ends_with(kEnding) && name[kNumberDigits] == '-' &&
         parse_integer(std::string_view(name).substr(0, kNumberDigits)) &&
         is_lower_hex(std::string_view(name).substr(kNumberDigits + 1, kDigestDigits));
}

std::string digest_of(const fs::path& file) {
  return file.filename().string().substr(kNumberDigits + 1, kDigestDigits);
}

// What a file holds, where it is what its name says.
Result<Upload> read_upload(const fs::path& file) {
  SIGNALBOX_TRY(const std::string octets, read_file(file, kMaxSpoolBytes));
  if (to_hex(sha256(octets)) != digest_of(file))
    return fail(ErrorKind::bad_input, "is not what was kept; it was changed");
  return parse_spooled(octets);
}

}  // namespace

UploadSpool UploadSpool::of(const fs::path& spool, const Destination& destination, std::uint64_t max_bytes) {
  const std::string where = fmt::format("{} {}", name_of(destination.receiver), destination.url);
  return {spool / to_hex(sha256(where)).substr(0, kFolderDigits), max_bytes};
}

Result<std::vector<fs::path>> UploadSpool::waiting() const {
  SIGNALBOX_TRY(std::vector<fs::path> out, files_in(folder_));
  std::erase_if(out, [](const fs::path& file) { return !is_waiting(file.filename().string()); });
  return out;
}

Result<std::size_t> UploadSpool::make_room(std::uint64_t bytes, const Digests& staying) const {
  struct File {
    fs::path path;
    std::string age;  // in the order of time
    std::uint64_t bytes = 0;
  };
  SIGNALBOX_TRY(const std::vector<fs::path> paths, files_in(folder_));
  std::vector<File> files;
  std::uint64_t sum = bytes;
  for (const fs::path& path : paths) {
    std::string name = path.filename().string();
    if (name == kLock) continue;
    // What is written just now is a file of the same name behind a dot.
    if (name.starts_with('.')) name.erase(0, 1);
    std::error_code gone;
    const std::uintmax_t size = fs::file_size(path, gone);
    if (gone) continue;
    sum += size;
    const bool stays = is_waiting(path.filename().string()) && staying.contains(digest_of(path));
    if (!stays) files.push_back({path, std::move(name), size});
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.age < b.age; });
  std::size_t dropped = 0;
  for (const File& file : files) {
    if (sum <= max_bytes_) break;
    SIGNALBOX_CHECK(remove_if_there(file.path));
    sum -= file.bytes;
    if (is_waiting(file.path.filename().string())) ++dropped;
  }
  return dropped;
}

Result<UploadSpool::Kept> UploadSpool::keep(const Upload& upload) {
  SIGNALBOX_TRY(std::vector<Kept> kept, keep_all(std::span(&upload, 1)));
  return std::move(kept.front());
}

Result<std::vector<UploadSpool::Kept>> UploadSpool::keep_all(std::span<const Upload> uploads) {
  std::uint64_t bytes = 0;
  Digests digests;
  for (const Upload& upload : uploads) {
    const std::string octets = spooled_text(upload);
    if (digests.insert(to_hex(sha256(octets))).second) bytes += octets.size();
  }
  if (bytes > max_bytes_)
    return fail(ErrorKind::bad_input,
                fmt::format("{} of {} octets; the spool holds {}", counted(uploads.size(), "upload"), bytes,
                            max_bytes_),
                uploads.size() > 1 ? "give fewer at a time" : "");
  std::vector<Kept> out;
  for (const Upload& upload : uploads) {
    SIGNALBOX_TRY(Kept kept, keep_beside(upload, digests));
    out.push_back(std::move(kept));
  }
  return out;
}

Result<UploadSpool::Kept> UploadSpool::keep_beside(const Upload& upload, const Digests& staying) const {
  const std::string octets = spooled_text(upload);
  const std::string digest = to_hex(sha256(octets));
  SIGNALBOX_TRY(const std::vector<fs::path> files, waiting());
  for (const fs::path& file : files) {
    if (digest_of(file) == digest) return Kept{file, 0};
  }
  SIGNALBOX_TRY(const std::size_t dropped, make_room(octets.size(), staying));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  fs::path file = folder_ / fmt::format("{:0{}}-{}{}", now_ns, kNumberDigits, digest, kEnding);
  SIGNALBOX_CHECK(write_file_atomically(file, octets, kOwnerOnly));
  return Kept{std::move(file), dropped};
}

Result<UploadSpool::Drained> UploadSpool::drain(const Send& send, std::chrono::milliseconds patience) const {
  Drained out;
  out.last.taken = Taken::yes;
  SIGNALBOX_CHECK(make_directories(folder_));
  SIGNALBOX_TRY(const std::optional<FileDescriptor> held, lock_file(folder_ / kLock, patience, kOwnerOnly));
  if (!held)
    return fail(ErrorKind::unavailable, folder_.string() + ": another process sends what waits there",
                "wait for it to end, then run the same command again");
  SIGNALBOX_TRY(const std::vector<fs::path> files, waiting());
  for (const fs::path& file : files) {
    auto upload = read_upload(file);
    if (!upload && upload.error().kind == ErrorKind::not_found) continue;  // it made room for another
    if (!upload && upload.error().kind != ErrorKind::bad_input) return fail(std::move(upload).error());
    const Answer answer = upload ? send(*upload) : Answer{Taken::refused, upload.error().message, {}};
    if (answer.taken == Taken::away || answer.taken == Taken::denied) {
      out.last = answer;
      return out;
    }
    if (answer.taken == Taken::yes) {
      ++out.sent;
      SIGNALBOX_CHECK(remove_if_there(file));
      continue;
    }
    const fs::path aside = file.string() + ".refused";
    if (::rename(file.c_str(), aside.c_str()) != 0 && errno != ENOENT)
      return fail(error_from_errno(errno, "renaming " + file.string()));
    out.refused.push_back({file, answer.why});
  }
  return out;
}

}  // namespace signalbox::profile
