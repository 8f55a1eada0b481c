#include "commands/evidence/tile_http.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "core/remote/witness_http.hpp"

namespace signalbox::evidence_command {
namespace {

constexpr std::chrono::milliseconds kDeadline{30'000};

class Address final : public evidence::TileSource {
 public:
  explicit Address(std::string url) : url_(std::move(url)) {}

  Result<std::string> read(const std::string& path) const override {
    http::ClientRequest request;
    request.url = url_ + "/" + path;
    request.deadline = kDeadline;
    request.max_response_bytes = kMaxFileBytes;
    if (const char* file = std::getenv("SIGNALBOX_CA_FILE"); file != nullptr) request.ca_file = file;
    SIGNALBOX_TRY(http::ClientResponse response, http::send(request));
    if (response.status == 200) return std::move(response.body);
    const bool is_gone = response.status == 404 || response.status == 410;
    return fail(is_gone ? ErrorKind::not_found : ErrorKind::unavailable,
                fmt::format("{}: answers {}", request.url, response.status));
  }

 private:
  std::string url_;
};

}  // namespace

Result<std::unique_ptr<evidence::TileSource>> tile_source(const std::string& where) {
  if (where.starts_with("http://") || where.starts_with("https://")) {
    SIGNALBOX_TRY(std::string url, remote::witness_url(where));
    return std::make_unique<Address>(std::move(url));
  }
  if (!std::filesystem::is_directory(where))
    return fail(ErrorKind::not_found, printable(where) + ": no folder and no address of a log",
                "https://HOST/evidence, or a folder that 'signalbox evidence log export' wrote");
  return evidence::tiles_in(where);
}

}  // namespace signalbox::evidence_command
