#include "instruments/profile/elf/debug_file.hpp"

#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {

namespace {

namespace fs = std::filesystem;

// By the build id before those by the link.
std::vector<fs::path> candidates(const ElfFile& elf, const DebugPlaces& places) {
  std::vector<fs::path> out;
  const std::string& id = elf.build_id();
  for (const fs::path& directory : places.directories)
    out.push_back(directory / ".build-id" / id.substr(0, 2) / (id.substr(2) + ".debug"));
  const ElfSection* const link = elf.section(".gnu_debuglink");
  if (link == nullptr) return out;
  const std::string_view name = OctetReader{link->octets}.text();
  if (name.empty() || name.find('/') != std::string_view::npos) return out;
  const fs::path folder = fs::path(elf.name()).parent_path();
  out.insert(out.end(), {folder / name, folder / ".debug" / name});
  for (const fs::path& directory : places.directories)
    out.push_back(directory / folder.relative_path() / name);
  return out;
}

}  // namespace

bool has_debug_info(const ElfFile& elf) {
  return elf.has_octets_of(".debug_info") || elf.has_octets_of(".zdebug_info");
}

std::shared_ptr<const ElfFile> find_debug_file(const ElfFile& elf, const DebugPlaces& places) {
  const std::string& id = elf.build_id();
  if (id.size() < 4) return nullptr;
  // One with names alone is good where none has lines, too.
  std::shared_ptr<const ElfFile> out;
  const auto look_at = [&](const fs::path& place) {
    auto found = ElfFile::open(place);
    if (!found || found->build_id() != id) return;
    if (out == nullptr || has_debug_info(*found)) out = std::make_shared<const ElfFile>(std::move(*found));
  };
  const auto has_lines = [&] { return out != nullptr && has_debug_info(*out); };
  for (const fs::path& place : candidates(elf, places)) {
    look_at(place);
    if (has_lines()) return out;
  }
  if (!places.elsewhere || has_debug_info(elf)) return out;
  if (const fs::path place = places.elsewhere(id); !place.empty()) look_at(place);
  return out;
}

}  // namespace signalbox::profile
