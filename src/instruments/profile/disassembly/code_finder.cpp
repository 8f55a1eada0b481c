#include "instruments/profile/disassembly/code_finder.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

// nullopt, with the reason, where there is no ELF file or one of another build id.
std::optional<FoundCode> opened(const std::filesystem::path& path, const std::string& build_id,
                                std::string& why) {
  auto file = ElfFile::open(path);
  if (!file) {
    why = file.error().message;
    return std::nullopt;
  }
  if (!build_id.empty() && file->build_id() != build_id) {
    why = fmt::format("{} is another build now", printable(path.string()));
    return std::nullopt;
  }
  FoundCode out;
  if (build_id.empty()) out.note = "the profile does not say which build it is of";
  out.file = std::make_shared<const ElfFile>(std::move(*file));
  return out;
}

}  // namespace

Result<FoundCode> CodeFinder::find(const std::string& path, const std::string& build_id) const {
  std::string why;
  std::error_code error;
  if (!path.starts_with('/'))
    return fail(ErrorKind::not_found, fmt::format("{} is no file", printable(path)));
  if (!std::filesystem::is_regular_file(path, error)) {
    why = fmt::format("{} is not here", printable(path));
  } else if (auto found = opened(path, build_id, why)) {
    return std::move(*found);
  }
  if (is_build_id(build_id)) {
    std::string elsewhere;
    if (const auto kept = store_.find(build_id, SymbolKind::executable))
      if (auto found = opened(*kept, build_id, elsewhere)) return std::move(*found);
    if (DebuginfodClient::is_wanted())
      if (const auto asked = servers_->find(build_id, SymbolKind::executable); asked && *asked)
        if (auto found = opened(**asked, build_id, elsewhere)) return std::move(*found);
    why += fmt::format("; nothing else with build id {} is known here", build_id);
  }
  return fail(ErrorKind::not_found, std::move(why));
}

}  // namespace signalbox::profile
