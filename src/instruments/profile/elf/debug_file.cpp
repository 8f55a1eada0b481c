#include "instruments/profile/elf/debug_file.hpp"

#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {

std::shared_ptr<const ElfFile> find_debug_file(const ElfFile& elf,
                                               const std::filesystem::path& debug_directory) {
  const std::string& id = elf.build_id();
  if (id.size() < 4) return nullptr;
  std::vector<std::filesystem::path> places = {debug_directory / ".build-id" / id.substr(0, 2) /
                                               (id.substr(2) + ".debug")};
  if (const ElfSection* link = elf.section(".gnu_debuglink")) {
    const std::string_view name = OctetReader{link->octets}.text();
    const std::filesystem::path folder = std::filesystem::path(elf.name()).parent_path();
    if (!name.empty() && name.find('/') == std::string_view::npos)
      for (const std::filesystem::path& place :
           {folder, folder / ".debug", debug_directory / folder.relative_path()})
        places.push_back(place / name);
  }
  for (const std::filesystem::path& place : places) {
    auto found = ElfFile::open(place);
    if (found && found->build_id() == id) return std::make_shared<const ElfFile>(std::move(*found));
  }
  return nullptr;
}

}  // namespace signalbox::profile
