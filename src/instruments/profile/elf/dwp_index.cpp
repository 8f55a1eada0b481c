#include "instruments/profile/elf/dwp_index.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include <elf.h>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint32_t kMaxColumns = 16;
constexpr std::size_t kMaxUnitOctets = std::size_t{256} << 20;  // of one section
constexpr std::size_t kMaxUnitStrings = std::size_t{64} << 20;  // octets: they may lie within each other
constexpr std::string_view kStringOffsets = ".debug_str_offsets.dwo";

// Table 7.1 of DWARF 5, and what GNU's version 2 has in its place. Empty: of no interest here.
std::string name_of_column(unsigned version, std::uint32_t id) {
  switch (id) {
    case 1:
      return ".debug_info.dwo";
    case 3:
      return ".debug_abbrev.dwo";
    case 4:
      return ".debug_line.dwo";
    case 6:
      return std::string(kStringOffsets);
    case 8:
      return version == 5 ? ".debug_rnglists.dwo" : "";
    default:
      return "";
  }
}

template <class Number>
Number number_at(std::string_view octets, std::uint64_t index) {
  OctetReader reader{part(octets, index * sizeof(Number), sizeof(Number))};
  return reader.take<Number>();
}

template <class Number>
void append(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// The strings of one unit alone: a .dwp has one section for all its units.
bool keep_named_strings(unsigned version, std::string_view all, DwoSection& offsets, DwoSection& strings) {
  constexpr std::size_t kHeader = 8;  // of DWARF 5
  const std::size_t first = version == 5 ? kHeader : 0;
  if (offsets.octets.size() < first) return false;
  std::unordered_map<std::uint32_t, std::uint32_t> places;
  strings.octets.assign(1, '\0');
  for (std::size_t at = first; at + sizeof(std::uint32_t) <= offsets.octets.size();
       at += sizeof(std::uint32_t)) {
    std::uint32_t offset = 0;
    std::memcpy(&offset, offsets.octets.data() + at, sizeof offset);
    const auto [found, is_new] =
        places.try_emplace(offset, static_cast<std::uint32_t>(strings.octets.size()));
    if (is_new) {
      if (offset >= all.size()) return false;
      const std::string_view text = all.substr(offset, all.find('\0', offset) - offset);
      if (strings.octets.size() + text.size() > kMaxUnitStrings) return false;
      strings.octets += text;
      strings.octets += '\0';
    }
    std::memcpy(offsets.octets.data() + at, &found->second, sizeof offset);
  }
  return true;
}

}  // namespace

std::optional<DwpIndex> DwpIndex::open(const ElfFile& file) {
  const auto octets_of = [&](std::string_view name) {
    const ElfSection* const section = file.section(name);
    return section == nullptr || (section->flags & SHF_COMPRESSED) != 0 ? std::string_view()
                                                                        : section->octets;
  };
  DwpIndex out;
  OctetReader reader{octets_of(".debug_cu_index")};
  out.version_ = reader.take<std::uint16_t>();
  reader.take<std::uint16_t>();
  const auto columns = reader.take<std::uint32_t>();
  out.units_ = reader.take<std::uint32_t>();
  out.slots_ = reader.take<std::uint32_t>();
  if (!reader.ok || (out.version_ != 2 && out.version_ != 5) || columns == 0 || columns > kMaxColumns)
    return std::nullopt;
  if (out.slots_ == 0 || (out.slots_ & (out.slots_ - 1)) != 0) return std::nullopt;
  const std::uint64_t cells = std::uint64_t{out.units_} * columns;
  out.ids_ = reader.octets(std::uint64_t{out.slots_} * sizeof(std::uint64_t));
  out.rows_ = reader.octets(std::uint64_t{out.slots_} * sizeof(std::uint32_t));
  for (std::uint32_t i = 0; i < columns; ++i) {
    std::string name = name_of_column(out.version_, reader.take<std::uint32_t>());
    const bool is_twice = std::any_of(out.columns_.begin(), out.columns_.end(),
                                      [&](const Column& each) { return each.name == name; });
    if (is_twice && !name.empty()) return std::nullopt;
    const std::string_view octets = name.empty() ? std::string_view() : octets_of(name);
    out.columns_.push_back({std::move(name), octets});
  }
  out.offsets_ = reader.octets(cells * sizeof(std::uint32_t));
  out.sizes_ = reader.octets(cells * sizeof(std::uint32_t));
  out.strings_ = octets_of(".debug_str.dwo");
  if (!reader.ok) return std::nullopt;
  return out;
}

// An open hash table: 7.3.5.3.
std::uint32_t DwpIndex::row_of(std::uint64_t id) const {
  const std::uint64_t mask = slots_ - 1;
  const std::uint64_t step = ((id >> 32) & mask) | 1;
  std::uint64_t slot = id & mask;
  for (std::uint32_t i = 0; i < slots_; ++i, slot = (slot + step) & mask) {
    const auto row = number_at<std::uint32_t>(rows_, slot);
    if (row == 0) return 0;
    if (number_at<std::uint64_t>(ids_, slot) == id) return row > units_ ? 0 : row;
  }
  return 0;
}

std::optional<std::vector<DwoSection>> DwpIndex::find(std::uint64_t id) const {
  const std::uint32_t row = row_of(id);
  if (row == 0) return std::nullopt;
  std::vector<DwoSection> out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.name.empty()) continue;
    const std::uint64_t cell = std::uint64_t{row - 1} * columns_.size() + i;
    const auto size = number_at<std::uint32_t>(sizes_, cell);
    if (size == 0) continue;
    const std::string_view octets = part(column.octets, number_at<std::uint32_t>(offsets_, cell), size);
    if (octets.empty() || octets.size() > kMaxUnitOctets) return std::nullopt;
    out.push_back({column.name, std::string(octets)});
  }
  const auto offsets = std::find_if(out.begin(), out.end(),
                                    [](const DwoSection& each) { return each.name == kStringOffsets; });
  if (offsets != out.end()) {
    DwoSection strings{".debug_str.dwo", {}};
    if (!keep_named_strings(version_, strings_, *offsets, strings)) return std::nullopt;
    out.push_back(std::move(strings));
  }
  return out;
}

std::string object_file(const std::vector<DwoSection>& sections) {
  std::string names(1, '\0');
  std::vector<Elf64_Shdr> headers(1);
  std::string out(sizeof(Elf64_Ehdr), '\0');
  const auto add = [&](std::string_view name, std::uint32_t type, std::string_view octets) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<Elf64_Word>(names.size());
    header.sh_type = type;
    header.sh_offset = out.size();
    header.sh_size = octets.size();
    header.sh_addralign = 1;
    headers.push_back(header);
    out += octets;
    out.resize((out.size() + 7) / 8 * 8);
    names.append(name).push_back('\0');
  };
  for (const DwoSection& section : sections) add(section.name, SHT_PROGBITS, section.octets);
  names += ".shstrtab";
  names.push_back('\0');
  const std::string all_names = names;
  add("", SHT_STRTAB, all_names);
  headers.back().sh_name = static_cast<Elf64_Word>(all_names.size() - sizeof ".shstrtab");
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<Elf64_Half>(headers.size());
  header.e_shstrndx = static_cast<Elf64_Half>(headers.size() - 1);
  header.e_shoff = out.size();
  std::memcpy(out.data(), &header, sizeof header);
  for (const Elf64_Shdr& each : headers) append(out, each);
  return out;
}

}  // namespace signalbox::profile
