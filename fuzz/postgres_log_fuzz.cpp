// Any octets as a server's log, brought in parts of any size: records within the text, each octet taken once,
// the same records however it is cut; executions of them.
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/queries/logs/executions.hpp"
#include "instruments/queries/logs/log_reader.hpp"

namespace queries = signalbox::queries;

namespace {

class Seen final : public queries::LogVisitor {
 public:
  void record(const queries::LogRecord& record) override {
    if (in_order && !offsets.empty() && record.offset <= offsets.back()) std::abort();
    offsets.push_back(record.offset);
    length += record.message.size() + record.statement.size();
  }
  explicit Seen(bool ordered) : in_order(ordered) {}
  bool in_order;  // what is put together may end after what began later
  std::vector<std::uint64_t> offsets;
  std::size_t length = 0;
};

class Nothing final : public queries::ExecutionVisitor {
 public:
  void execution(const queries::LoggedExecution& execution) override {
    if (!(execution.duration_ms >= 0)) std::abort();
  }
  void plan(const queries::LoggedPlan&) override {}
};

void read(queries::LogFormat format, std::string_view text, std::size_t part, queries::LogVisitor& visitor) {
  const auto reader = queries::make_log_reader(
      format, queries::can_share(format) ? "%m [%p] %q%u@%d %a %Q " : "[%p]: %q%u@%d ");
  if (!reader) std::abort();
  std::string buffer;
  std::uint64_t offset = 0;
  std::size_t brought = 0;
  do {
    const std::size_t more = std::min(part, text.size() - brought);
    buffer += text.substr(brought, more);
    brought += more;
    const auto follows =
        brought < text.size() ? queries::LogReader::More::follows : queries::LogReader::More::none;
    const std::size_t used = (*reader)->read(buffer, offset, follows, visitor);
    if (used > buffer.size() || (follows == queries::LogReader::More::none && used != buffer.size()))
      std::abort();
    buffer.erase(0, used);
    offset += used;
  } while (brought < text.size());
}

// As threads share a log: cut where its last record seems to begin.
void read_in_two(queries::LogFormat format, std::string_view text, queries::LogVisitor& visitor) {
  const auto reader = queries::make_log_reader(
      format, queries::can_share(format) ? "%m [%p] %q%u@%d %a %Q " : "[%p]: %q%u@%d ");
  if (!reader) std::abort();
  const std::size_t cut = (*reader)->last_begin(text);
  if (cut > text.size()) std::abort();
  const std::size_t used = (*reader)->read(text.substr(0, cut), 0, queries::LogReader::More::begins, visitor);
  if (used > cut) std::abort();
  static_cast<void>((*reader)->read(text.substr(used), used, queries::LogReader::More::none, visitor));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto format = static_cast<queries::LogFormat>(data[0] % std::size(queries::kLogFormats));
  const std::size_t part = 1 + data[1];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const bool ordered = queries::can_share(format);
  Seen whole(ordered), parts(ordered), two(ordered);
  read(format, text, SIZE_MAX, whole);
  read(format, text, part, parts);
  read_in_two(format, text, two);
  // After a torn record of CSV the next is looked for in what is there: only good text is the same however
  // cut.
  if (format != queries::LogFormat::csvlog &&
      (whole.offsets != parts.offsets || whole.length != parts.length || whole.offsets != two.offsets ||
       whole.length != two.length))
    std::abort();
  Nothing nothing;
  queries::Executions executions(nothing);
  read(format, text, SIZE_MAX, executions);
  executions.finish();
  static_cast<void>(queries::detect_log(text));
  static_cast<void>(queries::make_log_reader(queries::LogFormat::stderr_text, text));
  static_cast<void>(queries::make_log_reader(queries::LogFormat::syslog, text));
  return 0;
}
