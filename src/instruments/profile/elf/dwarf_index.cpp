#include "instruments/profile/elf/dwarf_index.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <libelf.h>

#include "instruments/profile/elf/split_units.hpp"

namespace signalbox::profile {

namespace {

constexpr int kMaxDieDepth = 256;        // blocks within blocks
constexpr int kMaxOverlappingUnits = 8;  // ranges that are looked at below an address

struct Range {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  bool contains(std::uint64_t vaddr) const { return start <= vaddr && vaddr < limit; }
};

std::vector<Range> ranges_of(Dwarf_Die& die) {
  std::vector<Range> out;
  Dwarf_Addr base = 0;
  Dwarf_Addr start = 0;
  Dwarf_Addr limit = 0;
  for (ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &start, &limit)) > 0;)
    if (start < limit && start != 0) out.push_back({start, limit});
  return out;
}

// An inlined function within one that is not.
struct Scope {
  std::vector<Range> ranges;
  Dwarf_Die die;
};

// A range of a function that was not inlined, and what was inlined into it, outermost first.
struct FunctionRange {
  Range range;
  Dwarf_Die die;
  std::size_t first_scope = 0;
  std::size_t last_scope = 0;
};

struct Unit {
  Dwarf_Die die;       // whose lines are the unit's
  Dwarf_Die contents;  // whose children are its functions: another one where they lie in a file of their own
  std::optional<SkeletonUnit> skeleton;  // of such a one, until it is read
  bool read = false;
  std::vector<FunctionRange> functions;  // by start
  std::vector<Scope> scopes;
};

// Reads the functions of a unit that have code.
class UnitReader {
 public:
  explicit UnitReader(Unit& unit) : unit_(unit) {}

  void read() {
    children(unit_.contents, Within::unit, 0);
    std::sort(unit_.functions.begin(), unit_.functions.end(),
              [](const FunctionRange& a, const FunctionRange& b) { return a.range.start < b.range.start; });
  }

 private:
  enum class Within : std::uint8_t { unit, function };

  void children(Dwarf_Die& parent, Within within, int depth) {
    Dwarf_Die child;
    if (depth == kMaxDieDepth || dwarf_child(&parent, &child) != 0) return;
    do visit(child, within, depth);
    while (dwarf_siblingof(&child, &child) == 0);
  }

  void visit(Dwarf_Die& die, Within within, int depth) {
    switch (dwarf_tag(&die)) {
      case DW_TAG_subprogram:
        return function(die, depth);
      case DW_TAG_inlined_subroutine:
        if (within == Within::function) unit_.scopes.push_back({ranges_of(die), die});
        return children(die, within, depth + 1);
      case DW_TAG_lexical_block:
      case DW_TAG_namespace:
      case DW_TAG_module:
        return children(die, within, depth + 1);
      // Functions of a type that is local to a function stand in it.
      case DW_TAG_structure_type:
      case DW_TAG_class_type:
        if (within == Within::function) children(die, within, depth + 1);
        return;
      default:
        return;
    }
  }

  void function(Dwarf_Die& die, int depth) {
    const std::vector<Range> ranges = ranges_of(die);
    if (ranges.empty()) return;
    const std::size_t first = unit_.scopes.size();
    children(die, Within::function, depth + 1);
    for (const Range& range : ranges) unit_.functions.push_back({range, die, first, unit_.scopes.size()});
  }

  Unit& unit_;
};

std::string name_of_function(Dwarf_Die& die) {
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(&die, name, &attribute) == nullptr) continue;
    if (const char* text = dwarf_formstring(&attribute)) return text;
  }
  const char* name = dwarf_diename(&die);
  return name == nullptr ? "" : name;
}

std::uint64_t number_of(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(&die, name, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0) return 0;
  return value;
}

struct Place {
  std::string file;
  std::int32_t line = 0;
  std::int32_t column = 0;
};

Place place_of_address(Dwarf_Die& unit, std::uint64_t vaddr) {
  Place place;
  Dwarf_Line* row = dwarf_getsrc_die(&unit, vaddr);
  if (row == nullptr) return place;
  if (const char* file = dwarf_linesrc(row, nullptr, nullptr)) place.file = file;
  dwarf_lineno(row, &place.line);
  dwarf_linecol(row, &place.column);
  return place;
}

