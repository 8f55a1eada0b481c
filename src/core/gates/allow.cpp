#include "core/gates/allow.hpp"

#include <algorithm>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::gates {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxAllowanceBytes = std::size_t{64} << 10;

fs::path file_of(const std::string& octets, const std::string& path) {
  return allowances_directory() / (to_hex(sha256(path + '\0' + octets)) + ".json");
}

// Nothing where the file is no allowance.
Result<Allowance> read_allowance(const fs::path& file) {
  SIGNALBOX_TRY(const std::string text, read_file(file, kMaxAllowanceBytes));
  SIGNALBOX_TRY(const Json json, parse_json(text));
  Allowance out;
  out.path = json["path"].as_string();
  out.digest = json["digest"].as_string();
  SIGNALBOX_TRY(out.time, parse_rfc3339(json["time"].as_string()));
  return out;
}

Result<std::vector<std::pair<fs::path, Allowance>>> read_all() {
  std::vector<std::pair<fs::path, Allowance>> out;
  std::error_code error;
  fs::directory_iterator entry(allowances_directory(), error);
  if (error == std::errc::no_such_file_or_directory) return out;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() != ".json") continue;
    if (auto allowance = read_allowance(entry->path()))
      out.emplace_back(entry->path(), std::move(*allowance));
  }
  if (error) return fail(error_from_errno(error.value(), allowances_directory().string()));
  return out;
}

}  // namespace

Configuration configuration_of(const Workspace& workspace, std::string_view file, std::string octets,
                               std::string_view revision) {
  Configuration out;
  out.octets = std::move(octets);
  out.path = (workspace.root / file).lexically_normal().string();
  out.directory = workspace.root;
  if (!revision.empty()) out.allow_with += " --revision " + std::string(revision);
  return out;
}

fs::path allowances_directory() {
  return keys_directory().parent_path() / "allow";
}

Status allow(const std::string& configuration_octets, const std::string& path, Time now) {
  constexpr unsigned kOwnerAlone = 0600;
  const Json json = Json::object(
      {{"path", path}, {"digest", to_hex(sha256(configuration_octets))}, {"time", to_rfc3339(now)}});
  return write_file_atomically(file_of(configuration_octets, path), json.dump() + "\n", kOwnerAlone);
}

Result<bool> is_allowed(const std::string& configuration_octets, const std::string& path) {
  auto found = read_allowance(file_of(configuration_octets, path));
  if (!found && found.error().kind == ErrorKind::not_found) return false;
  if (!found) return fail(found.error());
  return found->path == path && found->digest == to_hex(sha256(configuration_octets));
}

Result<std::vector<Allowance>> allowances() {
  SIGNALBOX_TRY(auto all, read_all());
  std::vector<Allowance> out;
  for (auto& [file, allowance] : all) out.push_back(std::move(allowance));
  std::sort(out.begin(), out.end(), [](const Allowance& a, const Allowance& b) {
    return a.time != b.time ? a.time > b.time : a.path < b.path;
  });
  return out;
}

Result<std::size_t> revoke(const std::string& path) {
  SIGNALBOX_TRY(const auto all, read_all());
  std::size_t count = 0;
  for (const auto& [file, allowance] : all) {
    if (allowance.path != path) continue;
    std::error_code error;
    fs::remove(file, error);
    if (error) return fail(error_from_errno(error.value(), file.string()));
    ++count;
  }
  return count;
}

Result<ProcessResult> run_allowed_command(const Configuration& configuration,
                                          const std::vector<std::string>& command, ProcessOptions options) {
  SIGNALBOX_TRY(const bool allowed, is_allowed(configuration.octets, configuration.path));
  if (!allowed) {
    return fail(ErrorKind::denied,
                "the commands of " + printable(configuration.path) + " are not allowed on this machine",
                configuration.allow_with);
  }
  if (command.empty()) return fail(ErrorKind::bad_input, "a command without a program");
  options.directory = configuration.directory;
  return run_process(command, options);
}

}  // namespace signalbox::gates
