#include "instruments/profile/elf/unwind_table.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>
#include <type_traits>
#include <unordered_map>

#include <fmt/format.h>

#include "instruments/profile/elf/frame_program.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxRules = 65'536;  // a row has 16 bits for the number of its rule
constexpr std::uint64_t kMaxTextBytes = std::uint64_t{1} << 32;
constexpr std::uint64_t kMaxVaddr = std::uint64_t{1} << 56;

constexpr std::uint64_t kPageBytes = std::uint64_t{1} << UnwindTable::kPageShift;

// DW_EH_PE_*: form in the low four bits, what it is relative to above.
constexpr std::uint8_t kOmit = 0xff;
constexpr std::uint8_t kIndirect = 0x80;

// An entry of `.eh_frame`.
struct Function {
  std::uint64_t begin;
  std::uint64_t end;
  std::string_view instructions;
  FrameProgram* program;
};

// What a table's views point into.
struct Storage {
  std::vector<std::uint32_t> pages;
  std::vector<std::uint32_t> rows;
  std::vector<UnwindRule> rules{1};
};

bool same(const UnwindRule& a, const UnwindRule& b) {
  static_assert(std::has_unique_object_representations_v<UnwindRule>);
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// Numbers of rules: a hash table with open addressing, of a size that is never filled, behind the few that
// come again and again.
class RuleNumbers {
 public:
  explicit RuleNumbers(std::vector<UnwindRule>& rules) : rules_(rules), slots_(kSlots) {}

  std::uint16_t of(const UnwindRule& rule) {
    if (rule.kind == UnwindRule::Kind::unknown) return 0;
    const std::size_t hashed = hash(rule);
    Recent& recent = recent_[hashed % kRecent];
    if (!same(recent.rule, rule)) recent = {rule, search(rule, hashed)};
    return recent.number;
  }

 private:
  static constexpr std::size_t kSlots = 2 * kMaxRules;
  static constexpr std::size_t kRecent = 1024;
  struct Recent {
    UnwindRule rule;
    std::uint16_t number = 0;
  };

  static std::size_t hash(const UnwindRule& rule) {
    const std::uint64_t offsets = (std::uint64_t{static_cast<std::uint32_t>(rule.cfa_offset)} << 32) |
                                  (std::uint64_t{static_cast<std::uint16_t>(rule.fp_offset)} << 16) |
                                  std::uint64_t{static_cast<std::uint16_t>(rule.ra_offset)};
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
    return ((offsets ^ (std::uint64_t{static_cast<std::uint8_t>(rule.kind)} << 29)) * kGolden) >> 40;
  }
  std::uint16_t search(const UnwindRule& rule, std::size_t hashed) {
    for (std::size_t slot = hashed;; ++slot) {
      std::uint16_t& number = slots_[slot % kSlots];
      if (number == 0) {
        if (rules_.size() >= kMaxRules) return 0;
        number = static_cast<std::uint16_t>(rules_.size());
        rules_.push_back(rule);
        return number;
      }
      if (same(rules_[number], rule)) return number;
    }
  }

  std::vector<UnwindRule>& rules_;
  std::vector<std::uint16_t> slots_;  // 0: empty
  std::array<Recent, kRecent> recent_{};
};

// Puts rows down by ascending address, and the first one of each page before it.
class TableWriter {
 public:
  TableWriter(Storage& out, std::uint64_t base) : out_(out), next_page_(base) {}

  void put(std::uint64_t pc, std::uint16_t rule) {
    for (; next_page_ <= pc; next_page_ += kPageBytes) {
      out_.pages.push_back(static_cast<std::uint32_t>(out_.rows.size()));
      if (next_page_ < pc || rule == current_) out_.rows.push_back(row_of(next_page_, current_));
    }
    if (rule == current_) return;
    current_ = rule;
    out_.rows.push_back(row_of(pc, rule));
  }
  void finish() { out_.pages.push_back(static_cast<std::uint32_t>(out_.rows.size())); }

 private:
  static std::uint32_t row_of(std::uint64_t pc, std::uint16_t rule) {
    return static_cast<std::uint32_t>(pc & 0xffff) | (std::uint32_t{rule} << 16);
  }
  Storage& out_;
  std::uint64_t next_page_;
  std::uint16_t current_ = 0;
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

// The functions that `.eh_frame` describes, in its order.
class FrameReader {
 public:
  FrameReader(const ElfFile& file, const ElfSection& section) : file_(file), section_(section) {}

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
        if (const Common* common = common_at(body - distance))
          add_function(in, *common, body + sizeof distance);
      }
      at = body + length;
    }
  }

  std::vector<Function>& functions() { return functions_; }

 private:
  struct Common {
    FrameCommon entry;
    std::unique_ptr<FrameProgram> program;  // null: it is broken
  };

  // The common entry whose length field lies at `at`; null where it is broken.
  const Common* common_at(std::uint64_t at) {
    if (last_common_ == nullptr || at != last_common_at_) {
      const auto [found, is_new] = commons_.try_emplace(at);
      if (is_new) {
        if (const auto entry = read_common(at))
          found->second = {*entry, std::make_unique<FrameProgram>(file_.machine(), *entry)};
      }
      last_common_at_ = at;
      last_common_ = &found->second;
    }
    return last_common_->program ? last_common_ : nullptr;
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

  void add_function(OctetReader in, const Common& common, std::uint64_t pointer_at) {
    const std::uint8_t encoding = common.entry.pointer_encoding;
    if (encoding == kOmit) return;
    const std::uint64_t begin = take_pointer(in, encoding, section_.vaddr + pointer_at);
    const std::uint64_t size = take_pointer(in, encoding & 0x0f, 0);
    if (common.entry.has_augmentation_data) in.octets(in.uleb());
    // A function that was dropped by the linker begins at 0.
    if (!in.ok || size == 0 || begin == 0 || begin + size < begin) return;
    functions_.push_back({begin, begin + size, in.left, common.program.get()});
  }

  const ElfFile& file_;
  const ElfSection& section_;
  std::unordered_map<std::uint64_t, Common> commons_;
  const Common* last_common_ = nullptr;
  std::uint64_t last_common_at_ = 0;
  std::vector<Function> functions_;
};

