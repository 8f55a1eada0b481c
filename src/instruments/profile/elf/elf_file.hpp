// A file of machine code: 64-bit little-endian ELF (System V ABI, gABI 4.1), read without a copy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mapped_file.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

enum class Machine : std::uint8_t { x86_64, aarch64, other };

// A PT_LOAD program header.
struct ElfSegment {
  std::uint64_t vaddr = 0;
  std::uint64_t file_offset = 0;
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  bool is_executable = false;
};

struct ElfSection {
  std::string_view name;
  std::uint32_t type = 0;   // SHT_*
  std::uint64_t flags = 0;  // SHF_*
  std::uint64_t vaddr = 0;
  std::uint64_t size = 0;
  std::uint64_t entry_size = 0;
  std::uint32_t link = 0;   // index of another section
  std::string_view octets;  // empty for SHT_NOBITS, and where the file ends before
};

// The GNU build id among notes as a PT_NOTE segment or /sys/kernel/notes has them, lower-case hex; empty:
// none.
std::string build_id_of_notes(std::string_view notes);

// Owns the octets that its views point into. Whatever the file holds, nothing outside of it is read.
class ElfFile {
 public:
  // bad_input where it is no such file, otherwise as MappedFile::open.
  static Result<ElfFile> open(const std::filesystem::path& path);
  // The file behind a descriptor, which is not needed any longer then; `name` is for errors alone.
  static Result<ElfFile> of(const FileDescriptor& file, const std::string& name);
  static Result<ElfFile> from_memory(std::string octets, std::string name);

  const std::string& name() const { return name_; }
  // Nothing of what was read from memory.
  std::optional<FileIdentity> identity() const {
    return mapped_ == nullptr ? std::nullopt : std::optional(mapped_->identity());
  }
  Machine machine() const { return machine_; }
  bool is_position_independent() const { return is_position_independent_; }  // ET_DYN
  std::string_view octets() const { return octets_; }
  const std::string& build_id() const { return build_id_; }  // lower-case hex; empty: none
  const std::vector<ElfSegment>& segments() const { return segments_; }
  const std::vector<ElfSection>& sections() const { return sections_; }
  const ElfSection* section(std::string_view name) const;  // null: none
  bool has_octets_of(std::string_view section) const;  // not of one that was taken out and left its header
  // Where a file offset lies once it is loaded, before it is moved; nothing where no segment has it.
  std::optional<std::uint64_t> vaddr_of(std::uint64_t file_offset) const;
  // Octets at a virtual address, up to the end of what the file has of that segment.
  std::string_view at(std::uint64_t vaddr) const;

 private:
  ElfFile() = default;
  static Result<ElfFile> of(MappedFile mapped, std::string name);
  Status read();
  void read_segments(std::uint64_t offset, std::uint16_t count, std::uint16_t entry_size);
  void read_sections(std::uint64_t offset, std::uint64_t count, std::uint16_t entry_size,
                     std::uint64_t names);

  std::string name_;
  std::unique_ptr<MappedFile> mapped_;
  std::unique_ptr<std::string> kept_;
  std::string_view octets_;
  Machine machine_ = Machine::other;
  bool is_position_independent_ = false;
  std::string build_id_;
  std::vector<ElfSegment> segments_;
  std::vector<ElfSection> sections_;
};

}  // namespace signalbox::profile