// Where an inlined function was called. A unit in a file of its own may count files as the program's part of
// it does (clang), or have a table of its own (GCC).
Place place_of_call(Unit& unit, Dwarf_Die& inlined) {
  Place place;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const std::uint64_t file = number_of(inlined, DW_AT_call_file);
  const bool has_files = dwarf_getsrcfiles(&unit.contents, &files, &count) == 0 ||
                         dwarf_getsrcfiles(&unit.die, &files, &count) == 0;
  if (has_files && file < count)
    if (const char* name = dwarf_filesrc(files, file, nullptr, nullptr)) place.file = name;
  place.line = static_cast<std::int32_t>(number_of(inlined, DW_AT_call_line));
  place.column = static_cast<std::int32_t>(number_of(inlined, DW_AT_call_column));
  return place;
}

std::string text_of(Dwarf_Die& die, unsigned name) {
  Dwarf_Attribute attribute;
  const char* text = dwarf_attr(&die, name, &attribute) == nullptr ? nullptr : dwarf_formstring(&attribute);
  return text == nullptr ? "" : text;
}

// The octets of a section, as libdw reads them: not compressed any more.
std::string_view section_of(Elf* elf, std::string_view wanted) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return {};
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    const Elf64_Shdr* const header = elf64_getshdr(section);
    const char* const name = header == nullptr ? nullptr : elf_strptr(elf, names, header->sh_name);
    if (name == nullptr || name != wanted || header->sh_type == SHT_NOBITS) continue;
    const Elf_Data* const data = elf_getdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) return {};
    return {static_cast<const char*>(data->d_buf), data->d_size};
  }
  return {};
}

}  // namespace

struct DwarfIndex::State {
  explicit State(std::shared_ptr<const ElfFile> file) : elf_file(std::move(file)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (dwarf != nullptr) dwarf_end(dwarf);
    if (elf != nullptr) elf_end(elf);
  }

  void read_units() {
    addresses = section_of(elf, ".debug_addr");
    ranges = section_of(elf, ".debug_ranges");
    Dwarf_CU* unit = nullptr;
    Dwarf_Die die;
    std::uint8_t type = 0;
    while (dwarf_get_units(dwarf, unit, &unit, nullptr, &type, &die, nullptr) == 0) {
      if (type != DW_UT_compile && type != DW_UT_skeleton) continue;
      for (const Range& range : ranges_of(die)) unit_ranges.emplace_back(range, units.size());
      Unit& read = units.emplace_back(Unit{die, die, std::nullopt, false, {}, {}});
      if (type == DW_UT_skeleton) read.skeleton = skeleton_of(unit, die);
    }
    end_parts_of_skeletons();
    std::sort(unit_ranges.begin(), unit_ranges.end(),
              [](const auto& a, const auto& b) { return a.first.start < b.first.start; });
  }

  SkeletonUnit skeleton_of(Dwarf_CU* unit, Dwarf_Die& die) {
    SkeletonUnit out;
    Dwarf_Half version = 0;
    dwarf_cu_info(unit, &version, nullptr, nullptr, nullptr, &out.id, nullptr, nullptr);
    out.version = version;
    dwarf_lowpc(&die, &out.low_pc);
    const bool is_new = version >= 5;
    out.name = text_of(die, is_new ? DW_AT_dwo_name : DW_AT_GNU_dwo_name);
    out.folder = text_of(die, DW_AT_comp_dir);
    const auto from = [](std::string_view section, std::uint64_t offset) {
      return offset > section.size() ? std::string_view() : section.substr(offset);
    };
    out.addresses = from(addresses, number_of(die, is_new ? DW_AT_addr_base : DW_AT_GNU_addr_base));
    if (!is_new) out.ranges = from(ranges, number_of(die, DW_AT_GNU_ranges_base));
    return out;
  }

  // A unit's addresses and ranges end where those of another begin: only their beginnings are told.
  void end_parts_of_skeletons() {
    for (std::string_view SkeletonUnit::*const member : {&SkeletonUnit::addresses, &SkeletonUnit::ranges}) {
      std::vector<const char*> starts;
      for (Unit& unit : units)
        if (unit.skeleton) starts.push_back(((*unit.skeleton).*member).data());
      std::sort(starts.begin(), starts.end());
      for (Unit& unit : units) {
        if (!unit.skeleton) continue;
        std::string_view& octets = (*unit.skeleton).*member;
        const auto next = std::upper_bound(starts.begin(), starts.end(), octets.data());
        if (next == starts.end()) continue;
        const auto limit = static_cast<std::size_t>(*next - octets.data());
        if (limit < octets.size()) octets = octets.substr(0, limit);
      }
    }
  }

