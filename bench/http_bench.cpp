// The web server beside nginx: one entry of the log as `signalbox serve` answers it, beside a file of the
// same octets, and a constant body beside its file. wrk has a core for itself, the server that is measured
// another; the two take turns.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/http/server.hpp"

namespace {

using namespace signalbox;
namespace fs = std::filesystem;

constexpr int kPairs = 5;
constexpr std::size_t kConstantBytes = 922;

// A folder that is gone at the end.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("http_bench." + std::to_string(::getpid()));
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
};

// What wrk saw in one run.
struct Seen {
  double requests_per_second = 0;
  double p99_ms = 0;
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "http_bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(*result);
}

void write(const fs::path& path, std::string_view octets) {
  if (const Status status = write_file_atomically(path, octets); !status) give_up(status.error().message);
}

double milliseconds_of(std::string_view text) {
  const double value = std::strtod(std::string(text).c_str(), nullptr);
  if (text.ends_with("us")) return value / 1000;
  if (text.ends_with("ms")) return value;
  return value * 1000;
}

Seen run_wrk(const std::string& url, const std::string& header) {
  std::vector<std::string> command{"taskset", "-c", "1",  "wrk", "-t",   "1",         "-c",
                                   "32",      "-d", "2s", "-H",  header, "--latency", url};
  const ProcessResult ran = must(run_process(command));
  Seen seen;
  for (const std::string_view line : lines(ran.output)) {
    const std::string_view trimmed = trim(line);
    if (trimmed.starts_with("Requests/sec:"))
      seen.requests_per_second = std::strtod(std::string(trimmed.substr(13)).c_str(), nullptr);
    if (trimmed.starts_with("99%")) seen.p99_ms = milliseconds_of(trim(trimmed.substr(3)));
    if (trimmed.starts_with("Non-2xx") || trimmed.starts_with("Socket errors"))
      give_up(url + ": " + std::string(trimmed));
  }
  if (seen.requests_per_second <= 0) give_up(url + ": " + ran.output + ran.errors);
  return seen;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Both in turn, and one line for the throughput, one for the slowest hundredth.
void compare(const std::string& what, const std::string& ours, const std::string& header,
             const std::string& theirs, const char* floor, const char* goal) {
  std::vector<double> our_rate, their_rate, rate_ratio, our_p99, their_p99, p99_ratio;
  for (int pair = 0; pair < kPairs; ++pair) {
    const Seen a = run_wrk(ours, header);
    const Seen b = run_wrk(theirs, header);
    our_rate.push_back(a.requests_per_second);
    their_rate.push_back(b.requests_per_second);
    rate_ratio.push_back(a.requests_per_second / b.requests_per_second);
    our_p99.push_back(a.p99_ms);
    their_p99.push_back(b.p99_ms);
    p99_ratio.push_back(a.p99_ms / b.p99_ms);
  }
  const auto row = [&](const std::string& name, double our, double their, double ratio, const char* unit,
                       const char* better, const char* lowest, const char* wanted) {
    std::printf(
        "{\"bench\":\"http\",\"what\":\"%s\",\"ours\":%.2f,\"peer\":\"nginx, a file of the same octets\","
        "\"peer_value\":%.2f,\"ratio\":%.2f,\"unit\":\"%s\",\"better\":\"%s\",\"floor\":%s,\"goal\":%s,"
        "\"command\":\"bench/run http\"}\n",
        name.c_str(), our, their, ratio, unit, better, lowest, wanted);
  };
  row(what, median(our_rate), median(their_rate), median(rate_ratio), "requests/s", "higher", floor, goal);
  row(what + ": p99", median(our_p99), median(their_p99), median(p99_ratio), "ms", "lower", "null", "null");
  std::fflush(stdout);
}

// The constant's server: this program once more, on a core of its own.
class Open final : public http::Authenticator {
 public:
  Result<http::Principal> authenticate(const http::Request&) override {
    return http::Principal{"bench", http::Role::admin};
  }
  std::optional<Result<http::Principal>> authenticate_now(const http::Request& request) override {
    return authenticate(request);
  }
};

int serve_constant() {
  http::Route route;
  route.path = "/constant";
  const auto body = std::make_shared<const std::string>(kConstantBytes, 'x');
  const auto answer = [body](const http::Request&) {
    http::Response response;
    response.shared_body = body;
    return response;
  };
  route.handle = answer;
  route.at_hand = answer;
  auto server = must(http::Server::create({}, {route}, std::make_shared<Open>()));
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  server->handle_signals();
  return server->run() ? 0 : 1;
}

std::string first_line_with(Process& process, std::string_view needle) {
  std::string text;
  for (;;) {
    const std::string more = must(process.read());
    if (more.empty()) give_up("a server ended: " + text);
    text += more;
    const std::size_t found = text.find(needle);
    if (found != std::string::npos && text.find('\n', found) != std::string::npos)
      return text.substr(found, text.find('\n', found) - found);
  }
}

Process start_nginx(const fs::path& folder, int port) {
  const std::string configuration = fmt::format(
      "daemon off; master_process off; worker_processes 1; error_log {0}/error.log; pid {0}/nginx.pid;\n"
      "events {{ worker_connections 1024; }}\n"
      "http {{ access_log off; keepalive_requests 1000000000; sendfile on; tcp_nodelay on; open_file_cache "
      "max=100;\n"
      "  types {{ application/json json; }} client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n"
      "  fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n"
      "  server {{ listen 127.0.0.1:{1}; root {0}; }} }}\n",
      folder.string(), port);
  write(folder / "nginx.conf", configuration);
  fs::permissions(folder, fs::perms::others_exec | fs::perms::others_read, fs::perm_options::add);
  Process nginx = must(Process::start(
      {"taskset", "-c", "0", "nginx", "-p", folder.string(), "-c", (folder / "nginx.conf").string()}));
  http::ClientRequest probe;
  probe.url = fmt::format("http://127.0.0.1:{}/constant.json", port);
  for (int i = 0; i < 100; ++i) {
    if (const auto answer = http::send(probe); answer && answer->status == 200) return nginx;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  give_up("nginx does not answer");
}

// A port that was free a moment ago.
int free_port() {
  auto server = must(http::Server::create({}, {}, std::make_shared<Open>()));
  return server->port();
}

// `signalbox serve` in a workspace of its own with one entry in its log, signed in.
struct Served {
  Process process;
  std::string address;
  std::string cookie;
};

Served serve_entry(const fs::path& folder) {
  const char* const given = std::getenv("SIGNALBOX");
  const std::string door = given != nullptr ? given : testing::front_door().string();
  fs::create_directories(folder);
  ProcessOptions options;
  options.directory = folder;
  options.environment = {{"XDG_DATA_HOME", (folder / "data").string()}};
  const auto run = [&](std::vector<std::string> command) {
    const ProcessResult ran = must(run_process(command, options));
    if (ran.exit_code != 0) give_up(join(command, " ") + ": " + ran.output + ran.errors);
  };
  run({"git", "init", "-q"});
  run({"git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m",
       "feat: first"});
  write(folder / "result.json", "{\"tests\":412,\"failures\":0}");
  run({door, "evidence", "add", "json", "result.json", "--type", "https://signalbox.dev/bench/result/v1",
       "--subject", "sha256:" + std::string(64, 'a')});
  Process process =
      must(Process::start({"taskset", "-c", "0", door, "serve", "--listen", "127.0.0.1:0"}, options));
  const std::string link = std::string(trim(first_line_with(process, "http://127.0.0.1:")));
  http::ClientRequest open;
  open.url = link.substr(0, link.find(' '));
  const http::ClientResponse answer = must(http::send(open));
  const auto cookie = answer.headers.find("set-cookie");
  if (cookie == answer.headers.end()) give_up("no cookie from " + open.url);
  return {std::move(process), link.substr(0, link.find("/open")),
          cookie->second.substr(0, cookie->second.find(';'))};
}

void stop(Process& process) {
  ::kill(process.pid(), SIGTERM);
  static_cast<void>(process.wait());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--serve") return serve_constant();
  const Scratch scratch;
  Process constant = must(Process::start({"taskset", "-c", "0", own_executable().string(), "--serve"}));
  const std::string port(trim(must(constant.read())));
  write(scratch.path / "constant.json", std::string(kConstantBytes, 'x'));

  Served served = serve_entry(scratch.path / "workspace");
  http::ClientRequest request;
  request.url = served.address + "/api/v1/evidence/entries/0";
  request.headers = {{"Cookie", served.cookie}};
  const http::ClientResponse entry = must(http::send(request));
  if (entry.status != 200) give_up("the entry: " + entry.body);
  write(scratch.path / "entry.json", entry.body);

  const int nginx_port = free_port();
  Process nginx = start_nginx(scratch.path, nginx_port);
  const std::string theirs = fmt::format("http://127.0.0.1:{}/", nginx_port);
  compare(fmt::format("a constant body of {} octets", kConstantBytes),
          "http://127.0.0.1:" + port + "/constant", "X-Unused: 0", theirs + "constant.json", "1", "1.2");
  compare(fmt::format("GET /api/v1/evidence/entries/0, {} octets", entry.body.size()), request.url,
          "Cookie: " + served.cookie, theirs + "entry.json", "0.5", "0.8");
  stop(nginx);
  stop(served.process);
  stop(constant);
  return 0;
}
