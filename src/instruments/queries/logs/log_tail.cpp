#include "instruments/queries/logs/log_tail.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::size_t kMostAtOnce = std::size_t{64} << 20;  // of one poll, so that others get their turn

// The newest file of a folder by its time; by name of those of one time.
fs::path newest(const fs::path& folder, const std::string& ending) {
  fs::path out;
  fs::file_time_type best{};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!entry.path().string().ends_with(ending)) continue;
    const auto time = fs::last_write_time(entry.path(), error);
    if (error || (!out.empty() && (time < best || (time == best && entry.path() < out)))) continue;
    out = entry.path();
    best = time;
  }
  return out;
}

}  // namespace

Status LogTail::open_newest(LogVisitor& visitor) {
  std::error_code error;
  const fs::path path = fs::is_directory(path_, error) ? newest(path_, ending_) : path_;
  if (path.empty())
    return fail(ErrorKind::unavailable, fmt::format("{}: no log that ends with {}", path_.string(), ending_));
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return fail(error_from_errno(errno, path.string()));
  const bool same = file_ && status.st_ino == inode_ &&
                    static_cast<std::uint64_t>(status.st_size) >= offset_ + buffer_.size();
  if (same) return {};
  FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return fail(error_from_errno(errno, path.string()));
  tell_rest(visitor);
  file_ = std::move(file);
  opened_ = path;
  inode_ = status.st_ino;
  buffer_.clear();
  reader_.reset();
  // What was there before the watch is not of it.
  offset_ = is_first_ ? static_cast<std::uint64_t>(status.st_size) : 0;
  ::lseek(file_.get(), static_cast<off_t>(offset_), SEEK_SET);
  is_first_ = false;
  return {};
}

Status LogTail::read_more(LogVisitor& visitor) {
  for (std::size_t read = 0; read < kMostAtOnce;) {
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kChunk);
    const ssize_t count = ::read(file_.get(), buffer_.data() + before, kChunk);
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0) return fail(error_from_errno(errno, opened_.string()));
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
  }
  if (reader_ == nullptr) {
    if (buffer_.find('\n') == std::string::npos) return {};
    SIGNALBOX_TRY(const DetectedLog detected, detect_log(buffer_));
    SIGNALBOX_TRY(reader_, make_log_reader(detected.format, detected.prefix));
  }
  const std::uint64_t before = reader_->counts().rejected;
  const std::size_t used = reader_->read(buffer_, offset_, LogReader::More::follows, visitor);
  buffer_.erase(0, used);
  offset_ += used;
  rejected_ += reader_->counts().rejected - before;
  return {};
}

// Nothing follows the last record of a file that another took the place of.
void LogTail::tell_rest(LogVisitor& visitor) {
  if (reader_ == nullptr || buffer_.empty()) return;
  const std::uint64_t before = reader_->counts().rejected;
  static_cast<void>(reader_->read(buffer_, offset_, LogReader::More::none, visitor));
  rejected_ += reader_->counts().rejected - before;
}

Status LogTail::poll(LogVisitor& visitor) {
  // The end of the old file, before the new one.
  if (file_) SIGNALBOX_CHECK(read_more(visitor));
  const int before = file_.get();
  const std::uint64_t offset = offset_;
  const std::uint64_t inode = inode_;
  SIGNALBOX_CHECK(open_newest(visitor));
  const bool same = inode_ == inode && offset_ == offset && file_.get() == before;
  return same ? Status{} : read_more(visitor);
}

}  // namespace signalbox::queries
