#include "instruments/profile/runtimes/process_paths.hpp"

#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {

std::optional<uid_t> owner_of(std::int32_t pid) {
  struct stat found {};
  if (::stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

std::int32_t own_number_of(std::int32_t pid) {
  const auto status = read_file(fmt::format("/proc/{}/status", pid));
  if (!status) return pid;
  const std::size_t at = status->find("\nNSpid:");
  if (at == std::string::npos) return pid;
  std::string_view line = std::string_view(*status).substr(at + 1);
  line = trim(line.substr(0, line.find('\n')));
  const auto number = parse_integer(line.substr(line.find_last_of(" \t") + 1));
  return number ? static_cast<std::int32_t>(*number) : pid;
}

std::string path_within(std::int32_t pid, const std::string& path) {
  std::error_code ignored;
  const bool runs = std::filesystem::exists(fmt::format("/proc/{}", pid), ignored);
  return runs ? fmt::format("/proc/{}/root{}", pid, path) : path;
}

}  // namespace signalbox::profile
