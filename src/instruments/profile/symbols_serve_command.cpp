// `signalbox profile symbols serve`: a server that speaks debuginfod.
#include <cstdio>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/listen.hpp"
#include "core/http/own_names.hpp"
#include "core/http/server.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/symbols/debuginfod_service.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint16_t kUsualPort = 8002;  // debuginfod's own
constexpr std::size_t kWorkerThreads = 4;

Result<cli::Outcome> serve(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const http::Listen listen,
                http::parse_listen(arguments.get_or("--listen", "127.0.0.1"), kUsualPort));
  std::vector<std::filesystem::path> folders;
  for (const std::string& folder : arguments.positionals()) {
    std::error_code code;
    if (!std::filesystem::is_directory(folder, code))
      return fail(ErrorKind::not_found, printable(folder) + ": is no folder");
    folders.emplace_back(folder);
  }
  if (folders.empty()) folders.emplace_back("/usr/lib/debug");
  const SymbolStore store = SymbolStore::of_this_user();
  folders.push_back(store.root());
  const auto service = std::make_shared<DebuginfodService>(store, std::move(folders));
  const auto anybody = std::make_shared<http::OwnNames>("anybody", arguments.all("--host"));
  http::ServerOptions options;
  options.address = listen.address;
  options.port = listen.port;
  options.worker_threads = kWorkerThreads;
  SIGNALBOX_TRY(const std::unique_ptr<http::Server> server,
                http::Server::create(options, service->routes(), anybody));
  SIGNALBOX_CHECK(anybody->listens_on(listen.address, server->port()));
  server->handle_signals();
  const bool is_v6 = listen.address.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + listen.address + "]" : listen.address;
  std::fputs(fmt::format("http://{}:{}\n", host, server->port()).c_str(), stdout);
  std::fflush(stdout);
  context.say(
      fmt::format("names of {} are served; clients ask with DEBUGINFOD_URLS set to this address. "
                  "Ctrl-C ends the server.",
                  counted(service->known_files(), "program")));
  SIGNALBOX_CHECK(server->run());
  return cli::Outcome(cli::Artifact{});
}

}  // namespace

cli::Command symbols_serve_command() {
  cli::Command out;
  out.name = "serve";
  out.summary = "Serve programs, debug files and sources by build id";
  out.details =
      "Speaks the web API of debuginfod: gdb, perf, valgrind and signalbox profile ask it when "
      "DEBUGINFOD_URLS is "
      "set to its address, which is printed alone on a line. What `symbols push` kept is served, and what "
      "lies "
      "below the folders. The protocol knows no names: whoever reaches the address may ask. It speaks no "
      "TLS; put a "
      "proxy in front for that, and give its name with --host.";
  out.positionals = {{"FOLDER", "where else programs and debug files lie; /usr/lib/debug where none is given",
                      cli::Positional::Count::any}};
  out.options = {
      {.name = "--listen",
       .value = "ADDRESS:PORT",
       .help = "where; by default 127.0.0.1:8002, port 0 is any free one"},
      {.name = "--host", .value = "NAME", .help = "a name under which others reach it", .repeated = true}};
  out.run = serve;
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::profile
