#include "instruments/queries/logs/log_parts.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace signalbox::queries {
namespace {

constexpr std::size_t kPartBytes = std::size_t{1} << 20;
constexpr std::size_t kMostKept = 4 * kPartBytes;  // of a part that was long

// Records as they were read, whose texts stay while their reader rests.
class Collector final : public LogVisitor {
 public:
  void record(const LogRecord& record) override { records.push_back(record); }
  std::vector<LogRecord> records;
};

struct Part {
  enum class State { empty, filled, reading, read } state = State::empty;
  std::uint64_t offset = 0;
  std::vector<char> octets;
  std::size_t size = 0;  // of them, up to where the next part begins
  bool is_last = false;
  std::unique_ptr<LogReader> reader;
  Collector collector;
  std::size_t used = 0;  // of `size`: less where the part ends within a record
  LogCounts counts;

  std::string_view text() const { return {octets.data(), size}; }
};

class PartsReader {
 public:
  PartsReader(LogSource& source, const std::function<void(std::uint64_t)>& progress, LogVisitor& visitor)
      : source_(source), progress_(progress), visitor_(visitor) {}
  ~PartsReader() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    filled_.notify_all();
    for (std::thread& each : threads_) each.join();
  }
  PartsReader(const PartsReader&) = delete;
  PartsReader& operator=(const PartsReader&) = delete;

  Result<LogPartsRead> run(std::string_view begin, const DetectedLog& log, std::size_t jobs) {
    rest_.assign(begin.begin(), begin.end());
    parts_ = std::vector<Part>(2 * jobs + 1);
    for (Part& part : parts_) {
      SIGNALBOX_TRY(part.reader, make_log_reader(log.format, log.prefix));
    }
    SIGNALBOX_TRY(again_, make_log_reader(log.format, log.prefix));
    for (std::size_t i = 1; i < jobs; ++i) threads_.emplace_back([this] { work(); });
    while (true) {
      if (Part* const part = next_read()) {
        tell(*part);
        set_state(*part, Part::State::empty);
        ++told_;
      } else if (!is_at_end_ && filled_parts_ - told_ < parts_.size()) {
        SIGNALBOX_CHECK(fill(parts_[filled_parts_ % parts_.size()]));
      } else if (told_ == filled_parts_) {
        return out_;
      } else if (Part* const unread = take_filled()) {
        read(*unread);
      } else {
        wait_for_next();
      }
    }
  }

 private:
  Part& head() { return parts_[told_ % parts_.size()]; }

  void set_state(Part& part, Part::State state) {
    const std::lock_guard lock(mutex_);
    part.state = state;
  }
  // The part whose turn it is to be told, once it is read.
  Part* next_read() {
    const std::lock_guard lock(mutex_);
    return head().state == Part::State::read ? &head() : nullptr;
  }
  void wait_for_next() {
    std::unique_lock lock(mutex_);
    read_.wait(lock, [this] { return head().state == Part::State::read; });
  }
  Part* take_filled() {
    const std::lock_guard lock(mutex_);
    return take();
  }
  // The first that nobody reads yet; the mutex is held.
  Part* take() {
    if (taken_ == filled_parts_) return nullptr;
    Part& part = parts_[taken_++ % parts_.size()];
    part.state = Part::State::reading;
    return &part;
  }

  void work() {
    while (true) {
      Part* part = nullptr;
      {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [&] { return is_over_ || (part = take()) != nullptr; });
      }
      if (part == nullptr) return;
      read(*part);
    }
  }

  void read(Part& part) {
    part.collector.records.clear();
    part.used =
        part.reader->read(part.text(), part.offset,
                          part.is_last ? LogReader::More::none : LogReader::More::begins, part.collector);
    part.counts = part.reader->take_counts();
    set_state(part, Part::State::read);
    read_.notify_one();
  }

  // Reads on into `part`, and keeps what is behind the last place where a record begins for the next one.
  Status fill(Part& part) {
    part.offset = filled_bytes_;
    std::size_t size = rest_.size();
    if (part.octets.size() < size + kPartBytes) part.octets.resize(size + kPartBytes);
    std::copy(rest_.begin(), rest_.end(), part.octets.begin());
    std::size_t end = 0;
    while (end == 0) {
      if (part.octets.size() - size < kPartBytes) part.octets.resize(2 * part.octets.size());
      while (!is_at_end_ && part.octets.size() > size) {
        SIGNALBOX_TRY(const std::size_t count,
                      source_.read(part.octets.data() + size, part.octets.size() - size));
        is_at_end_ = count == 0;
        size += count;
      }
      end = is_at_end_ ? size : again_->last_begin({part.octets.data(), size});
      if (size > LogReader::kMaxRecordBytes) end = size;
      if (is_at_end_) break;
    }
    rest_.assign(part.octets.begin() + static_cast<std::ptrdiff_t>(end),
                 part.octets.begin() + static_cast<std::ptrdiff_t>(size));
    part.size = end;
    part.is_last = is_at_end_;
    filled_bytes_ += end;
    {
      const std::lock_guard lock(mutex_);
      part.state = Part::State::filled;
      ++filled_parts_;
    }
    filled_.notify_one();
    return {};
  }

  void tell(Part& part) {
    if (carried_.empty()) {
      for (const LogRecord& each : part.collector.records) visitor_.record(each);
      add(part.counts);
      carried_.assign(part.text().substr(part.used));
      told_bytes_ = part.offset + part.used;
    } else {
      carried_ += part.text();
      const std::size_t used = again_->read(
          carried_, told_bytes_, part.is_last ? LogReader::More::none : LogReader::More::follows, visitor_);
      add(again_->take_counts());
      carried_.erase(0, used);
      told_bytes_ += used;
    }
    if (part.octets.size() > kMostKept) part.octets = {};
    out_.bytes = told_bytes_;
    if (progress_) progress_(told_bytes_);
  }

  void add(const LogCounts& counts) {
    out_.counts.records += counts.records;
    const std::size_t room = LogCounts::kMaxRejected - out_.counts.rejected_at.size();
    for (std::size_t i = 0; i < std::min(room, counts.rejected_at.size()); ++i)
      out_.counts.rejected_at.push_back(counts.rejected_at[i]);
    out_.counts.rejected += counts.rejected;
  }

  LogSource& source_;
  const std::function<void(std::uint64_t)>& progress_;
  LogVisitor& visitor_;
  LogPartsRead out_;
  std::vector<char> rest_;  // read from the source, and of no part yet
  std::uint64_t filled_bytes_ = 0, told_bytes_ = 0;
  bool is_at_end_ = false;
  std::string carried_;  // of parts that were told, the record that goes on in the next
  std::unique_ptr<LogReader> again_;

  std::mutex mutex_;  // of what follows, and of each part's state
  std::condition_variable filled_, read_;
  std::vector<Part> parts_;  // in turn
  std::size_t filled_parts_ = 0, taken_ = 0, told_ = 0;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<LogPartsRead> read_log_parts(LogSource& source, std::string_view begin, const DetectedLog& log,
                                    std::size_t jobs, const std::function<void(std::uint64_t)>& progress,
                                    LogVisitor& visitor) {
  PartsReader reader(source, progress, visitor);
  return reader.run(begin, log, std::clamp<std::size_t>(jobs, 1, kMaxLogJobs));
}

}  // namespace signalbox::queries
