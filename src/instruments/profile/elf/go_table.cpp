#include "instruments/profile/elf/go_table.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <elf.h>

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kWord = 8;  // octets of a pointer of the machines that we know
constexpr std::uint64_t kHeaderBytes = 8;
constexpr std::size_t kMaxPlaces = 16;  // that are looked at whether they are the runtime's
constexpr int kMaxInlined = 64;
constexpr int kMaxSteps = 1 << 20;          // of a table of values, in one function
constexpr std::uint64_t kInlinedCalls = 3;  // FUNCDATA_InlTree
constexpr std::uint64_t kInlinedIndex = 2;  // PCDATA_InlTreeIndex
constexpr std::uint32_t kNone = UINT32_MAX;

// Where fields of moduledata lie that all releases since 1.16 have at the same place.
constexpr std::uint64_t kModuleNames = 8;
constexpr std::uint64_t kModuleText = 176;

// Fields of a function's record behind its address, as 32-bit numbers.
enum FunctionField : std::uint64_t {
  kName = 0,
  kFile = 4,
  kLine = 5,
  kValueTables = 6,
  kUnit = 7,
  kStartLine = 8
};

// A number of 7 bits an octet; false at the end.
bool take_varint(std::string_view& left, std::uint32_t& out) {
  out = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (left.empty()) return false;
    const auto octet = static_cast<std::uint8_t>(left.front());
    left.remove_prefix(1);
    if (shift < 32) out |= (octet & 0x7fU) << shift;
    if ((octet & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

const GoTable::Layout GoTable::kLayouts[] = {
    {0xfffffffa, true, 2, 8, 0, 20, 12, 16, 0},     // Go 1.16
    {0xfffffff0, false, 3, 4, 0, 20, 12, 16, 304},  // Go 1.18
    {0xfffffff1, false, 3, 4, 1, 16, 4, 8, 320},    // Go 1.20
};

std::unique_ptr<GoTable> GoTable::open(std::shared_ptr<const ElfFile> elf) {
  std::unique_ptr<GoTable> out(new GoTable(elf));
  for (const std::string_view name : {".gopclntab", ".data.rel.ro.gopclntab"}) {
    if (const ElfSection* section = elf->section(name))
      return out->read(section->octets, section->vaddr) ? std::move(out) : nullptr;
  }
  // Another linker than Go's may have put it among other constants.
  if (elf->section(".go.buildinfo") == nullptr) return nullptr;
  for (const std::string_view name : {".data.rel.ro", ".rodata"}) {
    const ElfSection* section = elf->section(name);
    if (section == nullptr) continue;
    for (const Layout& layout : kLayouts) {
      std::array<char, 6> mark{};  // two zeros behind the magic number
      std::memcpy(mark.data(), &layout.magic, sizeof layout.magic);
      const std::string_view wanted(mark.data(), mark.size());
      for (std::size_t at = section->octets.find(wanted); at != std::string_view::npos;
           at = section->octets.find(wanted, at + 1)) {
        if ((section->vaddr + at) % kWord == 0 && out->read(section->octets.substr(at), section->vaddr + at))
          return out;
      }
    }
  }
  return nullptr;
}

bool GoTable::read(std::string_view octets, std::uint64_t vaddr) {
  table_ = octets;
  vaddr_ = vaddr;
  const auto magic = number<std::uint32_t>(0);
  const auto* const known = std::find_if(std::begin(kLayouts), std::end(kLayouts),
                                         [&](const Layout& layout) { return layout.magic == magic; });
  if (known == std::end(kLayouts) || number<std::uint8_t>(7) != kWord) return false;
  layout_ = *known;
  quantum_ = number<std::uint8_t>(6);
  if (quantum_ != 1 && quantum_ != 2 && quantum_ != 4) return false;
  function_count_ = word(0);
  const std::uint64_t first = layout_.words_to_tables;
  names_ = word(first);
  units_ = word(first + 1);
  files_ = word(first + 2);
  values_ = word(first + 3);
  functions_ = word(first + 4);
  const std::uint64_t entry_bytes = 2 * layout_.entry_bytes;
  if (std::max({names_, units_, files_, values_, functions_}) >= table_.size() || function_count_ == 0 ||
      function_count_ >= (table_.size() - functions_) / entry_bytes)
    return false;
  if (!layout_.has_pointers) text_start_ = pointer_at(vaddr_ + kHeaderBytes + 2 * kWord);
  read_module();
  if (text_start_ == 0) {
    const ElfSection* const text = elf_->section(".text");
    if (text != nullptr) text_start_ = text->vaddr;
  }
  return true;
}

// The runtime's own description of the program knows where text begins and from where tables of inlined calls
// are counted. It is where a pointer to this table stands, and behind it one to its names.
void GoTable::read_module() {
  if (layout_.has_pointers) return;
  for (const std::uint64_t module : places_of_pointer(vaddr_)) {
    if (pointer_at(module + kModuleNames) != vaddr_ + names_) continue;
    text_start_ = pointer_at(module + kModuleText);
    // types, etypes and rodata stand before it: where they are no ascending addresses of the file, the
    // release is one that we do not know.
    const std::uint64_t types = pointer_at(module + layout_.go_func - 3 * kWord);
    const std::uint64_t types_limit = pointer_at(module + layout_.go_func - 2 * kWord);
    const std::uint64_t constants = pointer_at(module + layout_.go_func - kWord);
    const std::uint64_t found = pointer_at(module + layout_.go_func);
    const bool is_known = types < types_limit && !elf_->at(types).empty() && !elf_->at(constants).empty() &&
                          constants <= found && !elf_->at(found).empty();
    if (is_known) go_func_ = found;
    return;
  }
}

// Of programs that may lie anywhere, pointers stand among the relocations, and nothing in their place.
std::uint64_t GoTable::pointer_at(std::uint64_t vaddr) const {
  std::uint64_t out = 0;
  const std::string_view octets = elf_->at(vaddr);
  if (octets.size() >= sizeof out) std::memcpy(&out, octets.data(), sizeof out);
  if (out != 0 || !elf_->is_position_independent()) return out;
  for (const ElfSection& section : elf_->sections()) {
    if (section.type != SHT_RELA) continue;
    for (std::size_t at = 0; at + sizeof(Elf64_Rela) <= section.octets.size(); at += sizeof(Elf64_Rela)) {
      Elf64_Rela relocation;
      std::memcpy(&relocation, section.octets.data() + at, sizeof relocation);
      if (relocation.r_offset == vaddr) return static_cast<std::uint64_t>(relocation.r_addend);
    }
  }
  return 0;
}

std::vector<std::uint64_t> GoTable::places_of_pointer(std::uint64_t target) const {
  std::vector<std::uint64_t> out;
  const auto add = [&](std::uint64_t place) {
    if (out.size() < kMaxPlaces) out.push_back(place);
  };
  for (const ElfSection& section : elf_->sections()) {
    if (section.type == SHT_RELA && elf_->is_position_independent()) {
      for (std::size_t at = 0; at + sizeof(Elf64_Rela) <= section.octets.size(); at += sizeof(Elf64_Rela)) {
        Elf64_Rela relocation;
        std::memcpy(&relocation, section.octets.data() + at, sizeof relocation);
        if (static_cast<std::uint64_t>(relocation.r_addend) == target) add(relocation.r_offset);
      }
    }
    if (section.type != SHT_PROGBITS || (section.flags & SHF_WRITE) == 0) continue;
    for (std::size_t at = 0; at + kWord <= section.octets.size(); at += kWord) {
      std::uint64_t found = 0;
      std::memcpy(&found, section.octets.data() + at, sizeof found);
      if (found == target) add(section.vaddr + at);
    }
  }
  return out;
}

template <class Number>
Number GoTable::number(std::uint64_t at) const {
  Number out{};
  if (at > table_.size() || table_.size() - at < sizeof out) return out;
  std::memcpy(&out, table_.data() + at, sizeof out);
  return out;
}

std::uint64_t GoTable::word(std::uint64_t index) const {
  return number<std::uint64_t>(kHeaderBytes + index * kWord);
}

std::string_view GoTable::text(std::uint64_t at) const {
  if (at >= table_.size()) return {};
  const std::string_view rest = table_.substr(at);
  return rest.substr(0, rest.find('\0'));
}

std::optional<GoTable::Function> GoTable::function_at(std::uint64_t vaddr) const {
  const auto entry = [&](std::uint64_t index) {
    const std::uint64_t at = functions_ + index * 2 * layout_.entry_bytes;
    return layout_.has_pointers ? number<std::uint64_t>(at) : text_start_ + number<std::uint32_t>(at);
  };
  // Behind the last function stands where it ends.
  if (vaddr < entry(0) || vaddr >= entry(function_count_)) return std::nullopt;
  std::uint64_t low = 0;
  std::uint64_t high = function_count_;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (entry(middle) <= vaddr ? low : high) = middle;
  }
  const std::uint64_t offset = functions_ + low * 2 * layout_.entry_bytes + layout_.entry_bytes;
  const std::uint64_t record =
      layout_.has_pointers ? number<std::uint64_t>(offset) : number<std::uint32_t>(offset);
  if (record >= table_.size() - functions_) return std::nullopt;
  return Function{entry(low), entry(low + 1), functions_ + record};
}

std::uint32_t GoTable::field(const Function& function, std::uint64_t index) const {
  return number<std::uint32_t>(function.at + layout_.entry_bytes + index * sizeof(std::uint32_t));
}

// A table of values is pairs of a value's change and of how much code has it, and ends with no change.
std::int32_t GoTable::value_at(std::uint32_t table, std::uint64_t entry, std::uint64_t vaddr) const {
  if (table == 0 || values_ + table >= table_.size()) return -1;
  std::string_view left = table_.substr(values_ + table);
  std::uint64_t limit = entry;
  std::uint32_t value = UINT32_MAX;
  for (int step = 0; step < kMaxSteps; ++step) {
    std::uint32_t change = 0;
    std::uint32_t length = 0;
    if (!take_varint(left, change) || (change == 0 && step > 0) || !take_varint(left, length)) return -1;
    value += (change & 1) != 0 ? ~(change >> 1) : change >> 1;
    limit += length * quantum_;
    if (vaddr < limit) return static_cast<std::int32_t>(value);
  }
  return -1;
}

void GoTable::set_place(GoLine& line, const Function& function, std::uint64_t vaddr) const {
  const std::int32_t number_of_file = value_at(field(function, kFile), function.entry, vaddr);
  if (number_of_file < 0) return;
  const std::uint64_t unit =
      std::uint64_t{field(function, kUnit)} + static_cast<std::uint32_t>(number_of_file);
  const std::uint64_t at = units_ + unit * sizeof(std::uint32_t);
  if (at + sizeof(std::uint32_t) > table_.size()) return;
  const auto file = number<std::uint32_t>(at);
  if (file == kNone) return;
  line.file = text(files_ + file);
  if (!line.file.empty()) line.line = std::max(value_at(field(function, kLine), function.entry, vaddr), 0);
}

// Where the inlined calls of a function lie, and the table that says which of them an address is in. 0: there
// are none.
std::uint64_t GoTable::inlined_calls_of(const Function& function, std::uint32_t& index_table) const {
  const std::uint64_t fields = kStartLine + layout_.start_line;
  const std::uint64_t tables = field(function, kValueTables);
  const auto lists = number<std::uint8_t>(function.at + layout_.entry_bytes + fields * 4 + 3);
  if (tables <= kInlinedIndex || lists <= kInlinedCalls) return 0;
  index_table = field(function, fields + 1 + kInlinedIndex);
  std::uint64_t at = function.at + layout_.entry_bytes + (fields + 1 + tables) * 4;
  if (layout_.has_pointers) {
    at += (vaddr_ + at) % kWord;  // pointers are aligned
    return number<std::uint64_t>(at + kInlinedCalls * kWord);
  }
  const auto offset = number<std::uint32_t>(at + kInlinedCalls * 4);
  return go_func_ == 0 || offset == kNone ? 0 : go_func_ + offset;
}

std::optional<GoRange> GoTable::range_at(std::uint64_t vaddr) const {
  const auto function = function_at(vaddr);
  if (!function) return std::nullopt;
  const std::string_view name = text(names_ + field(*function, kName));
  if (name.empty()) return std::nullopt;
  return GoRange{function->entry, function->limit, name};
}

std::vector<GoLine> GoTable::find(std::uint64_t vaddr) const {
  std::vector<GoLine> out;
  const auto function = function_at(vaddr);
  if (!function) return out;
  std::uint32_t index_table = 0;
  const std::uint64_t calls = inlined_calls_of(*function, index_table);
  for (int depth = 0; calls != 0 && depth < kMaxInlined; ++depth) {
    const std::int32_t index = value_at(index_table, function->entry, vaddr);
    if (index < 0) break;
    const std::string_view call = elf_->at(calls + static_cast<std::uint64_t>(index) * layout_.inlined_bytes);
    if (call.size() < layout_.inlined_bytes) break;
    std::uint32_t name = 0;
    std::uint32_t parent = 0;
    std::int32_t start_line = 0;
    std::memcpy(&name, call.data() + layout_.inlined_name, sizeof name);
    std::memcpy(&parent, call.data() + layout_.inlined_parent, sizeof parent);
    if (layout_.start_line != 0)
      std::memcpy(&start_line, call.data() + layout_.inlined_parent + sizeof parent, sizeof start_line);
    GoLine line{text(names_ + name), {}, 0, std::max(start_line, 0)};
    if (line.function.empty()) break;
    set_place(line, *function, vaddr);
    out.push_back(line);
    vaddr = function->entry + parent;  // an instruction at the place of the call
  }
  GoLine line{text(names_ + field(*function, kName)), {}, 0, 0};
  if (layout_.start_line != 0)
    line.start_line = std::max(static_cast<std::int32_t>(field(*function, kStartLine)), 0);
  set_place(line, *function, vaddr);
  if (!line.function.empty()) out.push_back(line);
  return out;
}

}  // namespace signalbox::profile
