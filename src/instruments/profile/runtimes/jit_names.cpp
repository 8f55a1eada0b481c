#include "instruments/profile/runtimes/jit_names.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/trusted_file.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxDumpBytes = std::size_t{512} << 20;

Result<JitDump> read_dump(const FileDescriptor& file) {
  SIGNALBOX_TRY(std::string octets, read_open_file(file, kMaxDumpBytes));
  return JitDump::parse(std::move(octets));
}

}  // namespace

bool is_jit_dump(std::string_view path) {
  constexpr std::string_view kBefore = "jit-";
  constexpr std::string_view kAfter = ".dump";
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (!name.starts_with(kBefore) || !name.ends_with(kAfter) || name.size() <= kBefore.size() + kAfter.size())
    return false;
  return name.substr(kBefore.size(), name.size() - kBefore.size() - kAfter.size())
             .find_first_not_of("0123456789") == std::string_view::npos;
}

JitNames JitNames::read(const JitSource& source, std::vector<RuntimeNote>& notes) {
  JitNames out;
  if (source.dump != nullptr) {
    if (auto dump = read_dump(*source.dump))
      out.dump_ = std::move(*dump);
    else
      notes.push_back({fmt::format("process {}: its dump of compiled code is not read: {}", source.pid,
                                   dump.error().message),
                       ""});
  }
  if (auto map = read_perf_map(source.pid, source.started_unix_ns))
    out.map_ = std::move(*map);
  else if (map.error().kind != ErrorKind::not_found)
    notes.push_back({map.error().message, map.error().hint});
  return out;
}

std::optional<JitLine> JitNames::find(std::uint64_t address) const {
  std::optional<JitLine> out;
  if (dump_) out = dump_->find(address);
  if (!out && map_) {
    const std::string_view name = map_->find(address);
    if (!name.empty()) out = JitLine{name, {}, 0, 0};
  }
  if (out) out->function = readable_jit_name(out->function);
  return out;
}

}  // namespace signalbox::profile
