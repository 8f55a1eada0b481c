#include "instruments/profile/elf/elf_file.hpp"

#include <algorithm>

#include <elf.h>
#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kMaxSections = 1 << 20;

std::string_view name_at(std::string_view names, std::uint32_t offset) {
  if (offset >= names.size()) return {};
  const std::string_view rest = names.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

template <class Header>
std::optional<Header> header_at(std::string_view octets, std::uint64_t offset) {
  const std::string_view found = part(octets, offset, sizeof(Header));
  if (found.empty()) return std::nullopt;
  Header out;
  std::memcpy(&out, found.data(), sizeof out);
  return out;
}

}  // namespace

std::string build_id_of_notes(std::string_view notes) {
  OctetReader in{notes};
  const auto aligned = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
  while (in.left.size() >= sizeof(Elf64_Nhdr)) {
    const auto note = in.take<Elf64_Nhdr>();
    const std::string_view owner = in.octets(aligned(note.n_namesz));
    const std::string_view words = in.octets(std::min<std::uint64_t>(aligned(note.n_descsz), in.left.size()));
    if (!in.ok) return {};
    if (note.n_type == NT_GNU_BUILD_ID && owner == std::string_view("GNU\0", 4) &&
        note.n_descsz <= words.size())
      return to_hex(words.substr(0, note.n_descsz));
  }
  return {};
}

Result<ElfFile> ElfFile::open(const std::filesystem::path& path) {
  SIGNALBOX_TRY(MappedFile mapped, MappedFile::open(path));
  return of(std::move(mapped), path.native());
}

Result<ElfFile> ElfFile::of(const FileDescriptor& file, const std::string& name) {
  SIGNALBOX_TRY(MappedFile mapped, MappedFile::of(file, name));
  return of(std::move(mapped), name);
}

Result<ElfFile> ElfFile::of(MappedFile mapped, std::string name) {
  ElfFile out;
  out.name_ = std::move(name);
  out.mapped_ = std::make_unique<MappedFile>(std::move(mapped));
  out.octets_ = out.mapped_->octets();
  SIGNALBOX_CHECK(out.read());
  return out;
}

Result<ElfFile> ElfFile::from_memory(std::string octets, std::string name) {
  ElfFile out;
  out.name_ = std::move(name);
  out.kept_ = std::make_unique<std::string>(std::move(octets));
  out.octets_ = *out.kept_;
  SIGNALBOX_CHECK(out.read());
  return out;
}

Status ElfFile::read() {
  const auto header = header_at<Elf64_Ehdr>(octets_, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return fail(ErrorKind::bad_input, fmt::format("{}: is no 64-bit little-endian ELF file", name_));
  machine_ = header->e_machine == EM_X86_64    ? Machine::x86_64
             : header->e_machine == EM_AARCH64 ? Machine::aarch64
                                               : Machine::other;
  is_position_independent_ = header->e_type == ET_DYN;
  read_segments(header->e_phoff, header->e_phnum, header->e_phentsize);
  std::uint64_t sections = header->e_shnum;
  std::uint64_t names = header->e_shstrndx;
  if (const auto first = header_at<Elf64_Shdr>(octets_, header->e_shoff); first && header->e_shoff != 0) {
    if (sections == 0) sections = first->sh_size;  // more than fit the header
    if (names == SHN_XINDEX) names = first->sh_link;
  } else {
    sections = 0;
  }
  read_sections(header->e_shoff, std::min(sections, kMaxSections), header->e_shentsize, names);
  return {};
}

void ElfFile::read_segments(std::uint64_t offset, std::uint16_t count, std::uint16_t entry_size) {
  for (std::uint16_t i = 0; i < count; ++i) {
    const auto segment = header_at<Elf64_Phdr>(octets_, offset + std::uint64_t{i} * entry_size);
    if (!segment) return;
    if (segment->p_type == PT_LOAD)
      segments_.push_back({segment->p_vaddr, segment->p_offset, segment->p_filesz, segment->p_memsz,
                           (segment->p_flags & PF_X) != 0});
    if (segment->p_type == PT_NOTE && build_id_.empty())
      build_id_ = build_id_of_notes(part(octets_, segment->p_offset, segment->p_filesz));
  }
}

void ElfFile::read_sections(std::uint64_t offset, std::uint64_t count, std::uint16_t entry_size,
                            std::uint64_t names) {
  const auto name_header = header_at<Elf64_Shdr>(octets_, offset + names * entry_size);
  const std::string_view name_octets = name_header && names < count
                                           ? part(octets_, name_header->sh_offset, name_header->sh_size)
                                           : std::string_view();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto header = header_at<Elf64_Shdr>(octets_, offset + i * entry_size);
    if (!header) return;
    ElfSection section{name_at(name_octets, header->sh_name),
                       header->sh_type,
                       header->sh_flags,
                       header->sh_addr,
                       header->sh_size,
                       header->sh_entsize,
                       header->sh_link,
                       {}};
    if (header->sh_type != SHT_NOBITS) section.octets = part(octets_, header->sh_offset, header->sh_size);
    if (header->sh_type == SHT_NOTE && build_id_.empty()) build_id_ = build_id_of_notes(section.octets);
    sections_.push_back(section);
  }
}

const ElfSection* ElfFile::section(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const ElfSection& section) { return section.name == name; });
  return found == sections_.end() ? nullptr : &*found;
}

bool ElfFile::has_octets_of(std::string_view name) const {
  const ElfSection* const found = section(name);
  return found != nullptr && !found->octets.empty();
}

std::optional<std::uint64_t> ElfFile::vaddr_of(std::uint64_t file_offset) const {
  for (const ElfSegment& segment : segments_) {
    // Pages are mapped whole, so a mapping may begin before its segment.
    constexpr std::uint64_t kPageMask = 0xfff;
    const std::uint64_t begin = segment.file_offset & ~kPageMask;
    const std::uint64_t end = (segment.file_offset + segment.file_size + kPageMask) & ~kPageMask;
    if (segment.is_executable && begin <= file_offset && file_offset < end)
      return file_offset - segment.file_offset + segment.vaddr;
  }
  return std::nullopt;
}

std::string_view ElfFile::at(std::uint64_t vaddr) const {
  for (const ElfSegment& segment : segments_) {
    if (vaddr < segment.vaddr || vaddr - segment.vaddr >= segment.file_size) continue;
    const std::uint64_t skipped = vaddr - segment.vaddr;
    return part(octets_, segment.file_offset + skipped, segment.file_size - skipped);
  }
  return {};
}

}  // namespace signalbox::profile