  void read(Unit& unit) {
    if (unit.skeleton) {
      if (!split) split.emplace(elf_file->name());
      if (const auto found = split->find(*unit.skeleton)) unit.contents = *found;
      unit.skeleton.reset();
    }
    UnitReader(unit).read();
  }

  Unit* unit_at(std::uint64_t vaddr) {
    auto after =
        std::upper_bound(unit_ranges.begin(), unit_ranges.end(), vaddr,
                         [](std::uint64_t address, const auto& part) { return address < part.first.start; });
    for (int i = 0; i < kMaxOverlappingUnits && after != unit_ranges.begin(); ++i) {
      --after;
      if (!after->first.contains(vaddr)) continue;
      Unit& unit = units[after->second];
      if (!std::exchange(unit.read, true)) read(unit);
      return &unit;
    }
    return nullptr;
  }

  std::shared_ptr<const ElfFile> elf_file;  // owns the octets
  std::string copy;                         // of the file, where libelf would write to it
  Elf* elf = nullptr;
  Dwarf* dwarf = nullptr;
  std::string_view addresses;  // of skeletons: .debug_addr
  std::string_view ranges;     // .debug_ranges
  std::vector<Unit> units;
  std::optional<SplitUnits> split;
  std::vector<std::pair<Range, std::size_t>> unit_ranges;  // by start; the second is of `units`
};

DwarfIndex::DwarfIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
DwarfIndex::~DwarfIndex() = default;

std::unique_ptr<DwarfIndex> DwarfIndex::open(std::shared_ptr<const ElfFile> elf) {
  if (elf->section(".debug_info") == nullptr && elf->section(".zdebug_info") == nullptr) return nullptr;
  auto state = std::make_unique<State>(elf);
  elf_version(EV_CURRENT);
  // libelf asks for octets that it could write to, and writes where sections are compressed: then it has its
  // own.
  const auto is_compressed = [](const ElfSection& section) {
    return (section.flags & SHF_COMPRESSED) != 0 || section.name.starts_with(".zdebug");
  };
  char* octets = const_cast<char*>(elf->octets().data());
  if (std::any_of(elf->sections().begin(), elf->sections().end(), is_compressed)) {
    state->copy = elf->octets();
    octets = state->copy.data();
  }
  state->elf = elf_memory(octets, elf->octets().size());
  if (state->elf == nullptr) return nullptr;
  state->dwarf = dwarf_begin_elf(state->elf, DWARF_C_READ, nullptr);
  if (state->dwarf == nullptr) return nullptr;
  state->read_units();
  return std::unique_ptr<DwarfIndex>(new DwarfIndex(std::move(state)));
}

std::vector<DwarfLine> DwarfIndex::find(std::uint64_t vaddr) {
  Unit* unit = state_->unit_at(vaddr);
  if (unit == nullptr) return {};
  std::vector<DwarfLine> out;
  Place place = place_of_address(unit->die, vaddr);
  const auto add = [&](Dwarf_Die& die) {
    int start_line = 0;
    dwarf_decl_line(&die, &start_line);
    out.push_back({name_of_function(die), std::move(place.file), place.line, place.column, start_line});
  };
  auto& functions = unit->functions;
  auto after = std::upper_bound(
      functions.begin(), functions.end(), vaddr,
      [](std::uint64_t address, const FunctionRange& function) { return address < function.range.start; });
  if (after == functions.begin() || !after[-1].range.contains(vaddr))
    return {{"", std::move(place.file), place.line, place.column, 0}};
  FunctionRange& function = after[-1];
  for (std::size_t i = function.last_scope; i-- > function.first_scope;) {
    Scope& scope = unit->scopes[i];
    if (std::none_of(scope.ranges.begin(), scope.ranges.end(),
                     [&](const Range& r) { return r.contains(vaddr); }))
      continue;
    add(scope.die);
    place = place_of_call(*unit, scope.die);
  }
  add(function.die);
  return out;
}

}  // namespace signalbox::profile
