#include "core/gates/artifact.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::gates {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = std::size_t{1} << 18;
constexpr std::size_t kDigestDigits = 64;

// The path itself, once every link in it is followed; it has to lie inside of the folder.
Result<fs::path> path_inside(const fs::path& directory, const std::string& file) {
  std::error_code error;
  const fs::path root = fs::canonical(directory, error);
  if (error) return fail(ErrorKind::unavailable, directory.string() + ": " + error.message());
  const fs::path path = fs::weakly_canonical(root / file, error);
  const fs::path relative = error ? fs::path() : path.lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..")
    return fail(ErrorKind::bad_input, printable(file) + ": leads out of the workspace");
  return path;
}

Result<std::string> hash_file(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail(error_from_errno(errno, path.string()));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(error_from_errno(errno, path.string()));
  if (!S_ISREG(status.st_mode)) return fail(ErrorKind::bad_input, path.string() + ": is no regular file");
  Sha256Stream stream;
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno(errno, path.string()));
    if (got == 0) return to_hex(stream.finish());
    stream.update(std::string_view(chunk).substr(0, static_cast<std::size_t>(got)));
  }
}

bool is_digest(std::string_view text) {
  return text.size() == kDigestDigits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// "<64 digits>  name", "<64 digits> *name", or "SHA256 (name) = <64 digits>".
bool parse_line(std::string_view line, std::string& name, std::string& digest) {
  constexpr std::string_view tag = "SHA256 (";
  if (line.starts_with(tag)) {
    const std::size_t close = line.rfind(") = ");
    if (close == std::string_view::npos || close <= tag.size()) return false;
    name = line.substr(tag.size(), close - tag.size());
    digest = to_lower(line.substr(close + 4));
    return is_digest(digest);
  }
  constexpr std::size_t start = kDigestDigits + 2;
  if (line.size() <= start || line[kDigestDigits] != ' ') return false;
  if (line[kDigestDigits + 1] != ' ' && line[kDigestDigits + 1] != '*') return false;
  digest = to_lower(line.substr(0, kDigestDigits));
  name = line.substr(start);
  return is_digest(digest);
}

}  // namespace

Result<std::string> digest_of_artifact(const fs::path& directory, const std::string& file) {
  SIGNALBOX_TRY(const fs::path path, path_inside(directory, file));
  return hash_file(path);
}

Result<std::map<std::string, std::string>> read_checksums(std::string_view text) {
  std::map<std::string, std::string> out;
  int number = 0;
  for (const std::string_view line : lines(text)) {
    ++number;
    if (trim(line).empty() || line.starts_with('#')) continue;
    std::string name, digest;
    if (!parse_line(line, name, digest)) {
      return fail(ErrorKind::bad_input, fmt::format("line {}: is no checksum of sha256sum", number),
                  "sha256sum FILE… > SHA256SUMS");
    }
    const auto [at, is_new] = out.emplace(name, digest);
    if (!is_new && at->second != digest)
      return fail(ErrorKind::bad_input,
                  fmt::format("line {}: a second digest of {}", number, printable(name)));
    if (out.size() > kMaxChecksums)
      return fail(ErrorKind::bad_input, fmt::format("more than {} checksums", kMaxChecksums));
  }
  return out;
}

Result<std::string> recorded_checksum(const fs::path& directory, const ArtifactRule& rule) {
  SIGNALBOX_TRY(const fs::path sums, path_inside(directory, rule.checksums));
  SIGNALBOX_TRY(const fs::path artifact, path_inside(directory, rule.file));
  SIGNALBOX_TRY(const std::string text, read_file(sums, kMaxChecksumBytes));
  const auto checksums = read_checksums(text);
  if (!checksums) return fail_in(rule.checksums, checksums.error());
  const std::string name = artifact.lexically_relative(sums.parent_path()).string();
  for (const std::string& form : {name, "./" + name}) {
    const auto found = checksums->find(form);
    if (found != checksums->end()) return found->second;
  }
  return fail(ErrorKind::not_found,
              fmt::format("{} has no checksum of {}", printable(rule.checksums), printable(name)));
}

}  // namespace signalbox::gates
