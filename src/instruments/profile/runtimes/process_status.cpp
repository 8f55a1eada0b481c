#include "instruments/profile/runtimes/process_status.hpp"

#include <string>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/runtimes/proc_number.hpp"

namespace signalbox::profile {
namespace {

// The effective one of "real effective saved file system".
std::optional<unsigned> effective_id(std::string_view ids) {
  const auto words = split(ids, '\t');
  return words.size() < 2 ? std::nullopt : proc_number<unsigned>(words[1]);
}

std::optional<ProcessStatus> read_status(const std::string& path) {
  const auto text = read_file(path);
  return text ? std::optional(parse_process_status(*text)) : std::nullopt;
}

}  // namespace

ProcessStatus parse_process_status(std::string_view text) {
  ProcessStatus out;
  for (const std::string_view line : lines(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "State" && !value.empty()) out.state = value.front();
    if (name == "Uid") out.user = effective_id(value);
    if (name == "Gid") out.group = effective_id(value);
    if (name == "NSpid")
      out.own_number = proc_number<std::int32_t>(value.substr(value.find_last_of(" \t") + 1));
    if (name == "SigCgt") out.caught = proc_number<std::uint64_t>(value, 16).value_or(0);
  }
  return out;
}

std::optional<ProcessStatus> status_of(std::int32_t pid) {
  return read_status(fmt::format("/proc/{}/status", pid));
}

std::optional<ProcessStatus> status_of(std::int32_t pid, std::int32_t tid) {
  return read_status(fmt::format("/proc/{}/task/{}/status", pid, tid));
}

}  // namespace signalbox::profile
