#include "instruments/profile/model/profile.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {

std::string_view name_of(FrameKind kind) {
  switch (kind) {
    case FrameKind::user:
      return "user";
    case FrameKind::kernel:
      return "kernel";
    case FrameKind::inlined:
      return "inlined";
    case FrameKind::jit:
      return "jit";
    case FrameKind::interpreted:
      return "interpreted";
    case FrameKind::synthetic:
      return "synthetic";
  }
  return "user";
}

std::optional<std::string_view> annotation(const Annotations& annotations, std::string_view key) {
  for (const auto& [name, value] : annotations) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::string_view Profile::module_of(const Frame& frame) const {
  const std::string_view path = text(mappings[frame.mapping].path);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string Profile::name_of_frame(FrameId id) const {
  const Frame& frame = frames[id];
  if (const std::string_view name = text(functions[frame.function].name); !name.empty())
    return std::string(name);
  const Mapping& mapping = mappings[frame.mapping];
  const std::string_view module = module_of(frame);
  if (module.empty() || frame.address < mapping.start) return fmt::format("{:#x}", frame.address);
  return fmt::format("{}+{:#x}", module, frame.address - mapping.start + mapping.file_offset);
}

std::int64_t Profile::total(std::size_t value) const {
  std::int64_t sum = 0;
  for (std::size_t i = value; i < values.size(); i += value_types.size())
    sum = saturating_sum(sum, values[i]);
  return sum;
}

std::size_t find_value(const Profile& profile, std::string_view type) {
  const auto found = std::find_if(profile.value_types.begin(), profile.value_types.end(),
                                  [&](const ValueType& candidate) { return candidate.type == type; });
  return static_cast<std::size_t>(found - profile.value_types.begin());
}

}  // namespace signalbox::profile
