#include "instruments/queries/logs/log_file.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "instruments/queries/logs/log_parts.hpp"
#include "instruments/queries/logs/log_source.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kDetected = std::size_t{256} << 10;
// Small enough to stay in a processor's own cache between the kernel's copy and the reader.
constexpr std::size_t kChunk = std::size_t{256} << 10;

// What was read and is not used yet, in one piece.
class Window {
 public:
  std::string_view text() const { return {octets_.get() + begin_, end_ - begin_}; }
  void use(std::size_t octets) { begin_ += octets; }

  // Appends up to a chunk; false at the end.
  Result<bool> read(LogSource& source) {
    if (capacity_ - end_ < kChunk) make_room();
    SIGNALBOX_TRY(const std::size_t count, source.read(octets_.get() + end_, kChunk));
    end_ += count;
    return count > 0;
  }

 private:
  void make_room() {
    const std::size_t size = end_ - begin_;
    std::unique_ptr<char[]> larger;
    if (capacity_ < 2 * size + kChunk) {
      capacity_ = 2 * size + 2 * kChunk;
      larger = std::make_unique_for_overwrite<char[]>(capacity_);
    }
    char* const to = larger ? larger.get() : octets_.get();
    if (size > 0) std::memmove(to, octets_.get() + begin_, size);
    if (larger) octets_ = std::move(larger);
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> octets_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace

Result<LogFileRead> read_log_file(const std::filesystem::path& path, const LogFileOptions& options,
                                  LogVisitor& visitor) {
  SIGNALBOX_TRY(LogSource source, LogSource::open(path));
  LogFileRead out;
  Window window;
  bool more = true;
  while (more && window.text().size() < kDetected) {
    SIGNALBOX_TRY(more, window.read(source));
  }
  out.detected = {options.format.value_or(LogFormat::stderr_text), options.prefix};
  const bool has_no_prefix = options.format == LogFormat::jsonlog || options.format == LogFormat::csvlog ||
                             options.format == LogFormat::cnpg;
  const bool given = options.format && (has_no_prefix || !options.prefix.empty());
  if (!given && options.prefix.empty()) {
    auto detected = detect_log(window.text().substr(0, kDetected));
    if (!detected) return fail_in(path.string(), std::move(detected).error());
    out.detected = *detected;
    if (options.format) out.detected.format = *options.format;
  }
  const auto tell = [&](std::uint64_t done) {
    if (options.progress) options.progress(done, source.total());
  };
  if (options.jobs > 1 && more && can_share(out.detected.format)) {
    SIGNALBOX_TRY(LogPartsRead read,
                  read_log_parts(source, window.text(), out.detected, options.jobs, tell, visitor));
    out.counts = std::move(read.counts);
    out.bytes = read.bytes;
    return out;
  }
  SIGNALBOX_TRY(const auto reader, make_log_reader(out.detected.format, out.detected.prefix));
  while (true) {
    const std::size_t used = reader->read(window.text(), out.bytes,
                                          more ? LogReader::More::follows : LogReader::More::none, visitor);
    window.use(used);
    out.bytes += used;
    tell(out.bytes);
    if (!more) break;
    SIGNALBOX_TRY(more, window.read(source));
  }
  out.counts = reader->counts();
  return out;
}

}  // namespace signalbox::queries
