#include "instruments/profile/sources/source_paths.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kPartsMax = 64;  // of a path: the last ones

using Parts = std::vector<std::string_view>;

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f;
}

// What ".." leaves of a path; one that leads above its beginning is left out.
Parts parts_of(std::string_view path) {
  Parts out;
  for (const std::string_view part : split(path, '/')) {
    if (part == ".." && !out.empty()) out.pop_back();
    if (!part.empty() && part != "." && part != "..") out.push_back(part);
  }
  return out;
}

std::string joined(const Parts& parts, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < parts.size(); ++i) {
    if (i > from) out += '/';
    out += parts[i];
  }
  return out;
}

}  // namespace

std::vector<std::string> source_paths(std::string_view name, const std::filesystem::path& root) {
  std::vector<std::string> out;
  if (name.empty() || name.size() > kSourcePathMax || std::any_of(name.begin(), name.end(), is_control))
    return out;
  const Parts parts = parts_of(name);
  if (parts.empty() || std::find(parts.begin(), parts.end(), ".git") != parts.end()) return out;
  const bool is_absolute = name.front() == '/';
  std::size_t first = 0;
  if (is_absolute) {
    const std::string root_text = root.lexically_normal().string();
    const Parts above = parts_of(root_text);
    if (parts.size() > above.size() && std::equal(above.begin(), above.end(), parts.begin()))
      out.push_back(joined(parts, above.size()));
  } else if (parts.size() == 1) {
    out.push_back(joined(parts, 0));
  }
  if (parts.size() > kPartsMax) first = parts.size() - kPartsMax;
  for (std::size_t from = first; from + 1 < parts.size(); ++from) {
    std::string path = joined(parts, from);
    if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(std::move(path));
  }
  return out;
}

}  // namespace signalbox::profile
