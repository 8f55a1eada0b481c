#include "instruments/profile/runtimes/jit_dump.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint32_t kMagic = 0x4A695444;
constexpr std::uint32_t kMagicOfOtherOrder = 0x4454694A;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxCode = 2'000'000;   // records; later ones are not read
constexpr std::size_t kMaxLines = 8'000'000;  // the same
// V8 and LLVM count the lines of code from where perf inject puts it in a file: behind the header of ELF.
constexpr std::uint64_t kElfHeaderBytes = 0x40;
constexpr std::size_t kMaxPadding = 8;          // octets behind the last line, less one
constexpr std::string_view kSameFile = "\xff";  // as that of the entry before

struct Header {
  std::uint32_t magic, version, bytes, machine, padding, pid;
  std::uint64_t time, flags;
};
enum RecordKind : std::uint32_t { kLoad = 0, kMove = 1, kDebugInfo = 2 };
struct RecordHead {
  std::uint32_t kind, bytes;  // with the head
  std::uint64_t time;
};
struct LoadHead {
  std::uint32_t pid, tid;
  std::uint64_t vma, address, bytes, index;
};
struct MoveBody {
  std::uint32_t pid, tid;
  std::uint64_t vma, old_address, new_address, bytes, index;
};
struct DebugHead {
  std::uint64_t address, entries;
};
struct DebugEntry {
  std::uint64_t address;
  std::uint32_t line, column;
};

// V8 of Node 20 writes memory that it gave back where names of files should be.
bool is_file_name(std::string_view name) {
  return is_utf8(name) && std::none_of(name.begin(), name.end(), [](char octet) {
           return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
         });
}

}  // namespace

// Takes the records in their order.
struct JitDump::Reading {
  JitDump& dump;
  std::unordered_map<std::uint64_t, Lines> announced;  // lines come before their code, by its address

  bool load(OctetReader body) {
    const auto head = body.take<LoadHead>();
    const std::string_view name = body.text();
    if (!body.ok || head.bytes == 0 || head.address + head.bytes < head.address ||
        dump.code_.size() >= kMaxCode)
      return false;
    Code code{name, {}};
    if (const auto lines = announced.find(head.address); lines != announced.end()) {
      if (lie_within(lines->second, head.bytes)) code.lines = lines->second;
      announced.erase(lines);
    }
    dump.placed_.lay(head.address, head.address + head.bytes, {dump.code_.size(), head.address});
    dump.code_.push_back(code);
    return true;
  }

  bool lie_within(const Lines& lines, std::uint64_t bytes) const {
    return dump.lines_[lines.limit - 1].offset <= bytes;
  }

  bool move(OctetReader body) const {
    const auto moved = body.take<MoveBody>();
    if (!body.ok || moved.bytes == 0 || moved.new_address + moved.bytes < moved.new_address) return false;
    const Placed* const known = dump.placed_.find(moved.old_address);
    if (known == nullptr) return false;
    const std::uint64_t within = moved.old_address - known->start;
    dump.placed_.lay(moved.new_address, moved.new_address + moved.bytes,
                     {known->code, moved.new_address - within});
    return true;
  }

  bool debug_info(OctetReader body) {
    const auto head = body.take<DebugHead>();
    if (!body.ok) return false;
    const std::size_t first = dump.lines_.size();
    const auto refuse = [&] {
      dump.lines_.resize(first);
      return false;
    };
    std::string_view file;
    std::uint64_t lowest = UINT64_MAX;
    for (std::uint64_t i = 0; i < head.entries; ++i) {
      const auto entry = body.take<DebugEntry>();
      const std::string_view name = body.text();
      if (!body.ok || entry.address < head.address || dump.lines_.size() >= kMaxLines) return refuse();
      if (name != kSameFile) file = name;
      if (!is_file_name(file)) return refuse();
      const std::uint64_t offset = entry.address - head.address;
      lowest = std::min(lowest, offset);
      dump.lines_.push_back(
          {offset, static_cast<std::int32_t>(std::min<std::uint32_t>(entry.line, INT32_MAX)),
           static_cast<std::int32_t>(std::min<std::uint32_t>(entry.column, INT32_MAX)), file});
    }
    if (head.entries == 0 || body.left.size() >= kMaxPadding) return refuse();
    const auto begin = dump.lines_.begin() + static_cast<std::ptrdiff_t>(first);
    if (lowest >= kElfHeaderBytes)
      std::for_each(begin, dump.lines_.end(), [](Line& line) { line.offset -= kElfHeaderBytes; });
    std::stable_sort(begin, dump.lines_.end(),
                     [](const Line& a, const Line& b) { return a.offset < b.offset; });
    announced[head.address] = {first, dump.lines_.size()};
    return true;
  }

  // Records of other kinds say nothing about names.
  bool record(std::uint32_t kind, std::string_view body) {
    switch (kind) {
      case kLoad:
        return load({body});
      case kMove:
        return move({body});
      case kDebugInfo:
        return debug_info({body});
      default:
        return true;
    }
  }
};

Result<JitDump> JitDump::parse(std::string octets) {
  JitDump out;
  out.octets_ = std::make_unique<std::string>(std::move(octets));
  OctetReader from{*out.octets_};
  const std::size_t whole = from.left.size();
  const auto header = from.take<Header>();
  if (!from.ok || (header.magic != kMagic && header.magic != kMagicOfOtherOrder))
    return fail(ErrorKind::bad_input, "is no dump of compiled code: it does not begin with JiTD");
  if (header.magic == kMagicOfOtherOrder)
    return fail(ErrorKind::bad_input, "is a dump of compiled code in the other byte order");
  if (header.version != kVersion || header.bytes < sizeof header || header.bytes > whole)
    return fail(ErrorKind::bad_input, fmt::format("is a dump of compiled code of version {}, with a header "
                                                  "of {} octets",
                                                  header.version, header.bytes));
  from.left = std::string_view(*out.octets_).substr(header.bytes);
  Reading reading{out, {}};
  for (;;) {
    const auto head = from.take<RecordHead>();
    if (!from.ok) break;
    if (head.bytes < sizeof head) {  // where the next one begins is not known
      ++out.records_skipped_;
      break;
    }
    const std::string_view body = from.octets(head.bytes - sizeof head);
    if (!from.ok) break;
    if (!reading.record(head.kind, body)) ++out.records_skipped_;
  }
  return out;
}

std::optional<JitLine> JitDump::find(std::uint64_t address) const {
  const Placed* const placed = placed_.find(address);
  if (placed == nullptr) return std::nullopt;
  const Code& code = code_[placed->code];
  JitLine out{code.name, {}, 0, 0};
  const auto begin = lines_.begin() + static_cast<std::ptrdiff_t>(code.lines.first);
  const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(code.lines.limit);
  const auto after =
      std::upper_bound(begin, end, address - placed->start,
                       [](std::uint64_t wanted, const Line& line) { return wanted < line.offset; });
  if (begin == end) return out;
  out.file = begin->file;
  if (after == begin || out.file.empty()) return out;
  const Line& line = *std::prev(after);
  if (line.file != out.file) return out;
  out.line = line.line;
  out.column = line.column;
  return out;
}

}  // namespace signalbox::profile
