#include "instruments/profile/exchange/profiled_app.hpp"

#include <filesystem>

#include "instruments/profile/exchange/destination.hpp"

namespace signalbox::profile {

std::string profiled_app(const Profile& profile) {
  for (std::size_t i = 1; i < profile.mappings.size(); ++i) {
    const std::string_view path = profile.text(profile.mappings[i].path);
    if (path.empty() || path.starts_with('[') || path.find(".so") != std::string_view::npos) continue;
    return app_name(std::filesystem::path(path).filename().string());
  }
  return {};
}

}  // namespace signalbox::profile
