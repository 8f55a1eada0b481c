#include "instruments/profile/elf/unwind_table.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "instruments/profile/elf/frame_program.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxRules = 65'536;  // a row has 16 bits for the number of its rule
constexpr std::uint64_t kMaxTextBytes = std::uint64_t{1} << 32;
constexpr std::uint64_t kMaxVaddr = std::uint64_t{1} << 56;

// DW_EH_PE_*: form in the low four bits, what it is relative to above.
constexpr std::uint8_t kOmit = 0xff;
constexpr std::uint8_t kIndirect = 0x80;

// A row before it has its place.
struct RawRow {
  std::uint64_t pc;
  std::uint16_t rule;
  bool is_end;  // of a function: what follows is not covered, unless another one begins here
};

// Reads a pointer that lies at `vaddr`; `in.ok` is false for encodings that no compiler writes here.
std::uint64_t take_pointer(OctetReader& in, std::uint8_t encoding, std::uint64_t vaddr) {
  std::uint64_t value = 0;
  switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
    case 0x0c:
      value = in.take<std::uint64_t>();
      break;
    case 0x02:
      value = in.take<std::uint16_t>();
      break;
    case 0x0a:
      value = static_cast<std::uint64_t>(std::int64_t{in.take<std::int16_t>()});
      break;
    case 0x03:
      value = in.take<std::uint32_t>();
      break;
    case 0x0b:
      value = static_cast<std::uint64_t>(std::int64_t{in.take<std::int32_t>()});
      break;
    case 0x01:
      value = in.uleb();
      break;
    case 0x09:
      value = static_cast<std::uint64_t>(in.sleb());
      break;
    default:
      in.ok = false;
  }
  switch (encoding & 0x70) {
    case 0x00:
      break;
    case 0x10:
      value += vaddr;
      break;  // pcrel
    default:
      in.ok = false;
  }
  if ((encoding & kIndirect) != 0) in.ok = false;
  return value;
}

class Compiler {
 public:
  Compiler(const ElfFile& file, const ElfSection& section) : file_(file), section_(section) {
    rules_.emplace_back();
  }

  void run() {
    std::uint64_t at = 0;
    const std::string_view octets = section_.octets;
    while (at + sizeof(std::uint32_t) <= octets.size()) {
      OctetReader in{octets.substr(at)};
      std::uint64_t length = in.take<std::uint32_t>();
      if (length == 0) break;  // the end, though linkers put ends in between, too
      if (length == 0xffffffff) length = in.take<std::uint64_t>();
      const std::uint64_t body = octets.size() - in.left.size();
      if (!in.ok || length > in.left.size()) break;
      in.left = in.left.substr(0, length);
      const auto distance = in.take<std::uint32_t>();
      if (distance != 0 && distance <= body) {
        if (const FrameCommon* common = common_at(body - distance))
          add_function(in, *common, body + sizeof distance);
      }
      at = body + length;
    }
  }

  std::vector<RawRow>& rows() { return rows_; }
  std::vector<UnwindRule>& rules() { return rules_; }

 private:
  // The common entry whose length field lies at `at`; null where it is broken.
  const FrameCommon* common_at(std::uint64_t at) {
    const auto [found, is_new] = commons_.try_emplace(at);
    if (is_new) found->second = read_common(at);
    return found->second ? &*found->second : nullptr;
  }

  std::optional<FrameCommon> read_common(std::uint64_t at) const {
    OctetReader in{section_.octets.substr(at)};
    std::uint64_t length = in.take<std::uint32_t>();
    if (length == 0xffffffff) length = in.take<std::uint64_t>();
    if (!in.ok || length > in.left.size()) return std::nullopt;
    in.left = in.left.substr(0, length);
    FrameCommon out;
    if (in.take<std::uint32_t>() != 0) return std::nullopt;
    const auto version = in.take<std::uint8_t>();
    if (version != 1 && version != 3 && version != 4) return std::nullopt;
    std::string_view augmentation = in.text();
    if (version == 4) in.take<std::uint16_t>();  // sizes of an address and of a segment selector
    out.code_alignment = in.uleb();
    out.data_alignment = in.sleb();
    out.return_register = version == 1 ? in.take<std::uint8_t>() : in.uleb();
    std::string_view instructions = in.left;
    if (augmentation.starts_with('z')) {
      out.has_augmentation_data = true;
      OctetReader data{in.octets(in.uleb())};
      instructions = in.left;
      for (const char letter : augmentation.substr(1)) {
        if (letter == 'R') out.pointer_encoding = data.take<std::uint8_t>();
        if (letter == 'L') data.take<std::uint8_t>();
        if (letter == 'P') {
          const auto encoding = data.take<std::uint8_t>();
          take_pointer(data, encoding & 0x0f, 0);  // the personality's address is nothing to us
        }
        if (letter == 'S') out.is_signal_frame = true;
      }
      if (!data.ok) return std::nullopt;
    } else if (!augmentation.empty()) {
      return std::nullopt;
    }
    out.instructions = instructions;
    if (!in.ok) return std::nullopt;
    return out;
  }

