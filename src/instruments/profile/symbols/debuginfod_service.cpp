#include "instruments/profile/symbols/debuginfod_service.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/text.hpp"
#include "core/base/trusted_file.hpp"
#include "instruments/profile/symbols/source_names.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxSourceBytes = std::size_t{64} << 20;

// Clients show how far they are by that size.
http::Response of_octets(std::size_t count) {
  http::Response out;
  out.content_type = "application/octet-stream";
  out.headers = {{"X-DEBUGINFOD-SIZE", std::to_string(count)}};
  return out;
}

// A debug file names what its author likes, the server's own keys too: no link is followed from there, and
// what is given away is his own, root's or the server's user's, and may be read by everybody here.
Result<std::string> read_source(const std::string& path, const ElfFile& debug_file) {
  struct stat info {};
  const bool is_known = ::stat(debug_file.name().c_str(), &info) == 0;
  const auto file = open_trusted(path, is_known ? std::optional(info.st_uid) : std::nullopt);
  if (!file && file.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::not_found, printable(path) + ": is not on this machine");
  if (!file || !is_without_links(*file, path))
    return fail(ErrorKind::denied,
                printable(path) + ": is no file of the debug file's owner, or behind a link");
  struct stat found {};
  if (::fstat(file->get(), &found) != 0 || (found.st_mode & S_IROTH) == 0)
    return fail(ErrorKind::denied, printable(path) + ": is not readable by everybody on this machine",
                "chmod o+r, if it is to be given away");
  return read_open_file(*file, kMaxSourceBytes);
}

}  // namespace

Result<std::shared_ptr<DebuginfodService::Version>> DebuginfodService::find(const std::string& build_id,
                                                                            SymbolKind kind) {
  if (!is_build_id(build_id))
    return fail(ErrorKind::bad_input, printable(build_id) + ": is no build id",
                "an even number of hexadecimal digits in lower case, as `readelf -n` prints them");
  auto path = store_.find(build_id, kind);
  if (!path) path = index_.find(build_id, kind);
  if (!path)
    return fail(ErrorKind::not_found, fmt::format("no {} of build id {}", name_of(kind), build_id),
                "signalbox profile symbols push FILE");
  SIGNALBOX_TRY(ElfFile opened, ElfFile::open(*path));
  const std::lock_guard lock(mutex_);
  auto& versions = served_[{build_id, kind}];
  for (const auto& each : versions)
    if (each->elf.identity() == opened.identity()) return each;
  versions.push_back(std::make_shared<Version>(std::move(opened)));
  return versions.back();
}

Result<http::Response> DebuginfodService::file(const http::Request& request, SymbolKind kind) {
  SIGNALBOX_TRY(const std::shared_ptr<Version> found, find(request.parameters.at("id"), kind));
  http::Response out = of_octets(found->elf.octets().size());
  out.static_body = found->elf.octets();
  return out;
}

Result<http::Response> DebuginfodService::section(const http::Request& request) {
  const std::string& build_id = request.parameters.at("id");
  const std::string& name = request.parameters.at("name");
  // The debug file has the headers of all sections, and the octets of some.
  for (const SymbolKind kind : {SymbolKind::debuginfo, SymbolKind::executable}) {
    const auto version = find(build_id, kind);
    if (!version && version.error().kind != ErrorKind::not_found) return fail(version.error());
    if (!version) continue;
    const ElfSection* const found = (*version)->elf.section(name);
    if (found == nullptr || found->type == SHT_NOBITS || found->octets.empty()) continue;
    http::Response out = of_octets(found->octets.size());
    out.static_body = found->octets;
    return out;
  }
  return fail(ErrorKind::not_found, fmt::format("no section {} of build id {}", printable(name), build_id));
}

Result<http::Response> DebuginfodService::source(const http::Request& request) {
  const std::string& build_id = request.parameters.at("id");
  // What lies on this machine is given away by no more than this: a file that the program's own debug
  // information names.
  SIGNALBOX_TRY(const std::shared_ptr<Version> version, find(build_id, SymbolKind::debuginfo));
  const std::string path =
      std::filesystem::path("/" + request.parameters.at("path")).lexically_normal().string();
  std::call_once(version->sources_read, [&] { version->sources = source_names(version->elf); });
  if (!version->sources.contains(path))
    return fail(ErrorKind::not_found,
                fmt::format("{} is no source of build id {}", printable(path), build_id));
  SIGNALBOX_TRY(std::string text, read_source(path, version->elf));
  http::Response out = of_octets(text.size());
  out.body = std::move(text);
  return out;
}

http::Response DebuginfodService::metrics() const {
  http::Response out;
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = fmt::format(
      "# HELP signalbox_profile_symbols_total Requests for symbols.\n"
      "# TYPE signalbox_profile_symbols_total counter\n"
      "signalbox_profile_symbols_total{{result=\"found\"}} {}\n"
      "signalbox_profile_symbols_total{{result=\"missed\"}} {}\n",
      found_.load(), missed_.load());
  return out;
}

http::Route DebuginfodService::counted(std::string path, std::string summary, http::Handler handle) {
  http::Route out;
  out.path = std::move(path);
  out.summary = std::move(summary);
  out.role = http::Role::none;
  out.handle = [this, handle = std::move(handle)](const http::Request& request) {
    auto answer = handle(request);
    ++(answer ? found_ : missed_);
    return answer;
  };
  return out;
}

std::vector<http::Route> DebuginfodService::routes() {
  using http::Request;
  std::vector<http::Route> out;
  for (const SymbolKind kind : {SymbolKind::executable, SymbolKind::debuginfo})
    out.push_back(counted(fmt::format("/buildid/{{id}}/{}", name_of(kind)),
                          fmt::format("The {} of a build id", name_of(kind)),
                          [this, kind](const Request& request) { return file(request, kind); }));
  out.push_back(counted("/buildid/{id}/section/{name}", "A section of either file",
                        [this](const Request& request) { return section(request); }));
  out.push_back(counted("/buildid/{id}/source/{path*}", "A source file that the debug information names",
                        [this](const Request& request) { return source(request); }));
  http::Route numbers;
  numbers.path = "/metrics";
  numbers.summary = "How often something was found, for Prometheus";
  numbers.role = http::Role::none;
  numbers.handle = [this](const Request&) -> Result<http::Response> { return metrics(); };
  out.push_back(std::move(numbers));
  return out;
}

}  // namespace signalbox::profile
