#include "instruments/profile/formats/guess.hpp"

#include <algorithm>
#include <array>

namespace signalbox::profile {
namespace {

constexpr std::array<std::string_view, 6> kScripts{".py", ".rb", ".php", ".pl", ".lua", ".js"};
// Mappings that are no files and no part of the kernel.
constexpr std::array<std::string_view, 7> kUsersBrackets{"[vdso",    "[heap",    "[stack", "[anon",
                                                         "[unknown", "[uprobes", "[jit"};
constexpr std::array<std::string_view, 4> kModules{".ko", ".ko.xz", ".ko.gz", ".ko.zst"};

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_shared_library(std::string_view path) {
  const std::string_view name = last_part(path);
  return name.ends_with(".so") || name.find(".so.") != std::string_view::npos ||
         name.find(".so_") != std::string_view::npos;
}

}  // namespace

MappingId main_binary(const Profile& profile) {
  for (MappingId id = 1; id < profile.mappings.size(); ++id) {
    const std::string_view path = profile.text(profile.mappings[id].path);
    if (!path.empty() && path.front() != '[' && kind_of_mapping(path) == FrameKind::user &&
        !is_shared_library(path))
      return id;
  }
  return 0;
}

FrameKind kind_of_mapping(std::string_view path) {
  const std::string_view name = last_part(path);
  if (path.starts_with('[')) {
    const bool is_users = std::any_of(kUsersBrackets.begin(), kUsersBrackets.end(),
                                      [&](std::string_view start) { return path.starts_with(start); });
    return is_users ? FrameKind::user : FrameKind::kernel;
  }
  const bool is_module = std::any_of(kModules.begin(), kModules.end(),
                                     [&](std::string_view end) { return name.ends_with(end); });
  if (is_module || name.starts_with("vmlinux") || name.starts_with("bpf_prog_")) return FrameKind::kernel;
  if ((name.starts_with("perf-") && name.ends_with(".map")) ||
      (name.starts_with("jitted-") && name.ends_with(".so")))
    return FrameKind::jit;
  return FrameKind::user;
}

FrameKind kind_of_name(std::string_view function, std::string_view file) {
  if (function.size() > 1 && function.front() == '[' && function.back() == ']') return FrameKind::synthetic;
  const bool is_script = std::any_of(kScripts.begin(), kScripts.end(),
                                     [&](std::string_view end) { return file.ends_with(end); });
  return is_script ? FrameKind::interpreted : FrameKind::user;
}

}  // namespace signalbox::profile
