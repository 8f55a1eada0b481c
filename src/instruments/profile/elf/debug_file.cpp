#include "instruments/profile/elf/debug_file.hpp"

#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {

namespace {

namespace fs = std::filesystem;

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

std::shared_ptr<const ElfFile> find_debug_file(const ElfFile& elf, const DebugPlaces& places) {
  const std::string& id = elf.build_id();
  if (id.size() < 4) return nullptr;
  const auto opened = [&](const fs::path& place) -> std::shared_ptr<const ElfFile> {
    auto found = ElfFile::open(place);
    if (!found || found->build_id() != id) return nullptr;
    return std::make_shared<const ElfFile>(std::move(*found));
  };
  for (const fs::path& place : candidates(elf, places))
    if (auto found = opened(place)) return found;
  const bool needs_more = elf.section(".debug_info") == nullptr;
  if (!places.elsewhere || !needs_more) return nullptr;
  const fs::path place = places.elsewhere(id);
  return place.empty() ? nullptr : opened(place);
}

}  // namespace signalbox::profile
