#include "instruments/queries/logs/log_file.hpp"

#include <array>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = std::size_t{4} << 20;
constexpr std::size_t kDetected = std::size_t{256} << 10;

struct Unpacker {
  std::string_view extension;
  std::string_view program;
};
constexpr Unpacker kUnpackers[] = {{".gz", "gzip"}, {".zst", "zstd"}, {".bz2", "bzip2"}, {".xz", "xz"}};

// Where octets come from: a file, or a program that unpacks one.
class Source {
 public:
  static Result<Source> open(const fs::path& path) {
    Source out;
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
        return fail(ErrorKind::unavailable,
                    fmt::format("{}: {} is not installed", path.string(), each.program),
                    fmt::format("apt-get install {}", each.program));
      ProcessOptions options;
      options.deadline = std::chrono::hours(24);
      SIGNALBOX_TRY(Process process,
                    Process::start({program->string(), "-dc", "--", path.string()}, options));
      out.process_ = std::make_unique<Process>(std::move(process));
      out.process_->close_input();
      out.total_ = 0;
    }
    return out;
  }

  // Appends up to a chunk; false at the end.
  Result<bool> read(std::string& to) {
    if (process_ != nullptr) {
      SIGNALBOX_TRY(const std::string part, process_->read(kChunk));
      to += part;
      if (!part.empty()) return true;
      SIGNALBOX_TRY(const ProcessResult result, process_->wait());
      if (result.exit_code != 0)
        return fail(ErrorKind::bad_input, "the file cannot be unpacked: " + result.errors);
      return false;
    }
    const std::size_t before = to.size();
    to.resize(before + kChunk);
    const ssize_t count = ::read(descriptor_.get(), to.data() + before, kChunk);
    to.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0) return fail(error_from_errno(errno, "the log"));
    return count > 0;
  }
  std::uint64_t total() const { return total_; }

 private:
  FileDescriptor descriptor_;
  std::unique_ptr<Process> process_;
  std::uint64_t total_ = 0;  // 0: unknown
};

}  // namespace

Result<LogFileRead> read_log_file(const fs::path& path, const LogFileOptions& options, LogVisitor& visitor) {
  SIGNALBOX_TRY(Source source, Source::open(path));
  LogFileRead out;
  std::string buffer;
  std::uint64_t offset = 0;
  bool more = true;
  while (more && buffer.size() < kDetected) {
    SIGNALBOX_TRY(more, source.read(buffer));
  }
  out.detected = {options.format.value_or(LogFormat::stderr_text), options.prefix};
  const bool given = options.format && (*options.format != LogFormat::stderr_text || !options.prefix.empty());
  if (!given && options.prefix.empty()) {
    auto detected = detect_log(std::string_view(buffer).substr(0, kDetected));
    if (!detected) return fail_in(path.string(), std::move(detected).error());
    out.detected = *detected;
    if (options.format) out.detected.format = *options.format;
  }
  SIGNALBOX_TRY(const auto reader, make_log_reader(out.detected.format, out.detected.prefix));
  while (true) {
    const std::size_t used =
        reader->read(buffer, offset, more ? LogReader::More::follows : LogReader::More::none, visitor);
    buffer.erase(0, used);
    offset += used;
    if (options.progress) options.progress(offset, source.total());
    if (!more) break;
    SIGNALBOX_TRY(more, source.read(buffer));
  }
  out.bytes = offset;
  out.counts = reader->counts();
  return out;
}

}  // namespace signalbox::queries
