#include "instruments/profile/elf/split_units.hpp"

#include <filesystem>
#include <utility>
#include <vector>

#include <dwarf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libelf.h>

#include "core/base/file.hpp"
#include "instruments/profile/elf/dwp_index.hpp"
#include "instruments/profile/elf/file_in_memory.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

class OctetWriter {
 public:
  template <class Number>
  OctetWriter& add(Number number) {
    out_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  OctetWriter& uleb(std::uint64_t number) {
    do {
      const auto low = static_cast<std::uint8_t>(number & 0x7f);
      number >>= 7;
      add(static_cast<std::uint8_t>(number == 0 ? low : low | 0x80));
    } while (number != 0);
    return *this;
  }
  OctetWriter& text(std::string_view text) {
    out_.append(text).push_back('\0');
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// A program that has nothing but this unit, whose .dwo is the file behind a descriptor: libdw joins the two,
// and opens no path that the real program names.
std::string program_of(const SkeletonUnit& skeleton, int file) {
  const bool is_new = skeleton.version >= 5;
  OctetWriter abbreviations;
  abbreviations.uleb(1).uleb(is_new ? DW_TAG_skeleton_unit : DW_TAG_compile_unit);
  abbreviations.add(static_cast<std::uint8_t>(DW_CHILDREN_no));
  abbreviations.uleb(DW_AT_low_pc).uleb(DW_FORM_addr);
  abbreviations.uleb(is_new ? DW_AT_dwo_name : DW_AT_GNU_dwo_name).uleb(DW_FORM_string);
  abbreviations.uleb(is_new ? DW_AT_addr_base : DW_AT_GNU_addr_base).uleb(DW_FORM_sec_offset);
  if (!is_new) {
    abbreviations.uleb(DW_AT_GNU_dwo_id).uleb(DW_FORM_data8);
    abbreviations.uleb(DW_AT_GNU_ranges_base).uleb(DW_FORM_sec_offset);
  }
  abbreviations.uleb(0).uleb(0).uleb(0);
  OctetWriter unit;
  unit.add(static_cast<std::uint16_t>(skeleton.version));
  if (is_new)
    unit.add(static_cast<std::uint8_t>(DW_UT_skeleton))
        .add(std::uint8_t{8})
        .add(std::uint32_t{0})
        .add(skeleton.id);
  else
    unit.add(std::uint32_t{0}).add(std::uint8_t{8});
  unit.uleb(1).add(skeleton.low_pc).text(fmt::format("/proc/self/fd/{}", file)).add(std::uint32_t{0});
  if (!is_new) unit.add(skeleton.id).add(std::uint32_t{0});
  const std::string body = unit.take();
  OctetWriter info;
  info.add(static_cast<std::uint32_t>(body.size()));
  std::vector<DwoSection> sections = {{".debug_info", info.take() + body},
                                      {".debug_abbrev", abbreviations.take()},
                                      {".debug_addr", std::string(skeleton.addresses)}};
  if (!is_new) sections.push_back({".debug_ranges", std::string(skeleton.ranges)});
  return object_file(sections);
}

// A regular file that is ELF: what a program names may be anything.
FileDescriptor opened(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return {};
  FileDescriptor out(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!out || !ElfFile::of(out, path)) return {};
  return out;
}

}  // namespace

struct SplitUnits::State {
  // What libdw reads a unit from; its Dwarf owns that of the .dwo.
  struct Joined {
    explicit Joined(std::string octets_) : octets(std::move(octets_)) {}
    Joined(const Joined&) = delete;
    Joined& operator=(const Joined&) = delete;
    ~Joined() {
      if (dwarf != nullptr) dwarf_end(dwarf);
      if (elf != nullptr) elf_end(elf);
    }
    std::string octets;
    Elf* elf = nullptr;
    Dwarf* dwarf = nullptr;
  };

  // `copied` octets of the file are in memory as long as the unit is.
  std::optional<Dwarf_Die> join(const SkeletonUnit& skeleton, int file, std::size_t copied) {
    const std::size_t room = max_held_octets - held_octets;
    if (copied > room || skeleton.addresses.size() + skeleton.ranges.size() > room - copied)
      return std::nullopt;
    auto joined = std::make_unique<Joined>(program_of(skeleton, file));
    joined->elf = elf_memory(joined->octets.data(), joined->octets.size());
    if (joined->elf == nullptr) return std::nullopt;
    joined->dwarf = dwarf_begin_elf(joined->elf, DWARF_C_READ, nullptr);
    if (joined->dwarf == nullptr) return std::nullopt;
    Dwarf_CU* unit = nullptr;
    Dwarf_Die root{};
    Dwarf_Die split{};
    std::uint8_t type = 0;
    if (dwarf_get_units(joined->dwarf, nullptr, &unit, nullptr, &type, &root, &split) != 0)
      return std::nullopt;
    if (type != DW_UT_skeleton || split.addr == nullptr) return std::nullopt;
    held_octets += copied + skeleton.addresses.size() + skeleton.ranges.size();
    joined_.push_back(std::move(joined));
    return split;
  }

  void find_packed(const std::string& program) {
    constexpr std::string_view kDebug = ".debug";
    std::vector<std::string> paths = {program + ".dwp"};
    if (program.ends_with(kDebug))
      paths.push_back(program.substr(0, program.size() - kDebug.size()) + ".dwp");
    for (const std::string& path : paths) {
      std::error_code error;
      if (!fs::is_regular_file(path, error)) continue;
      auto file = ElfFile::open(path);
      if (!file) continue;
      packed_file = std::make_unique<ElfFile>(std::move(*file));
      packed = DwpIndex::open(*packed_file);
      if (packed) return;
    }
  }

  std::unique_ptr<ElfFile> packed_file;
  std::optional<DwpIndex> packed;
  std::size_t max_held_octets = 0;
  std::size_t held_octets = 0;
  fs::path folder_;  // of the program
  std::vector<std::unique_ptr<Joined>> joined_;
};

SplitUnits::SplitUnits(const std::string& program, std::size_t max_held_octets)
    : state_(std::make_unique<State>()) {
  elf_version(EV_CURRENT);
  state_->max_held_octets = max_held_octets;
  state_->folder_ = fs::path(program).parent_path();
  state_->find_packed(program);
}

SplitUnits::~SplitUnits() = default;

std::optional<Dwarf_Die> SplitUnits::find(const SkeletonUnit& skeleton) {
  if (state_->packed) {
    if (const auto sections = state_->packed->find(skeleton.id)) {
      const std::string octets = object_file(*sections);
      const auto file = file_in_memory("unit", octets);
      if (!file) return std::nullopt;
      if (const auto found = state_->join(skeleton, file->get(), octets.size())) return found;
    }
  }
  const fs::path name = skeleton.name;
  if (name.empty()) return std::nullopt;
  std::vector<fs::path> places;
  if (name.is_absolute())
    places.push_back(name);
  else if (!skeleton.folder.empty() && fs::path(skeleton.folder).is_absolute())
    places.push_back(skeleton.folder / name);
  if (!name.is_absolute()) places.push_back(state_->folder_ / name);
  places.push_back(state_->folder_ / name.filename());
  for (const fs::path& place : places) {
    const FileDescriptor file = opened(place);
    if (!file) continue;
    if (const auto found = state_->join(skeleton, file.get(), 0)) return found;
  }
  return std::nullopt;
}

}  // namespace signalbox::profile