  void add_function(OctetReader in, const FrameCommon& common, std::uint64_t pointer_at) {
    if (common.pointer_encoding == kOmit) return;
    const std::uint64_t begin = take_pointer(in, common.pointer_encoding, section_.vaddr + pointer_at);
    const std::uint64_t size = take_pointer(in, common.pointer_encoding & 0x0f, 0);
    if (common.has_augmentation_data) in.octets(in.uleb());
    // A function that was dropped by the linker begins at 0.
    if (!in.ok || size == 0 || begin == 0 || begin + size < begin) return;
    FrameProgram program(file_.machine(), common);
    program.run(in.left, begin, begin + size, [&](std::uint64_t pc, const UnwindRule& rule) {
      rows_.push_back({pc, number_of(rule), false});
    });
    rows_.push_back({begin + size, 0, true});
  }

  std::uint16_t number_of(const UnwindRule& rule) {
    if (rule == last_rule_) return last_number_;
    std::uint64_t key = 0;
    static_assert(sizeof rule == 12);
    key = static_cast<std::uint64_t>(rule.kind) |
          (static_cast<std::uint64_t>(static_cast<std::uint16_t>(rule.fp_offset)) << 8) |
          (static_cast<std::uint64_t>(static_cast<std::uint32_t>(rule.cfa_offset)) << 24);
    key ^= static_cast<std::uint64_t>(static_cast<std::uint16_t>(rule.ra_offset)) << 52;
    auto& candidates = numbers_[key];
    for (const std::uint16_t number : candidates) {
      if (rules_[number] == rule) return remember(rule, number);
    }
    if (rules_.size() >= kMaxRules) return 0;
    const auto number = static_cast<std::uint16_t>(rules_.size());
    rules_.push_back(rule);
    candidates.push_back(number);
    return remember(rule, number);
  }
  std::uint16_t remember(const UnwindRule& rule, std::uint16_t number) {
    last_rule_ = rule;
    last_number_ = number;
    return number;
  }

  const ElfFile& file_;
  const ElfSection& section_;
  std::unordered_map<std::uint64_t, std::optional<FrameCommon>> commons_;
  std::vector<RawRow> rows_;
  std::vector<UnwindRule> rules_;
  std::unordered_map<std::uint64_t, std::vector<std::uint16_t>> numbers_{{0, {0}}};
  UnwindRule last_rule_;
  std::uint16_t last_number_ = 0;
};

}  // namespace

Result<UnwindTable> compile_unwind_table(const ElfFile& file) {
  const ElfSection* section = file.section(".eh_frame");
  if (section == nullptr || section->octets.empty())
    return fail(ErrorKind::not_found, fmt::format("{}: has no .eh_frame", file.name()));
  Compiler compiler(file, *section);
  compiler.run();
  std::vector<RawRow>& raw = compiler.rows();
  const auto before = [](const RawRow& a, const RawRow& b) {
    return a.pc != b.pc ? a.pc < b.pc : a.is_end > b.is_end;
  };
  if (!std::is_sorted(raw.begin(), raw.end(), before)) std::stable_sort(raw.begin(), raw.end(), before);
  UnwindTable out;
  out.rules_ = std::move(compiler.rules());
  if (raw.empty() || raw.back().pc - raw.front().pc > kMaxTextBytes || raw.back().pc > kMaxVaddr)
    return fail(ErrorKind::not_found, fmt::format("{}: its .eh_frame covers nothing", file.name()));
  constexpr std::uint64_t kPageMask = (std::uint64_t{1} << UnwindTable::kPageShift) - 1;
  out.base_ = raw.front().pc & ~kPageMask;
  const auto row_of = [](std::uint64_t pc, std::uint16_t rule) {
    return static_cast<std::uint32_t>(pc & 0xffff) | (std::uint32_t{rule} << 16);
  };
  std::uint64_t next_page = out.base_;
  std::uint16_t current = 0;
  out.rows_.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i + 1 < raw.size() && raw[i + 1].pc == raw[i].pc) continue;  // the last one of an address counts
    // Each page begins with a row of what holds at its start.
    for (; next_page <= raw[i].pc; next_page += kPageMask + 1) {
      out.pages_.push_back(static_cast<std::uint32_t>(out.rows_.size()));
      if (next_page < raw[i].pc)
        out.rows_.push_back(row_of(next_page, current));
      else if (raw[i].rule == current)
        out.rows_.push_back(row_of(next_page, current));
    }
    if (raw[i].rule == current) continue;
    current = raw[i].rule;
    if (current == 0 && !raw[i].is_end) ++out.not_understood_;
    out.rows_.push_back(row_of(raw[i].pc, current));
  }
  out.pages_.push_back(static_cast<std::uint32_t>(out.rows_.size()));
  return out;
}

const UnwindRule& UnwindTable::find(std::uint64_t vaddr) const {
  const std::uint64_t page = (vaddr - base_) >> kPageShift;
  if (vaddr < base_ || page + 1 >= pages_.size()) return rules_.front();
  const auto first = rows_.begin() + pages_[page];
  const auto last = rows_.begin() + pages_[page + 1];
  const auto after =
      std::upper_bound(first, last, static_cast<std::uint32_t>(vaddr & 0xffff),
                       [](std::uint32_t wanted, std::uint32_t row) { return wanted < (row & 0xffff); });
  if (after == first) return rules_.front();
  return rules_[*std::prev(after) >> 16];
}

}  // namespace signalbox::profile
