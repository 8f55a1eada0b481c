#include "core/http/raw_client.hpp"

#include <array>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/text.hpp"

namespace signalbox::http::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Admits whoever comes, without asking.
class Trusting final : public Authenticator {
 public:
  Result<Principal> authenticate(const Request&) override { return Principal{"test", Role::admin}; }
  std::optional<Result<Principal>> authenticate_now(const Request& request) override {
    return authenticate(request);
  }
};

std::size_t answer_size(std::string_view text) {
  const std::size_t header = text.find("\r\n\r\n");
  if (header == std::string_view::npos) return std::string_view::npos;
  const std::string length = field_of(text, "Content-Length");
  return header + 4 + static_cast<std::size_t>(std::strtoull(length.c_str(), nullptr, 10));
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

RawClient::~RawClient() {
  close();
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

bool RawClient::send(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::finish() {
  ::shutdown(socket_, SHUT_WR);
}

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool RawClient::read_some(steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now()).count();
  pollfd ready{socket_, POLLIN, 0};
  if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 65536> piece{};
  const ssize_t size = ::recv(socket_, piece.data(), piece.size(), 0);
  if (size <= 0) return false;
  received_.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

std::string RawClient::read_all(milliseconds at_most) {
  const auto until = steady_clock::now() + at_most;
  while (read_some(until)) {
  }
  return std::exchange(received_, {});
}

std::string RawClient::read_until(std::string_view end, milliseconds at_most) {
  const auto until = steady_clock::now() + at_most;
  while (received_.find(end) == std::string::npos && read_some(until)) {
  }
  const std::size_t found = received_.find(end);
  if (found == std::string::npos) return std::exchange(received_, {});
  std::string out = received_.substr(0, found + end.size());
  received_.erase(0, out.size());
  return out;
}

std::string RawClient::read_answer(milliseconds at_most) {
  const auto until = steady_clock::now() + at_most;
  while (answer_size(received_) > received_.size() && read_some(until)) {
  }
  const std::size_t size = std::min(answer_size(received_), received_.size());
  std::string out = received_.substr(0, size);
  received_.erase(0, size);
  return out;
}

bool RawClient::is_closed_within(milliseconds at_most) {
  const auto until = steady_clock::now() + at_most;
  while (read_some(until)) {
  }
  return steady_clock::now() < until;
}

std::shared_ptr<Authenticator> trusting() {
  return std::make_shared<Trusting>();
}

RunningServer::RunningServer(std::vector<Route> routes, ServerOptions options,
                             std::shared_ptr<Authenticator> authenticator)
    : server_(Server::create(std::move(options), std::move(routes), std::move(authenticator)).value()),
      thread_([this] { ended_ = server_->run(); }) {}

RunningServer::~RunningServer() {
  static_cast<void>(stop());
}

Status RunningServer::stop() {
  if (thread_.joinable()) {
    server_->stop();
    thread_.join();
  }
  return ended_;
}

std::string RunningServer::get(std::string_view path, std::string_view more_headers) const {
  RawClient client = connect();
  client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
              std::string(more_headers) + "\r\n");
  return client.read_all();
}

int status_of(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) return 0;
  return static_cast<int>(parse_integer(answer.substr(9, 3)).value_or(0));
}

std::string body_of(std::string_view answer) {
  const std::size_t header = answer.find("\r\n\r\n");
  return header == std::string_view::npos ? "" : std::string(answer.substr(header + 4));
}

std::string field_of(std::string_view answer, std::string_view name) {
  const std::string_view header = answer.substr(0, answer.find("\r\n\r\n"));
  for (const std::string_view line : lines(header)) {
    const std::size_t colon = line.find(':');
    if (colon == name.size() && starts_with_ignoring_case(line, name))
      return std::string(trim(line.substr(colon + 1)));
  }
  return "";
}

Route route_for(Method method, std::string path, Handler handle) {
  Route route;
  route.method = method;
  route.path = std::move(path);
  route.summary = "A route of a test";
  route.handle = std::move(handle);
  return route;
}

}  // namespace signalbox::http::testing