// The order of addresses, those of one in the order they came: by digits, as linkers write them nearly in
// order and a comparison is what would cost. No two lie farther apart than kMaxTextBytes.
std::vector<std::uint32_t> by_address(const std::vector<Function>& functions, std::uint64_t lowest) {
  constexpr unsigned kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  std::vector<std::uint32_t> order(functions.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return functions[a].begin < functions[b].begin;
  };
  if (std::is_sorted(order.begin(), order.end(), before)) return order;
  std::vector<std::uint32_t> next(order.size());
  for (unsigned shift = 0; (kMaxTextBytes >> shift) > 0; shift += kDigitBits) {
    const auto digit_of = [&](std::uint32_t index) {
      return ((functions[index].begin - lowest) >> shift) % kDigits;
    };
    std::vector<std::uint32_t> place(kDigits + 1);
    for (const std::uint32_t index : order) ++place[digit_of(index) + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (const std::uint32_t index : order) next[place[digit_of(index)]++] = index;
    order.swap(next);
  }
  return order;
}

}  // namespace

Result<UnwindTable> compile_unwind_table(const ElfFile& file) {
  const ElfSection* section = file.section(".eh_frame");
  if (section == nullptr || section->octets.empty())
    return fail(ErrorKind::not_found, fmt::format("{}: has no .eh_frame", file.name()));
  FrameReader reader(file, *section);
  reader.run();
  const std::vector<Function>& functions = reader.functions();
  std::uint64_t lowest = UINT64_MAX;
  std::uint64_t highest = 0;
  for (const Function& function : functions) {
    lowest = std::min(lowest, function.begin);
    highest = std::max(highest, function.end);
  }
  if (functions.empty() || highest - lowest > kMaxTextBytes || highest > kMaxVaddr)
    return fail(ErrorKind::not_found, fmt::format("{}: its .eh_frame covers nothing", file.name()));
  auto storage = std::make_shared<Storage>();
  constexpr std::size_t kUsualOctetsOfARow = 5;  // so that rows are seldom moved
  storage->rows.reserve(section->octets.size() / kUsualOctetsOfARow);
  storage->pages.reserve((highest - lowest) / kPageBytes + 2);
  UnwindTable::Parts parts;
  parts.base = lowest & ~(kPageBytes - 1);
  RuleNumbers numbers(storage->rules);
  TableWriter writer(*storage, parts.base);
  std::uint64_t covered_until = lowest;
  const std::vector<std::uint32_t> order = by_address(functions, lowest);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Function& function = functions[order[i]];
    // Where two overlap, the one that begins later holds.
    const std::uint64_t limit = i + 1 < order.size() ? functions[order[i + 1]].begin : highest;
    const std::uint64_t end = std::min(function.end, limit);
    if (end == function.begin) continue;
    if (covered_until < function.begin) writer.put(covered_until, 0);
    bool is_begun = false;
    const auto put = [&](std::uint64_t pc, const UnwindRule& rule) {
      const std::uint16_t number = numbers.of(rule);
      if (number == 0) ++parts.not_understood;
      writer.put(pc, number);
      is_begun = true;
    };
    function.program->run(function.instructions, function.begin, end, put);
    if (!is_begun) put(function.begin, UnwindRule());
    covered_until = end;
  }
  writer.put(covered_until, 0);
  writer.finish();
  parts.pages = storage->pages;
  parts.rows = storage->rows;
  parts.rules = storage->rules;
  return UnwindTable(parts, std::move(storage));
}

const UnwindRule& UnwindTable::find(std::uint64_t vaddr) const {
  const std::uint64_t page = (vaddr - parts_.base) >> kPageShift;
  if (vaddr < parts_.base || page + 1 >= parts_.pages.size()) return parts_.rules.front();
  const auto first = parts_.rows.begin() + parts_.pages[page];
  const auto last = parts_.rows.begin() + parts_.pages[page + 1];
  const auto after =
      std::upper_bound(first, last, static_cast<std::uint32_t>(vaddr & 0xffff),
                       [](std::uint32_t wanted, std::uint32_t row) { return wanted < (row & 0xffff); });
  if (after == first) return parts_.rules.front();
  const std::size_t rule = *std::prev(after) >> 16;
  return rule < parts_.rules.size() ? parts_.rules[rule] : parts_.rules.front();
}

}  // namespace signalbox::profile
