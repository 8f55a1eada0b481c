#include "instruments/profile/analysis/code_places.hpp"

#include <map>
#include <string>

namespace signalbox::profile {

CodePlaces code_places(const Profile& profile) {
  CodePlaces out;
  std::map<CodeFile, std::uint32_t> numbers;
  std::vector<std::uint32_t> of_mapping(profile.mappings.size(), kNoCodeFile);
  for (MappingId id = 1; id < profile.mappings.size(); ++id) {
    const Mapping& mapping = profile.mappings[id];
    if (!profile.text(mapping.path).starts_with('/')) continue;
    CodeFile file{std::string(profile.text(mapping.path)), std::string(profile.text(mapping.build_id))};
    const auto [found, is_new] = numbers.try_emplace(file, static_cast<std::uint32_t>(out.files.size()));
    if (is_new) out.files.push_back(std::move(file));
    of_mapping[id] = found->second;
  }
  out.of_frame.resize(profile.frames.size());
  for (FrameId id = 1; id < profile.frames.size(); ++id) {
    const Frame& frame = profile.frames[id];
    if (frame.kind != FrameKind::user && frame.kind != FrameKind::inlined) continue;
    const Mapping& mapping = profile.mappings[frame.mapping];
    if (of_mapping[frame.mapping] == kNoCodeFile || frame.address == 0 || frame.address < mapping.start)
      continue;
    if (mapping.limit != 0 && frame.address >= mapping.limit) continue;
    out.of_frame[id] = {of_mapping[frame.mapping], frame.address - mapping.start + mapping.file_offset};
  }
  return out;
}

}  // namespace signalbox::profile
