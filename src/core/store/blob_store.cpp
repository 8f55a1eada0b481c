#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/store/database.hpp"

namespace signalbox::store {
namespace {

namespace fs = std::filesystem;

Result<fs::path> path_of(const fs::path& folder, std::string_view digest) {
  constexpr std::string_view kLowerHex = "0123456789abcdef";
  if (digest.size() != 64 || digest.find_first_not_of(kLowerHex) != std::string_view::npos) {
    return fail(ErrorKind::bad_input,
                fmt::format("not a SHA-256 digest in lower-case hexadecimal: {}", digest.substr(0, 80)));
  }
  return folder / digest.substr(0, 2) / digest.substr(2);
}

// Makes `path` and whatever folders above it are missing, each entered durably into the folder that holds it.
Status make_folder_durably(const fs::path& path) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) return {};
  SIGNALBOX_CHECK(make_folder_durably(path.parent_path()));
  SIGNALBOX_CHECK(make_directories(path));
  const fs::path above = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const FileDescriptor fd{::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || ::fsync(fd.get()) != 0) return fail(error_from_errno(errno, "syncing folder " + above.string()));
  return {};
}

}  // namespace

Result<std::string> BlobStore::put(std::string_view octets) {
  std::string digest = to_hex(sha256(octets));
  // What is there already is read back first: a damaged blob is replaced, a good one was synced when it was
  // written.
  if (has(digest) && get(digest)) return digest;
  SIGNALBOX_TRY(const fs::path path, path_of(folder_, digest));
  SIGNALBOX_CHECK(make_folder_durably(path.parent_path()));
  SIGNALBOX_CHECK(write_file_atomically(path, octets));
  return digest;
}

Result<std::string> BlobStore::get(std::string_view digest) const {
  SIGNALBOX_TRY(const fs::path path, path_of(folder_, digest));
  SIGNALBOX_TRY(std::string octets, read_file(path));
  if (to_hex(sha256(octets)) == digest) return octets;
  return fail(ErrorKind::internal, path.string() + ": corrupt: its octets are not those of its digest",
              "restore the file from a backup");
}

bool BlobStore::has(std::string_view digest) const {
  const auto path = path_of(folder_, digest);
  std::error_code error;
  return path && fs::is_regular_file(*path, error);
}

Status BlobStore::remove(std::string_view digest) {
  SIGNALBOX_TRY(const fs::path path, path_of(folder_, digest));
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail(error_from_errno(errno, "removing " + path.string()));
}

}  // namespace signalbox::store
