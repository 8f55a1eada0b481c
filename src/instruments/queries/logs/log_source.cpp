#include "instruments/queries/logs/log_source.hpp"

#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signalbox::queries {
namespace {

struct Unpacker {
  std::string_view extension;
  std::string_view program;
};
constexpr Unpacker kUnpackers[] = {{".gz", "gzip"}, {".zst", "zstd"}, {".bz2", "bzip2"}, {".xz", "xz"}};

}  // namespace

Result<LogSource> LogSource::open(const std::filesystem::path& path) {
  LogSource out;
  const bool is_input = path == "-";
  out.descriptor_ =
      FileDescriptor{is_input ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!out.descriptor_) return fail(error_from_errno(errno, path.string()));
  struct stat status {};
  if (::fstat(out.descriptor_.get(), &status) == 0 && S_ISREG(status.st_mode))
    out.total_ = static_cast<std::uint64_t>(status.st_size);
  if (!is_input && S_ISDIR(status.st_mode))
    return fail(ErrorKind::bad_input, fmt::format("{}: is a folder", path.string()));
  for (const Unpacker& each : kUnpackers) {
    if (is_input || path.extension() != each.extension) continue;
    const auto program = find_program(each.program);
    if (!program)
      return fail(ErrorKind::unavailable, fmt::format("{}: {} is not installed", path.string(), each.program),
                  fmt::format("apt-get install {}", each.program));
    ProcessOptions options;
    options.deadline = std::chrono::hours(24);
    SIGNALBOX_TRY(Process process, Process::start({program->string(), "-dc", "--", path.string()}, options));
    out.process_ = std::make_unique<Process>(std::move(process));
    out.process_->close_input();
    out.total_ = 0;
  }
  return out;
}

Result<std::size_t> LogSource::read(char* to, std::size_t room) {
  if (process_ != nullptr) {
    SIGNALBOX_TRY(const std::string part, process_->read(room));
    if (!part.empty()) {
      std::memcpy(to, part.data(), part.size());
      return part.size();
    }
    SIGNALBOX_TRY(const ProcessResult result, process_->wait());
    if (result.exit_code != 0)
      return fail(ErrorKind::bad_input, "the file cannot be unpacked: " + result.errors);
    return 0;
  }
  ssize_t count = 0;
  do {
    count = ::read(descriptor_.get(), to, room);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return fail(error_from_errno(errno, "the log"));
  return static_cast<std::size_t>(count);
}

}  // namespace signalbox::queries
