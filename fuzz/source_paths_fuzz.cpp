// Any octets as the name of a source file in a profile: whatever is looked for lies below the root.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "instruments/profile/sources/source_paths.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  const std::filesystem::path root = "/srv/shop";
  constexpr std::size_t kMostPaths = 65;
  const auto paths = source_paths(name, root);
  if (paths.size() > kMostPaths) std::abort();
  for (const std::string& path : paths) {
    if (path.empty() || path.find('\0') != std::string::npos || path.find('\n') != std::string::npos)
      std::abort();
    for (const auto& part : std::filesystem::path(path))
      if (part == ".." || part == "." || part == ".git" || part == "/") std::abort();
    if ((root / path).lexically_normal().native().rfind(root.native() + "/", 0) != 0) std::abort();
  }
  return 0;
}
